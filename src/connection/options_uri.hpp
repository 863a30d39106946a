#pragma once
#include <string_view>

#include "src/connection/options_parameters.hpp"

namespace pgreactor::conninfo {

/// Does the text start with postgresql:// or postgres://?
bool is_uri(std::string_view text) noexcept;

/// postgresql://[user[:password]@][host[:port][,...]][/dbname][?keyword=value[&...]]
///
/// As libpq reads it, not as RFC 3986 does:
///   the user part ends at the first '@', unless a '/' comes before it
///   every part may be empty or missing; an empty one sets nothing, except in the query
///   %xx stands for a byte, also for a comma between hosts; %00 is refused; '+' and '#' are data
///   spaces around a value are dropped, within one they are refused (libpq 17; 15 kept both)
///   ssl=true in the query is sslmode=require
/// Source  postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
Parameters parse_uri(std::string_view uri, std::string_view origin);

}  // namespace pgreactor::conninfo
