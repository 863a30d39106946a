#pragma once
#include <memory>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/task.hpp>
#include <set>
#include <string>

#include "src/connection/connection.hpp"
#include "src/connection/scram_key_cache.hpp"
#include "src/connection/tls_cache.hpp"

namespace pgreactor::connection {

/// What is worth keeping between connects to one place.
struct ConnectCache {
  ScramKeyCache scram_keys{};
  TlsCache tls{};
  std::set<std::string> without_idle_limit{};  // servers that refuse to be told of it
};

/// Connects and logs in at the first of the options' servers that lets us and is of the kind that
/// target_session_attrs names, trying every address of each: in order, or shuffled anew each time
/// with load_balance_hosts=random. A server that refuses the password or the user ends the search
/// (libpq's rule: the next would be asked with the same credentials).
/// Units   options.connect_timeout for each address: TCP, TLS and log-in together; once more for
///         looking up a name; twice that for all addresses of a server, which are tried
///         overlapping.
/// Errors  ConnectionError naming host, port and phase, with the server's report if there is one;
///         CredentialsError, ConfigurationError; CancelledError on a stop. Never names a secret.
/// Owner   options and cache outlive the task.
Task<std::unique_ptr<Connection>> open_connection(const ConnectionOptions& options,
                                                  ConnectCache& cache);

}  // namespace pgreactor::connection
