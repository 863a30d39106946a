#pragma once
#include <cassert>
#include <cstdint>
#include <optional>
#include <pgreactor/values/append_value.hpp>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/optional.hpp>
#include <pgreactor/values/range_layout.hpp>
#include <pgreactor/values/range_text.hpp>
#include <string>
#include <utility>

namespace pgreactor {

/// Does a bound belong to its range?
enum class Bound : bool { exclusive, inclusive };

/// A range of the server: all values between two bounds, either of which may be missing (the range
/// goes on without end), or no value at all.
/// Shape   [lower, upper) unless other bounds are asked for. A missing bound is exclusive.
/// Errors  the server refuses a lower bound above the upper one, and writes int4range, int8range
///         and daterange as [lower, upper) whatever they were made of.
/// Source  postgresql.org/docs/current/rangetypes.html
template <class T>
class Range {
 public:
  /// No value at all: "empty".
  Range() = default;
  Range(std::optional<T> lower, std::optional<T> upper, Bound lower_bound = Bound::inclusive,
        Bound upper_bound = Bound::exclusive)
      : lower_(std::move(lower)),
        upper_(std::move(upper)),
        empty_(false),
        lower_inclusive_(lower_ && lower_bound == Bound::inclusive),
        upper_inclusive_(upper_ && upper_bound == Bound::inclusive) {}

  bool empty() const noexcept { return empty_; }
  /// nullopt: without end on that side, or empty().
  const std::optional<T>& lower() const noexcept { return lower_; }
  const std::optional<T>& upper() const noexcept { return upper_; }
  bool lower_inclusive() const noexcept { return lower_inclusive_; }
  bool upper_inclusive() const noexcept { return upper_inclusive_; }
  bool contains(const T& value) const {
    if (empty_) return false;
    const bool above = !lower_ || (lower_inclusive_ ? *lower_ <= value : *lower_ < value);
    const bool below = !upper_ || (upper_inclusive_ ? value <= *upper_ : value < *upper_);
    return above && below;
  }

  friend bool operator==(const Range&, const Range&) = default;

 private:
  std::optional<T> lower_;
  std::optional<T> upper_;
  bool empty_ = true;
  bool lower_inclusive_ = false;
  bool upper_inclusive_ = false;
};

template <class T>
inline constexpr bool keeps_view<Range<T>> = keeps_view<T>;

namespace detail {

/// The type of the bounds of `type`, 0 when only the server knows it; nothing when `type` is known
/// here and is no range.
constexpr std::optional<Oid> bound_type_of(Oid type) noexcept {
  if (const Oid bound = range_bound_type(type); bound != oid::unspecified) return bound;
  if (is_application_type(type)) return oid::unspecified;
  return std::nullopt;
}

}  // namespace detail

/// Range<T> <-> a range whose bounds convert; a range type of the application's goes and comes as
/// text, its bounds as T's natural type.
/// Errors  those of the bounds; type_mismatch for views of what comes as text.
template <class T>
  requires(Value<T> && !Nullable<T>)
struct ValueCodec<Range<T>> {
  using Codec = ValueCodec<T>;
  static constexpr Oid natural_type =
      detail::find_range_type(&detail::RangeType::bound, Codec::natural_type).range;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    const auto bound = detail::bound_type_of(type);
    return bound ? Codec::parameter_format(*bound) : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, const Range<T>& value, Oid type) {
    const auto bound = detail::bound_type_of(type);
    if (!bound) return EncodeError::type_mismatch;
    return Codec::parameter_format(*bound) == FormatCode::binary ? encode_binary(out, value, *bound)
                                                                 : encode_text(out, value, *bound);
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, Range<T>& value) {
    const auto bound = detail::bound_type_of(type);
    if (!bound) return DecodeError::type_mismatch;
    if (format == FormatCode::binary) {
      detail::RangeParts<Bytes> parts;
      if (*bound == oid::unspecified) return DecodeError::type_mismatch;
      const DecodeError error = detail::read_range(in, parts);
      return error == DecodeError::none ? assemble(parts, *bound, format, value) : error;
    }
    if constexpr (keeps_view<T>) {
      return DecodeError::type_mismatch;  // what was escaped has no bytes to point at
    } else {
      detail::RangeParts<std::string> parts;
      const DecodeError error = detail::parse_range(as_text(in), parts);
      const Oid text_type = *bound == oid::unspecified ? Codec::natural_type : *bound;
      return error == DecodeError::none ? assemble(parts, text_type, format, value) : error;
    }
  }

 private:
  static EncodeError encode_binary(ByteBuffer& out, const Range<T>& value, Oid bound) {
    using Flags = detail::RangeFlags;
    const unsigned flags = value.empty()
                               ? unsigned{Flags::empty}
                               : (value.lower_inclusive() ? Flags::lower_inclusive : 0u) |
                                     (value.upper_inclusive() ? Flags::upper_inclusive : 0u) |
                                     (value.lower() ? 0u : Flags::no_lower) |
                                     (value.upper() ? 0u : Flags::no_upper);
    detail::append_fixed(out, static_cast<std::uint8_t>(flags));
    for (const std::optional<T>* each : {&value.lower(), &value.upper()}) {
      if (!*each) continue;
      const EncodeError error = detail::append_value(out, **each, bound);
      if (error != EncodeError::none) return error;
    }
    return EncodeError::none;
  }
  static EncodeError encode_text(ByteBuffer& out, const Range<T>& value, Oid bound) {
    detail::RangeParts<std::string> parts;
    parts.empty = value.empty();
    parts.lower_inclusive = value.lower_inclusive();
    parts.upper_inclusive = value.upper_inclusive();
    for (const auto& [from, to] :
         {std::pair{&value.lower(), &parts.lower}, std::pair{&value.upper(), &parts.upper}}) {
      if (!*from) continue;
      ByteBuffer text;
      if (const EncodeError error = Codec::encode(text, **from, bound); error != EncodeError::none)
        return error;
      *to = std::string{as_text(text.bytes())};
    }
    std::string text;
    detail::append_range(text, parts);
    out.append(std::string_view{text});
    return EncodeError::none;
  }

  template <class Part>
  static DecodeError assemble(const detail::RangeParts<Part>& parts, Oid bound, FormatCode format,
                              Range<T>& value) {
    if (parts.empty) {
      value = Range<T>{};
      return DecodeError::none;
    }
    std::optional<T> lower;
    std::optional<T> upper;
    for (const auto& [from, to] :
         {std::pair{&parts.lower, &lower}, std::pair{&parts.upper, &upper}}) {
      if (!*from) continue;
      const DecodeError error =
          Codec::decode(detail::bytes_of(**from), bound, format, to->emplace());
      if (error != DecodeError::none) return error;
    }
    const auto bound_of = [](bool inclusive) {
      return inclusive ? Bound::inclusive : Bound::exclusive;
    };
    value = Range<T>{std::move(lower), std::move(upper), bound_of(parts.lower_inclusive),
                     bound_of(parts.upper_inclusive)};
    return DecodeError::none;
  }
};

}  // namespace pgreactor
