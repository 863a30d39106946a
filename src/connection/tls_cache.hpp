#pragma once
#include <memory>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/task.hpp>

#include "src/reactor/tls_context.hpp"

namespace pgreactor::connection {

/// The TLS context of one place, made when it is first needed: reading the certificates takes
/// longer than a handshake.
class TlsCache {
 public:
  /// Errors  ConfigurationError.
  Task<std::shared_ptr<net::TlsContext>> get(const ConnectionOptions& options);

 private:
  std::shared_ptr<net::TlsContext> context_;
};

}  // namespace pgreactor::connection
