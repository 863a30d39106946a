#pragma once
#include <cstddef>
#include <cstdint>
#include <pgreactor/task.hpp>
#include <string>
#include <vector>

#include "src/reactor/endpoint.hpp"

namespace pgreactor::net {

/// Addresses taken of one name; the rest is ignored.
inline constexpr std::size_t most_addresses = 64;

/// The addresses of `host`, at least one, in the order the system prefers. A numeric address is
/// taken as it is; a name is looked up on libuv's threads, at most LookupSlots::most_at_once at a
/// time for each loop. A stop abandons the lookup.
/// Errors  ConnectionError naming the host; CancelledError on a stop.
Task<std::vector<Endpoint>> resolve(std::string host, std::uint16_t port);

}  // namespace pgreactor::net
