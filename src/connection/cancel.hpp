#pragma once
#include <memory>
#include <optional>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/task.hpp>
#include <utility>

#include "protocol/startup.hpp"
#include "src/connection/transport.hpp"
#include "src/reactor/endpoint.hpp"

namespace pgreactor::connection {

/// Where and how a session was opened: a cancel request goes to the same address, and is encrypted
/// as the session is (A14).
class SessionOrigin {
 public:
  SessionOrigin(const net::Endpoint& at, ServerAddress of, Encryption used)
      : endpoint(at), server(std::move(of)), encryption(used) {}

  net::Endpoint endpoint;
  ServerAddress server;
  Encryption encryption;  // none or required
};

/// Asks the server to stop what it runs in a session. Returns when it has closed the connection
/// that this takes: by then it has signalled the session.
/// Errors  ConnectionError; CancelledError on a stop.
/// Owner   options and cache outlive the task.
Task<void> request_cancel(SessionOrigin origin, protocol::CancelKey key,
                          const ConnectionOptions& options, TlsCache& cache);

}  // namespace pgreactor::connection
