#pragma once
#include <cstdint>
#include <pgreactor/vocabulary/format_code.hpp>
#include <pgreactor/vocabulary/oid.hpp>
#include <string>

namespace pgreactor {

/// One column of a result, as the server describes it (RowDescription).
struct Column {
  std::string name;
  Oid table = 0;               ///< 0 when it is not a column of a table
  std::int16_t attribute = 0;  ///< its number in that table
  Oid type = 0;
  std::int16_t type_size = 0;  ///< bytes; negative when the length varies
  std::int32_t type_modifier = -1;
  FormatCode format = FormatCode::text;

  friend bool operator==(const Column&, const Column&) = default;
};

}  // namespace pgreactor
