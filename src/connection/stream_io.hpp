#pragma once
#include <cstddef>
#include <pgreactor/task.hpp>
#include <pgreactor/values/byte_buffer.hpp>
#include <span>

#include "src/reactor/stream.hpp"

namespace pgreactor::connection {

/// Sends it all, waiting as long as that takes. For what happens once for each connection.
/// Errors  ConnectionError with the reason alone; CancelledError on a stop.
/// Owner   both outlive the task.
Task<void> send_all(net::Stream& stream, ByteBuffer& out);

/// What comes next, at least a byte of it; 0 when the peer has closed the connection. Does not
/// suspend while there are bytes: a loop of these bounds them, and gives the event loop its turn.
/// Errors, Owner  as send_all().
Task<std::size_t> receive_some(net::Stream& stream, std::span<std::byte> into);

}  // namespace pgreactor::connection
