#pragma once
#include <cstddef>
#include <cstdint>
#include <pgreactor/values/range.hpp>
#include <string>
#include <utility>
#include <vector>

namespace pgreactor {

/// A multirange of the server: ranges in order, none empty, none touching another.
/// Errors  an object keeps the ranges as they were given; the server sorts and joins them.
/// Source  postgresql.org/docs/current/rangetypes.html, from version 14 on
template <class T>
class Multirange {
 public:
  Multirange() = default;
  explicit Multirange(std::vector<Range<T>> ranges) : ranges_(std::move(ranges)) {}

  const std::vector<Range<T>>& ranges() const noexcept { return ranges_; }
  bool empty() const noexcept { return ranges_.empty(); }
  bool contains(const T& value) const {
    for (const Range<T>& range : ranges_)
      if (range.contains(value)) return true;
    return false;
  }
  friend bool operator==(const Multirange&, const Multirange&) = default;

 private:
  std::vector<Range<T>> ranges_;
};

template <class T>
inline constexpr bool keeps_view<Multirange<T>> = keeps_view<T>;

namespace detail {

/// The type of the ranges of `type`, 0 when only the server knows it; nothing when `type` is known
/// here and is no multirange.
constexpr std::optional<Oid> range_type_of(Oid type) noexcept {
  if (const Oid range = multirange_range_type(type); range != oid::unspecified) return range;
  if (is_application_type(type)) return oid::unspecified;
  return std::nullopt;
}

// i32 ranges, then for each:
//   i32 length
//   u8[length]
// Source  src/backend/utils/adt/multirangetypes.c, multirange_send
//
/// Reads up to the ranges. Their number is bounded by the bytes that are left.
inline DecodeError read_multirange_count(ValueReader& in, std::size_t& count) noexcept {
  const auto signed_count = in.number<std::int32_t>();
  if (in.ran_short()) return DecodeError::truncated;
  if (signed_count < 0) return DecodeError::invalid;
  count = static_cast<std::size_t>(signed_count);
  constexpr std::size_t smallest = sizeof(std::int32_t) + sizeof(std::uint8_t);
  return count > in.remaining() / smallest ? DecodeError::truncated : DecodeError::none;
}

/// Takes the bytes of one range, which is never NULL.
inline DecodeError read_multirange_part(ValueReader& in, Bytes& range) noexcept {
  bool null = false;
  const DecodeError error = read_array_element(in, range, null);
  return error == DecodeError::none && null ? DecodeError::invalid : error;
}

}  // namespace detail

/// Multirange<T> <-> a multirange whose bounds convert; see Range.
template <class T>
  requires(Value<T> && !Nullable<T>)
struct ValueCodec<Multirange<T>> {
  using Codec = ValueCodec<Range<T>>;
  static constexpr Oid natural_type =
      detail::find_range_type(&detail::RangeType::range, Codec::natural_type).multirange;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    const auto range = detail::range_type_of(type);
    return range ? Codec::parameter_format(*range) : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, const Multirange<T>& value, Oid type) {
    const auto range = detail::range_type_of(type);
    if (!range) return EncodeError::type_mismatch;
    const bool binary = Codec::parameter_format(*range) == FormatCode::binary;
    char before = '{';
    if (binary) detail::append_fixed(out, static_cast<std::int32_t>(value.ranges().size()));
    for (const Range<T>& each : value.ranges()) {
      if (!binary) detail::append_fixed(out, std::exchange(before, ','));
      const EncodeError error =
          binary ? detail::append_value(out, each, *range) : Codec::encode(out, each, *range);
      if (error != EncodeError::none) return error;
    }
    if (!binary) out.append(std::string_view{before == '{' ? "{}" : "}"});
    return EncodeError::none;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, Multirange<T>& value) {
    const auto range = detail::range_type_of(type);
    if (!range) return DecodeError::type_mismatch;
    std::vector<Range<T>> ranges;
    const DecodeError error = format == FormatCode::binary
                                  ? decode_binary(in, *range, ranges)
                                  : decode_text(as_text(in), *range, ranges);
    if (error == DecodeError::none) value = Multirange<T>{std::move(ranges)};
    return error;
  }

 private:
  static DecodeError decode_binary(Bytes in, Oid range, std::vector<Range<T>>& ranges) {
    detail::ValueReader reader{in};
    std::size_t count = 0;
    DecodeError error = detail::read_multirange_count(reader, count);
    for (std::size_t i = 0; i < count && error == DecodeError::none; ++i) {
      Bytes bytes;
      error = detail::read_multirange_part(reader, bytes);
      if (error == DecodeError::none)
        error = Codec::decode(bytes, range, FormatCode::binary, ranges.emplace_back());
    }
    return error == DecodeError::none ? reader.error() : error;
  }
  static DecodeError decode_text(std::string_view text, Oid range, std::vector<Range<T>>& ranges) {
    detail::TextScanner in{text};
    if (!in.accept('{')) return DecodeError::invalid;
    if (in.accept('}')) return in.at_end() ? DecodeError::none : DecodeError::trailing;
    do {
      const std::string_view before = in.rest();
      detail::RangeParts<std::string> parts;
      DecodeError error = detail::scan_range(in, parts);
      const std::string_view taken = before.substr(0, before.size() - in.rest().size());
      if (error == DecodeError::none)
        error = Codec::decode(as_bytes(taken), range, FormatCode::text, ranges.emplace_back());
      if (error != DecodeError::none) return error;
    } while (in.accept(','));
    if (!in.accept('}')) return DecodeError::invalid;
    return in.at_end() ? DecodeError::none : DecodeError::trailing;
  }
};

}  // namespace pgreactor
