#pragma once
#include <array>
#include <cstdint>
#include <pgreactor/values/timestamp.hpp>
#include <string_view>

#include "bench/workload_rows.hpp"

namespace pgreactor::bench {

/// A row of W5 in the library's own types.
struct TypedRow {
  std::int64_t a;
  double b;
  TimestampTz c;
  std::array<char, 32> d;
  std::string_view text() const noexcept { return {d.data(), d.size()}; }
};

/// The row of this number, counted from 1.
inline TypedRow typed_row(std::uint64_t number) {
  const auto n = static_cast<std::int64_t>(number);
  return {row_a(n), row_b(n), *TimestampTz::from_microseconds_since_2000(row_c(n)), row_d(n)};
}

}  // namespace pgreactor::bench
