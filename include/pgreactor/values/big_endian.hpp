#pragma once
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pgreactor {

/// The integer whose big-endian bytes stand at `source`; sizeof(T) bytes must be there.
template <std::integral T>
T load_big_endian(const std::byte* source) noexcept {
  T value;
  std::memcpy(&value, source, sizeof(T));
  if constexpr (std::endian::native == std::endian::big || sizeof(T) == 1) return value;
  if constexpr (sizeof(T) == 2)
    return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  if constexpr (sizeof(T) == 4)
    return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  if constexpr (sizeof(T) == 8)
    return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
}

/// Writes `value` as sizeof(T) big-endian bytes at `target`.
template <std::integral T>
void store_big_endian(std::byte* target, T value) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(T) == 2)
      value = static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
    if constexpr (sizeof(T) == 4)
      value = static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
    if constexpr (sizeof(T) == 8)
      value = static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  }
  std::memcpy(target, &value, sizeof(T));
}

}  // namespace pgreactor
