#pragma once
#include <bit>
#include <cassert>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/integral.hpp>
#include <pgreactor/values/numeric.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <utility>

namespace pgreactor {

namespace detail {

/// The smallest server type that holds every T: int2, int4, int8, and numeric for 64 unsigned bits.
template <Integer T>
inline constexpr Oid integer_type = std::numeric_limits<T>::digits <= 15   ? oid::int2
                                    : std::numeric_limits<T>::digits <= 31 ? oid::int4
                                    : std::numeric_limits<T>::digits <= 63 ? oid::int8
                                                                           : oid::numeric;

template <Integer Wire, Integer T>
DecodeError narrow(Wire wide, T& value) noexcept {
  if (!std::in_range<T>(wide)) return DecodeError::out_of_range;
  value = static_cast<T>(wide);
  return DecodeError::none;
}

template <Integer Wire, Integer T>
DecodeError read_integer(Bytes in, T& value) noexcept {
  Wire wide = 0;
  const DecodeError error = read_fixed(in, wide);
  return error == DecodeError::none ? narrow(wide, value) : error;
}

template <Integer T>
DecodeError integer_of(const Numeric& numeric, T& value) noexcept {
  const Decoded<T> integer = numeric.template to_integer<T>();
  if (!integer) return integer.error();
  value = *integer;
  return DecodeError::none;
}

template <Integer Wire, Integer T>
EncodeError append_integer(ByteBuffer& out, T value) {
  if (!std::in_range<Wire>(value)) return EncodeError::out_of_range;
  append_fixed(out, static_cast<Wire>(value));
  return EncodeError::none;
}

template <std::floating_point Wire, Integer T>
EncodeError append_as_floating(ByteBuffer& out, T value) {
  if (!is_exact_in<Wire>(value)) return EncodeError::out_of_range;
  append_fixed(out, std::bit_cast<BitsOf<Wire>>(static_cast<Wire>(value)));
  return EncodeError::none;
}

}  // namespace detail

/// Integers of every width and sign (not char and bool, which are no numbers here).
/// Parameter  int2, int4, int8, oid, xid, cid, xid8, regclass and its kin in the server's width;
///            numeric; float4 and float8 when exact; the decimal text for the text family and for
///            application types.
/// Column     int2, int4, int8, oid, xid, cid, xid8; numeric without a fraction. Not float4 and
///            float8; not regclass, which arrives as a name: select it as oid.
/// Errors     out_of_range when the value does not fit the other side.
template <detail::Integer T>
struct ValueCodec<T> {
  static constexpr Oid natural_type = detail::integer_type<T>;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    switch (type) {
      case oid::int2:
      case oid::int4:
      case oid::int8:
      case oid::oid:
      case oid::xid:
      case oid::cid:
      case oid::numeric:
      case oid::float4:
      case oid::float8:
        return FormatCode::binary;
      default:
        return rare_parameter_format(type);
    }
  }
  static EncodeError encode(ByteBuffer& out, T value, Oid type) {
    switch (type) {
      case oid::int8:
        return detail::append_integer<std::int64_t>(out, value);
      case oid::int4:
        return detail::append_integer<std::int32_t>(out, value);
      case oid::int2:
        return detail::append_integer<std::int16_t>(out, value);
      case oid::oid:
      case oid::xid:
      case oid::cid:
        return detail::append_integer<std::uint32_t>(out, value);
      case oid::numeric:
        Numeric{value}.write(out);
        return EncodeError::none;
      case oid::float4:
        return detail::append_as_floating<float>(out, value);
      case oid::float8:
        return detail::append_as_floating<double>(out, value);
      default:
        return encode_rare(out, value, type);
    }
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, T& value) {
    constexpr bool same_layout = std::is_signed_v<T> && sizeof(T) >= sizeof(std::int16_t);
    if (same_layout && format == FormatCode::binary && type == natural_type) [[likely]]
      return detail::read_fixed(in, value);
    if (format == FormatCode::binary) {
      switch (type) {
        case oid::int8:
          return detail::read_integer<std::int64_t>(in, value);
        case oid::int4:
          return detail::read_integer<std::int32_t>(in, value);
        case oid::int2:
          return detail::read_integer<std::int16_t>(in, value);
        default:
          return decode_rare(in, type, value);
      }
    }
    return decode_text(in, type, value);
  }

 private:
  static constexpr FormatCode rare_parameter_format(Oid type) noexcept {
    const bool binary = is_text_family(type) || type == oid::xid8 || is_oid_alias(type);
    return binary ? FormatCode::binary : FormatCode::text;
  }
  static EncodeError encode_rare(ByteBuffer& out, T value, Oid type) {
    if (is_text_family(type) || is_application_type(type)) return append_text(out, value);
    if (type == oid::xid8) return detail::append_integer<std::uint64_t>(out, value);
    return is_oid_alias(type) ? detail::append_integer<std::uint32_t>(out, value)
                              : EncodeError::type_mismatch;
  }
  static EncodeError append_text(ByteBuffer& out, T value) {
    char digits[std::numeric_limits<T>::digits10 + 3];  // one digit more, and a sign
    const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
    assert(error == std::errc{});
    out.append(digits, static_cast<std::size_t>(end - digits));
    return EncodeError::none;
  }
  // Apart from decode(), so that its usual cases stay a few inline instructions.
  [[gnu::noinline]] static DecodeError decode_rare(Bytes in, Oid type, T& value) {
    if (type == oid::oid || type == oid::xid || type == oid::cid || is_oid_alias(type))
      return detail::read_integer<std::uint32_t>(in, value);
    if (type == oid::xid8) return detail::read_integer<std::uint64_t>(in, value);
    if (type != oid::numeric) return DecodeError::type_mismatch;
    Numeric numeric;
    const DecodeError error = Numeric::read(in, numeric);
    return error == DecodeError::none ? detail::integer_of(numeric, value) : error;
  }
  [[gnu::noinline]] static DecodeError decode_text(Bytes in, Oid type, T& value) {
    switch (type) {
      case oid::int2:
      case oid::int4:
      case oid::int8:
      case oid::oid:
      case oid::xid:
      case oid::cid: {
        std::int64_t wide = 0;
        const DecodeError error = detail::parse_integer(as_text(in), wide);
        return error == DecodeError::none ? detail::narrow(wide, value) : error;
      }
      case oid::xid8: {
        std::uint64_t wide = 0;
        const DecodeError error = detail::parse_integer(as_text(in), wide);
        return error == DecodeError::none ? detail::narrow(wide, value) : error;
      }
      case oid::numeric: {
        const Decoded<Numeric> numeric = Numeric::parse(as_text(in));
        return numeric ? detail::integer_of(*numeric, value) : numeric.error();
      }
      default:
        return DecodeError::type_mismatch;
    }
  }
};

}  // namespace pgreactor
