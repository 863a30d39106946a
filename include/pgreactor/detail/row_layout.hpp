#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/vocabulary/bytes.hpp>

namespace pgreactor::detail {

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

  /// Value `index` of a stored row; `index` is below `columns`.
  static NullableBytes value(const std::byte* row, std::size_t columns,
                             std::size_t index) noexcept {
    std::uint32_t offset;
    std::memcpy(&offset, row + index * sizeof(offset), sizeof(offset));
    const std::byte* const at = row + columns * sizeof(std::uint32_t) + offset;
    const auto length = load_big_endian<std::int32_t>(at);
    if (length < 0) return std::nullopt;
    return Bytes{at + sizeof(length), static_cast<std::size_t>(length)};
  }
};

}  // namespace pgreactor::detail
