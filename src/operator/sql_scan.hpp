#pragma once
#include <cstddef>
#include <string_view>

namespace pgreactor::operators {

/// The end of the literal, comment or name, in quotes or without, that begins at `at`; `at` when
/// none does: then the next character stands for itself, or begins a parameter. One that is not
/// closed ends with the text.
///   '...' with '' inside, E'...' with \, "...", $tag$...$tag$, -- to the end of the line, /* */,
///   a$1
/// Assumes that standard_conforming_strings is on, as it is unless a server was told otherwise.
/// Source  postgresql.org/docs/current/sql-syntax-lexical.html, src/backend/parser/scan.l
std::size_t end_of_verbatim(std::string_view sql, std::size_t at) noexcept;

}  // namespace pgreactor::operators
