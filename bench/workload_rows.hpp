#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// The statements of the workloads and the values they send, the same in every measured program.
/// bench/setup.sql makes the tables.
namespace pgreactor::bench {

inline constexpr std::string_view echo_sql = "SELECT $1::int4";  // W1
inline constexpr std::string_view world_sql =
    "SELECT id, randomnumber FROM world WHERE id=$1";                        // W2, W3
inline constexpr std::string_view bulk_sql = "SELECT a, b, c, d FROM bulk";  // W4
inline constexpr std::string_view bulk_copy_sql =
    "COPY bulk (a, b, c, d) TO STDOUT (FORMAT binary)";
inline constexpr std::string_view truncate_sql = "TRUNCATE bulkin";  // W5, before the timed part
inline constexpr std::string_view copy_in_sql =
    "COPY bulkin (a, b, c, d) FROM STDIN (FORMAT binary)";
inline constexpr std::string_view insert_sql = "INSERT INTO bulkin VALUES ($1,$2,$3,$4)";
inline constexpr std::string_view wide_sql = "SELECT * FROM wide";  // W7

inline constexpr std::uint64_t bulk_rows = 1'000'000;
inline constexpr std::uint64_t wide_rows = 10'000;
inline constexpr std::size_t bulk_column_count = 4, wide_columns = 50;
inline constexpr std::size_t pool_connections = 20;  // W3

/// The id that the query number `index` of W2 and W3 asks for: 1 to 10,000 in a mixed order.
constexpr std::int32_t world_id(std::uint64_t index) noexcept {
  return static_cast<std::int32_t>(
      ((static_cast<std::uint32_t>(index) * 2654435761U) >> 8U) % 10'000U + 1U);
}

// The rows of W5, numbered from 1: int8, float8, timestamptz, text.
constexpr std::int64_t row_a(std::int64_t number) noexcept { return number * 1'000'003; }
constexpr double row_b(std::int64_t number) noexcept {
  return static_cast<double>(number) * 0.5 + 0.25;
}
/// Microseconds since 2000-01-01 00:00 UTC; row 0 is 2020-01-01.
constexpr std::int64_t row_c(std::int64_t number) noexcept {
  return 631'152'000'000'000 + number * 1'000'001;
}
/// 32 hexadecimal digits: 16 of a product with the golden ratio, lowest first, twice.
constexpr std::array<char, 32> row_d(std::int64_t number) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::uint64_t mixed = static_cast<std::uint64_t>(number) * 0x9E3779B97F4A7C15U;
  std::array<char, 32> text{};
  for (std::size_t i = 0; i < 16; ++i) text[i] = text[i + 16] = digits[(mixed >> (i * 4)) % 16];
  return text;
}

}  // namespace pgreactor::bench
