#pragma once
#include <string>
#include <string_view>

namespace pgreactor::connection {

/// The name as an identifier of SQL that means it to the letter: in quotes, those within doubled.
inline std::string quoted_identifier(std::string_view name) {
  std::string text = "\"";
  for (const char each : name) {
    if (each == '"') text += '"';
    text += each;
  }
  return text + '"';
}

}  // namespace pgreactor::connection
