#pragma once
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

#include "bench/workload_rows.hpp"

/// Network byte order, and a row of W5 in it, for the programs that have no library to do it.
namespace pgreactor::bench {

/// Big end first; on the machines that we measure on the two orders differ, so both directions
/// swap.
template <std::unsigned_integral Integer>
constexpr Integer swapped(Integer value) noexcept {
  static_assert(std::endian::native == std::endian::little);
  if constexpr (sizeof(Integer) == 1) return value;
  if constexpr (sizeof(Integer) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(Integer) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(Integer) == 8) return __builtin_bswap64(value);
}

template <std::unsigned_integral Integer>
Integer load(const char* from) noexcept {
  Integer value;
  std::memcpy(&value, from, sizeof value);
  return swapped(value);
}
inline std::int32_t load_int4(const char* from) noexcept {
  return static_cast<std::int32_t>(load<std::uint32_t>(from));
}
inline std::int64_t load_int8(const char* from) noexcept {
  return static_cast<std::int64_t>(load<std::uint64_t>(from));
}
inline double load_float8(const char* from) noexcept {
  return std::bit_cast<double>(load<std::uint64_t>(from));
}

/// Gives where the next value goes, as all that store do.
template <std::unsigned_integral Integer>
char* store(char* to, Integer value) noexcept {
  value = swapped(value);
  std::memcpy(to, &value, sizeof value);
  return to + sizeof value;
}

inline constexpr std::size_t binary_row_size = 2 + 3 * (4 + 8) + 4 + 32;

/// A row as binary COPY has it: the number of columns (u16), then for each its length (u32) and its
/// bytes.
inline char* store_row(char* to, std::int64_t number) noexcept {
  to = store(to, std::uint16_t{4});
  to = store(store(to, std::uint32_t{8}), static_cast<std::uint64_t>(row_a(number)));
  to = store(store(to, std::uint32_t{8}), std::bit_cast<std::uint64_t>(row_b(number)));
  to = store(store(to, std::uint32_t{8}), static_cast<std::uint64_t>(row_c(number)));
  to = store(to, std::uint32_t{32});
  const auto text = row_d(number);
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}
/// Where in it each value begins.
inline constexpr std::size_t binary_row_a = 6, binary_row_b = 18, binary_row_c = 30,
                             binary_row_d = 42;

/// What binary COPY begins with, and the count of columns that it ends with.
inline constexpr char binary_copy_header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
inline constexpr std::size_t binary_copy_header_size = 19;
inline constexpr char binary_copy_trailer[] = "\377\377";

}  // namespace pgreactor::bench
