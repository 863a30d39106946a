#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/floating_text.hpp>
#include <pgreactor/values/integral.hpp>
#include <pgreactor/values/numeric.hpp>
#include <pgreactor/values/wire_value.hpp>

namespace pgreactor {

namespace detail {

/// float8 -> float. A decoder refuses what a float cannot hold exactly: 0.1 as float8 is another
/// number than 0.1 as float4.
template <std::floating_point F>
DecodeError narrow_exactly(double wide, F& value) noexcept {
  value = static_cast<F>(wide);
  const bool same = std::isnan(wide) || static_cast<double>(value) == wide;
  return same ? DecodeError::none : DecodeError::out_of_range;
}

template <std::floating_point Wire, std::floating_point F>
DecodeError read_floating(Bytes in, F& value) noexcept {
  BitsOf<Wire> bits = 0;
  if (const DecodeError error = read_fixed(in, bits); error != DecodeError::none) return error;
  if constexpr (sizeof(Wire) <= sizeof(F)) {
    value = std::bit_cast<Wire>(bits);
    return DecodeError::none;
  } else {
    return narrow_exactly(std::bit_cast<Wire>(bits), value);
  }
}

template <Integer Wire, std::floating_point F>
DecodeError exactly(Wire integer, F& value) noexcept {
  if (!is_exact_in<F>(integer)) return DecodeError::out_of_range;
  value = static_cast<F>(integer);
  return DecodeError::none;
}

template <Integer Wire, std::floating_point F>
DecodeError read_integer_as_floating(Bytes in, F& value) noexcept {
  Wire integer = 0;
  const DecodeError error = read_fixed(in, integer);
  return error == DecodeError::none ? exactly(integer, value) : error;
}

/// double -> float4 rounds, as the server's cast does, and refuses what the cast refuses: a finite
/// value that would become infinite, a value that would become zero.
template <std::floating_point Wire, std::floating_point F>
EncodeError append_floating_bits(ByteBuffer& out, F value) {
  const auto narrow = static_cast<Wire>(value);
  if (std::isinf(narrow) != std::isinf(value) || (narrow == 0) != (value == 0))
    return EncodeError::out_of_range;
  append_fixed(out, std::bit_cast<BitsOf<Wire>>(narrow));
  return EncodeError::none;
}

}  // namespace detail

/// float and double.
/// Parameter  float4 (rounded), float8, numeric (the shortest decimal that reads back the same).
///            Not the integer types.
/// Column     float4, float8; numeric (the nearest); int2, int4, int8, oid when exact.
/// Errors     out_of_range: a float8 or an integer that this type does not hold exactly; a numeric
///            beyond its range.
template <std::floating_point F>
  requires(detail::OneOf<F, float, double>)
struct ValueCodec<F> {
  static constexpr Oid natural_type = sizeof(F) == 4 ? oid::float4 : oid::float8;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    const bool binary = type == oid::float8 || type == oid::float4 || type == oid::numeric;
    return binary ? FormatCode::binary : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, F value, Oid type) {
    switch (type) {
      case oid::float8:
        return detail::append_floating_bits<double>(out, value);
      case oid::float4:
        return detail::append_floating_bits<float>(out, value);
      case oid::numeric:
        Numeric{value}.write(out);
        return EncodeError::none;
      default:
        if (!is_application_type(type)) return EncodeError::type_mismatch;
        std::string text;
        detail::append_floating(text, value);
        out.append(std::string_view{text});
        return EncodeError::none;
    }
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, F& value) {
    if (format == FormatCode::binary && type == natural_type) [[likely]]
      return detail::read_floating<F>(in, value);
    return format == FormatCode::binary ? decode_binary(in, type, value)
                                        : decode_text(as_text(in), type, value);
  }

 private:
  // Apart from decode(), so that its usual case stays a few inline instructions.
  [[gnu::noinline]] static DecodeError decode_binary(Bytes in, Oid type, F& value) {
    switch (type) {
      case oid::float8:
        return detail::read_floating<double>(in, value);
      case oid::float4:
        return detail::read_floating<float>(in, value);
      case oid::int2:
        return detail::read_integer_as_floating<std::int16_t>(in, value);
      case oid::int4:
        return detail::read_integer_as_floating<std::int32_t>(in, value);
      case oid::int8:
        return detail::read_integer_as_floating<std::int64_t>(in, value);
      case oid::oid:
        return detail::read_integer_as_floating<std::uint32_t>(in, value);
      case oid::numeric: {
        Numeric numeric;
        if (const DecodeError error = Numeric::read(in, numeric); error != DecodeError::none)
          return error;
        const Decoded<F> nearest = numeric.template to_floating<F>();
        if (nearest) value = *nearest;
        return nearest.error();
      }
      default:
        return DecodeError::type_mismatch;
    }
  }
  [[gnu::noinline]] static DecodeError decode_text(std::string_view text, Oid type, F& value) {
    switch (type) {
      case oid::float4: {
        float narrow = 0;  // its few digits name a float; as a double they name another number
        const DecodeError error = detail::parse_floating(text, narrow);
        if (error == DecodeError::none) value = narrow;
        return error;
      }
      case oid::float8: {
        double wide = 0;
        const DecodeError error = detail::parse_floating(text, wide);
        return error == DecodeError::none ? detail::narrow_exactly(wide, value) : error;
      }
      case oid::numeric:
        return detail::parse_floating(text, value);
      case oid::int2:
      case oid::int4:
      case oid::int8:
      case oid::oid: {
        std::int64_t integer = 0;
        const DecodeError error = detail::parse_integer(text, integer);
        return error == DecodeError::none ? detail::exactly(integer, value) : error;
      }
      default:
        return DecodeError::type_mismatch;
    }
  }
};

}  // namespace pgreactor
