#pragma once
#include <cstdint>
#include <string_view>

namespace pgreactor::store_memory {

enum class Letters : std::uint8_t { as_they_are, ascii_folded };

/// text LIKE pattern, or ILIKE with folded letters, over the characters of UTF-8.
/// Errors  QueryError 22025 when matching arrives at an escape that ends the pattern, as on the
///         server; MockModeError for ILIKE with letters beyond ASCII.
bool like(std::string_view text, std::string_view pattern, Letters letters);

}  // namespace pgreactor::store_memory
