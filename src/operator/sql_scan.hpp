#pragma once
#include <cstddef>
#include <string_view>

namespace pgreactor::operators {

/// The end of the literal, quoted name or comment that begins at `at`; `at` when none does. One
/// that is not closed ends with the text. Source
/// postgresql.org/docs/current/sql-syntax-lexical.html
std::size_t end_of_verbatim(std::string_view sql, std::size_t at) noexcept;

}  // namespace pgreactor::operators
