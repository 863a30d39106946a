#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/reactor.hpp>
#include <pgreactor/testing/throwaway_server.hpp>
#include <string>

#include "src/reactor/child_process.hpp"
#include "src/testing/server_directory.hpp"
#include "src/testing/server_guard.hpp"

namespace pgreactor::integration {

/// For how long a client of PgBouncer keeps the connection to the server that it was given.
enum class PoolMode : std::uint8_t { session, transaction };

/// Where PgBouncer is; empty when it is not installed. Debian's place for it is not in every PATH.
std::string find_pgbouncer();

/// A PgBouncer of one's own in front of a server with trust, on a Unix socket. It runs as the
/// server's user, since it refuses to run as root.
/// Owner   the process that made it. When that is killed, a guard process ends PgBouncer and
/// removes
///         its directory.
class Pooler {
 public:
  /// Returns when it accepts connections; it opens those to the server, `server_connections` at
  /// most, as they are needed.
  Pooler(PoolMode mode, int server_connections, const testing::ThrowawayServer& server);
  Pooler(const Pooler&) = delete;
  Pooler& operator=(const Pooler&) = delete;
  ~Pooler();

  std::string uri() const;
  pid_t pid() const noexcept { return process_->pid(); }
  const std::string& directory() const noexcept { return directory_.path(); }
  /// What it has logged, with each refused log-in and each cancelled query.
  std::string log() const;

 private:
  Task<void> start(PoolMode mode, int server_connections, const testing::ThrowawayServer& server);

  testing::ServerAccount account_;
  testing::ServerDirectory directory_;
  net::FileDescriptor log_;
  Reactor reactor_;
  std::optional<testing::ServerGuard> guard_;
  std::unique_ptr<net::ChildProcess> process_;
};

}  // namespace pgreactor::integration
