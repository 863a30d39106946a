#pragma once
#include <memory>
#include <pgreactor/task.hpp>

#include "src/reactor/endpoint.hpp"
#include "src/reactor/socket.hpp"
#include "src/reactor/socket_options.hpp"
#include "src/reactor/stream.hpp"

namespace pgreactor::net {

/// Accepts connections, on a TCP address or the path of a Unix socket. For backends that tests and
/// measurements talk to; the library itself only connects.
class Listener {
 public:
  /// Connections that may wait to be accepted; the kernel's bound is net.core.somaxconn.
  static constexpr int default_backlog = 128;

  /// Listens from here on. Port 0 lets the kernel choose one that is free; a Unix path must not
  /// exist yet. Accepted sockets have the options.
  /// Errors  ConnectionError naming the address and the system's reason.
  Listener(EventLoop& loop, const Endpoint& endpoint, const SocketOptions& options = {},
           int backlog = default_backlog);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  /// Removes its Unix path.
  ~Listener();

  /// Where it listens, with the port that the kernel chose.
  const Endpoint& endpoint() const noexcept { return endpoint_; }

  /// The next connection. When the process is out of descriptors it waits for better times, asleep.
  /// One call at a time; the listener outlives it.
  /// Errors  CancelledError on a stop.
  Task<std::unique_ptr<Stream>> accept();

 private:
  EventLoop& loop_;
  SocketOptions options_;
  Socket socket_;
  Endpoint endpoint_;
};

}  // namespace pgreactor::net
