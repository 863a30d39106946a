#pragma once
#include <pgreactor/export.hpp>
#include <string>
#include <string_view>

namespace pgreactor::detail {

/// Appends a JSON string: quoted, escaped, and what is no UTF-8 in it as U+FFFD.
/// Source  RFC 8259, section 7
PGREACTOR_API void append_json_string(std::string& out, std::string_view text);

/// Is that text one JSON number and nothing else?
/// Source  RFC 8259, section 6
PGREACTOR_API bool is_json_number(std::string_view text) noexcept;

}  // namespace pgreactor::detail
