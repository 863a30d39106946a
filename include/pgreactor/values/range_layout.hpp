#pragma once
#include <cstdint>
#include <optional>
#include <pgreactor/values/array_layout.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>

namespace pgreactor::detail {

/// A range whose bounds are not looked into: bytes of the binary form, or text.
template <class Part>
struct RangeParts {
  bool empty = false;
  bool lower_inclusive = false;
  bool upper_inclusive = false;
  std::optional<Part> lower;
  std::optional<Part> upper;
};

inline Bytes bytes_of(Bytes part) noexcept { return part; }
inline Bytes bytes_of(const std::string& part) noexcept { return as_bytes(part); }

struct RangeFlags {
  static constexpr unsigned empty = 0x01;
  static constexpr unsigned lower_inclusive = 0x02;
  static constexpr unsigned upper_inclusive = 0x04;
  static constexpr unsigned no_lower = 0x08;
  static constexpr unsigned no_upper = 0x10;
  static constexpr unsigned known = 0x1f;
};

// u8 flags
// then the lower bound and the upper one, where the range has them:
//   i32 length
//   u8[length]
// Source  src/backend/utils/adt/rangetypes.c, range_send
inline DecodeError read_range(Bytes in, RangeParts<Bytes>& parts) noexcept {
  ValueReader reader{in};
  const unsigned flags = reader.number<std::uint8_t>();
  if (reader.ran_short()) return DecodeError::truncated;
  if ((flags & ~RangeFlags::known) != 0) return DecodeError::invalid;
  parts.empty = (flags & RangeFlags::empty) != 0;
  if (parts.empty) return reader.error();
  parts.lower_inclusive = (flags & RangeFlags::lower_inclusive) != 0;
  parts.upper_inclusive = (flags & RangeFlags::upper_inclusive) != 0;
  const auto read_bound = [&](std::optional<Bytes>& bound) {
    bool null = false;
    const DecodeError error = read_array_element(reader, bound.emplace(), null);
    return error == DecodeError::none && null ? DecodeError::invalid : error;
  };
  DecodeError error = DecodeError::none;
  if ((flags & RangeFlags::no_lower) == 0) error = read_bound(parts.lower);
  if (error == DecodeError::none && (flags & RangeFlags::no_upper) == 0)
    error = read_bound(parts.upper);
  return error == DecodeError::none ? reader.error() : error;
}

}  // namespace pgreactor::detail
