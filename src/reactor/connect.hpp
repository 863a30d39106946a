#pragma once
#include <memory>
#include <pgreactor/task.hpp>

#include "src/reactor/endpoint.hpp"
#include "src/reactor/socket_options.hpp"
#include "src/reactor/stream.hpp"

namespace pgreactor::net {

/// Connects. There is no time limit in it: the caller's with_timeout() or stop ends it, also while
/// the backlog of a Unix socket is full.
/// Errors  ConnectionError naming the address and the system's reason; CancelledError on a stop;
///         with both, nothing was sent.
/// Owner   the stream belongs to the loop it was made on.
Task<std::unique_ptr<Stream>> connect_stream(Endpoint endpoint, SocketOptions options);

}  // namespace pgreactor::net
