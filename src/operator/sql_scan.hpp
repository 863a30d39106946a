#pragma once
#include <cstddef>
#include <string_view>

namespace pgreactor::operators {

/// The end of the literal, quoted name or comment that begins at `at`; `at` when none does. One
/// that is not closed ends with the text. Source
/// postgresql.org/docs/current/sql-syntax-lexical.html
std::size_t end_of_verbatim(std::string_view sql, std::size_t at) noexcept;

/// May this byte stand in the middle of a name without quotes, or of a number?
bool continues_name(char c) noexcept;

}  // namespace pgreactor::operators
