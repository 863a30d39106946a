#pragma once
#include <cstdint>
#include <optional>
#include <pgreactor/vocabulary/oid.hpp>
#include <string>
#include <string_view>

namespace pgreactor::store_memory {

/// A type as CREATE TABLE names it.
struct ColumnType {
  Oid type = 0;
  std::string name;  ///< as format_type() gives it, with the modifier
  std::int32_t modifier = -1;
  char category = 'U';
  bool is_serial = false;
};

/// Nullopt for what is no type of the store's. Blanks and case do not matter.
std::optional<ColumnType> column_type(std::string_view sql);

/// The server's name of a type, without a modifier: "integer", "character varying".
std::string_view type_name(Oid type) noexcept;

// The modifier of character types holds the length, that of numeric both of its numbers, as the
// server has them.
inline constexpr std::int32_t modifier_header = 4;
inline constexpr std::int32_t precision_of(std::int32_t modifier) noexcept {
  return ((modifier - modifier_header) >> 16) & 0xffff;
}
inline constexpr std::int32_t scale_of(std::int32_t modifier) noexcept {
  return (((modifier - modifier_header) & 0x7ff) ^ 1024) - 1024;
}
inline constexpr std::int32_t length_of(std::int32_t modifier) noexcept {
  return modifier - modifier_header;
}

}  // namespace pgreactor::store_memory
