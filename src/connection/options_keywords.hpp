#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace pgreactor::conninfo {

/// One parameter of a connection string.
struct Keyword {
  std::string_view name;
  std::string_view variable;  // the environment variable that sets it too; empty when none does
  bool secret;                // text that follows its value may be a part of it, badly quoted
};

/// Every keyword of libpq 18, then our own.
/// Source  postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
std::span<const Keyword> all_keywords() noexcept;

/// Null when there is no such keyword.
const Keyword* find_keyword(std::string_view name) noexcept;

/// The keyword that a misspelt name probably means; empty when none is near.
std::string_view suggest_keyword(std::string_view name);

}  // namespace pgreactor::conninfo
