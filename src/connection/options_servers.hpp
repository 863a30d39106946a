#pragma once
#include <string_view>
#include <vector>

#include "src/connection/options_reader.hpp"

namespace pgreactor::conninfo {

constexpr std::uint16_t default_port = 5432;
constexpr std::size_t max_servers = 64;

/// The directories in which PostgreSQL puts its socket: Debian's, then the upstream default.
bool is_default_socket_directory(std::string_view directory) noexcept;

/// The lists of `host`, `hostaddr` and `port`, put together by position.
///
///   hostaddr given     as many servers as it has items; host is empty or has as many
///   else               as many servers as host has items, at least one
///   port               one for all, or as many as servers; an empty item is 5432
///   both names empty   the default socket directory if there is one, else localhost
std::vector<ServerAddress> read_servers(const ParameterReader& reader,
                                        const Environment& environment);

}  // namespace pgreactor::conninfo
