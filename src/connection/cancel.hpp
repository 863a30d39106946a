#pragma once
#include <cstdint>
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

/// How far a cancel request has come, for whoever has to know when it was given up.
enum class CancelProgress : std::uint8_t {
  not_sent,   ///< it can have no effect
  sent,       ///< it will have one at any time from now on
  acted_upon  ///< the server has closed the connection for it: it has signalled the session, or
              ///< won't
};

/// Asks the server to stop what it runs in a session. Returns when it has closed the connection
/// that this takes: by then it has signalled the session.
/// Errors  ConnectionError; CancelledError on a stop.
/// Owner   options, cache and progress outlive the task.
Task<void> request_cancel(SessionOrigin origin, protocol::CancelKey key,
                          const ConnectionOptions& options, TlsCache& cache,
                          CancelProgress& progress);

}  // namespace pgreactor::connection
