#pragma once
#include <pgreactor/values/numeric.hpp>

namespace pgreactor {

inline void Numeric::strip_zero_groups() noexcept {
  while (!groups_.empty() && groups_.back() == 0) groups_.pop_back();
  std::size_t leading = 0;
  while (leading < groups_.size() && groups_[leading] == 0) ++leading;
  groups_.erase(groups_.begin(), groups_.begin() + static_cast<std::ptrdiff_t>(leading));
  weight_ -= static_cast<std::int32_t>(leading);
  if (!groups_.empty()) return;
  weight_ = 0;
  kind_ = Kind::positive;
}

/// Digits after the decimal point up to the last that is not zero.
inline std::int64_t Numeric::decimals_used() const noexcept {
  const std::int64_t fraction_groups = static_cast<std::int64_t>(groups_.size()) - 1 - weight_;
  if (groups_.empty() || fraction_groups <= 0) return 0;
  std::int64_t digits = fraction_groups * 4;
  for (unsigned last = groups_.back(); last % 10 == 0; last /= 10) --digits;
  return digits;
}

// i16 groups (read as u16)   how many groups of four decimal digits follow
// i16 weight                 the first group counts 10000^weight
// u16 sign                   see Kind; with NaN and the infinities weight and scale mean nothing
// u16 scale                  decimals shown, 0..16383
// u16 group[groups]          0..9999 each
// Source  src/backend/utils/adt/numeric.c, numeric_send
inline DecodeError Numeric::read(Bytes in, Numeric& value) {
  detail::ValueReader reader{in};
  const auto count = reader.number<std::uint16_t>();
  const auto weight = reader.number<std::int16_t>();
  const auto kind = static_cast<Kind>(reader.number<std::uint16_t>());
  const auto scale = reader.number<std::uint16_t>();
  if (reader.ran_short()) return DecodeError::truncated;
  if (count > reader.remaining() / sizeof(std::uint16_t)) return DecodeError::truncated;

  switch (kind) {
    case Kind::positive:
    case Kind::negative:
      break;
    case Kind::nan:
    case Kind::infinity:
    case Kind::minus_infinity:
      if (count != 0) return DecodeError::invalid;
      value = Numeric{kind};
      return reader.error();
    default:
      return DecodeError::invalid;
  }
  if (scale > max_scale) return DecodeError::invalid;

  value.kind_ = kind;
  value.scale_ = scale;
  value.weight_ = weight;
  value.groups_.resize(count);
  for (std::uint16_t& group : value.groups_) {
    group = reader.number<std::uint16_t>();
    if (group > 9'999) return DecodeError::invalid;
  }
  value.strip_zero_groups();
  if (value.decimals_used() > scale) return DecodeError::invalid;
  return reader.error();
}

inline void Numeric::write(ByteBuffer& out) const {
  // At most 32768 groups before the point and 4096 after it.
  detail::append_fixed(out, static_cast<std::uint16_t>(groups_.size()));
  detail::append_fixed(out, static_cast<std::int16_t>(weight_));
  detail::append_fixed(out, static_cast<std::uint16_t>(kind_));
  detail::append_fixed(out, scale_);
  for (const std::uint16_t group : groups_) detail::append_fixed(out, group);
}

/// Numeric <-> numeric.
/// Parameter  also int2, int4, int8, oid, xid, cid, when it has no fraction and is in range.
/// Column     also those integer types.
template <>
struct ValueCodec<Numeric> {
  static constexpr Oid natural_type = oid::numeric;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return type == oid::numeric || is_integer_type(type) ? FormatCode::binary : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, const Numeric& value, Oid type) {
    switch (type) {
      case oid::numeric:
        value.write(out);
        return EncodeError::none;
      case oid::int8:
        return append_integer<std::int64_t>(out, value);
      case oid::int4:
        return append_integer<std::int32_t>(out, value);
      case oid::int2:
        return append_integer<std::int16_t>(out, value);
      case oid::oid:
      case oid::xid:
      case oid::cid:
        return append_integer<std::uint32_t>(out, value);
      default:
        if (!is_application_type(type)) return EncodeError::type_mismatch;
        out.append(std::string_view{value.to_string()});
        return EncodeError::none;
    }
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, Numeric& value) {
    if (type != oid::numeric && !is_integer_type(type)) return DecodeError::type_mismatch;
    if (format == FormatCode::text) {
      Decoded<Numeric> parsed = Numeric::parse(as_text(in));
      if (!parsed) return parsed.error();
      value = *std::move(parsed);
      return DecodeError::none;
    }
    switch (type) {
      case oid::numeric:
        return Numeric::read(in, value);
      case oid::int8:
        return read_integer<std::int64_t>(in, value);
      case oid::int4:
        return read_integer<std::int32_t>(in, value);
      case oid::int2:
        return read_integer<std::int16_t>(in, value);
      default:
        return read_integer<std::uint32_t>(in, value);
    }
  }

 private:
  static constexpr bool is_integer_type(Oid type) noexcept {
    return type == oid::int2 || type == oid::int4 || type == oid::int8 || type == oid::oid ||
           type == oid::xid || type == oid::cid;
  }
  template <detail::Integer Wire>
  static EncodeError append_integer(ByteBuffer& out, const Numeric& value) {
    const Decoded<Wire> integer = value.to_integer<Wire>();
    if (!integer) return EncodeError::out_of_range;
    detail::append_fixed(out, *integer);
    return EncodeError::none;
  }
  template <detail::Integer Wire>
  static DecodeError read_integer(Bytes in, Numeric& value) {
    Wire integer = 0;
    const DecodeError error = detail::read_fixed(in, integer);
    if (error == DecodeError::none) value = Numeric{integer};
    return error;
  }
};

}  // namespace pgreactor
