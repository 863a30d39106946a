#pragma once
#include <string_view>

#include "src/connection/options_parameters.hpp"

namespace pgreactor::conninfo {

/// keyword = value keyword = 'quoted value' ...
///
///   white space separates parameters and may stand on both sides of "="
///   a value that is empty or contains white space is put in single quotes
///   a backslash makes the next byte data, in quotes and outside; there is no other escape
/// Source  postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
Parameters parse_key_value(std::string_view text, std::string_view origin);

}  // namespace pgreactor::conninfo
