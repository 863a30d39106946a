#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/vocabulary/bytes.hpp>

namespace pgreactor::detail {

/// A value of a row; a length of -1 is NULL. Two words that stay in registers, which an optional of
/// a span does not.
struct StoredValue {
  const std::byte* data = nullptr;
  std::int32_t length = -1;
};

/// One row in memory, found without walking it:
///   offset u32[columns] (ours)   values of the DataRow message: { length i32, bytes } per column
/// offset[i] is where the length of value i stands, counted from the first value.
class RowLayout {
 public:
  /// Bytes of a row whose values, lengths included, take `values_size`.
  static constexpr std::size_t size(std::size_t columns, std::size_t values_size) noexcept {
    return columns * sizeof(std::uint32_t) + values_size;
  }

  /// Lays out a row. `values` was checked to hold exactly `columns` values.
  static void store(std::byte* row, std::size_t columns, Bytes values) noexcept {
    std::byte* const first = row + columns * sizeof(std::uint32_t);
    std::memcpy(first, values.data(), values.size());
    std::uint32_t offset = 0;
    for (std::size_t i = 0; i < columns; ++i) {
      std::memcpy(row + i * sizeof(offset), &offset, sizeof(offset));
      const auto length = load_big_endian<std::int32_t>(first + offset);
      offset += static_cast<std::uint32_t>(sizeof(length)) +
                (length < 0 ? 0 : static_cast<std::uint32_t>(length));
    }
  }

  /// Where the values of a stored row begin.
  static const std::byte* values(const std::byte* row, std::size_t columns) noexcept {
    return row + columns * sizeof(std::uint32_t);
  }
  /// Where value `index` of a stored row stands, from the first value on.
  static std::size_t offset(const std::byte* row, std::size_t index) noexcept {
    std::uint32_t offset;
    std::memcpy(&offset, row + index * sizeof(offset), sizeof(offset));
    return offset;
  }
  /// The same found by walking over the values before it, for a row that has no offsets.
  static std::size_t walk_to(const std::byte* values, std::size_t index) noexcept {
    const std::byte* at = values;
    while (index-- != 0) at = behind(value_at(at));
    return static_cast<std::size_t>(at - values);
  }
  /// Where the value stands whose length stands at `at`.
  static StoredValue value_at(const std::byte* at) noexcept {
    const auto length = load_big_endian<std::int32_t>(at);
    return {at + sizeof(length), length};
  }
  /// Where the length of the value behind it stands.
  static const std::byte* behind(const StoredValue& value) noexcept {
    return value.data + (value.length < 0 ? 0 : value.length);
  }
};

}  // namespace pgreactor::detail
