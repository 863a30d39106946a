#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <pgreactor/error.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/vocabulary/secret.hpp>
#include <string>
#include <utility>
#include <vector>

/// A private PostgreSQL server for tests:
///
///     pgreactor::testing::ThrowawayServer server;   // less than half a second
///     run_my_tests_against(server.uri());           // postgresql://postgres@/postgres?host=...
///                                                   // stopped and removed at the end of the scope
namespace pgreactor::testing {

/// A throw-away server could not be set up or used. The message names the step, what was looked
/// for, or the last lines of the server's log.
class PGREACTOR_API ServerSetupError : public Error {
 public:
  enum class Reason : std::uint8_t {
    not_installed,  ///< a program is missing; the message names the Debian package: tests may skip
    bad_option,     ///< the options contradict each other or cannot be written down
    failed,         ///< anything else: no room, no rights, the server died or never became ready
  };
  ServerSetupError(Reason reason, const std::string& message)
      : Error(message, Outcome::not_sent, false), reason_(reason) {}
  Reason reason() const noexcept { return reason_; }

 private:
  Reason reason_;
};

/// How clients prove who they are; all methods but trust need a password.
enum class Authentication : std::uint8_t { trust, scram_sha_256, md5, password };

/// Whether the loopback port speaks TLS. With `required` it refuses clients without.
enum class TlsOffer : std::uint8_t { none, offered, required };

/// The server's three ways to stop.
/// Source  postgresql.org/docs/current/server-shutdown.html
enum class StopMode : std::uint8_t {
  smart,      ///< waits until the clients have left, for a minute at most, then as `fast`
  fast,       ///< rolls back what is open and disconnects the clients
  immediate,  ///< as a crash: the next start recovers from the log
};

/// What server a test wants. Unless told otherwise: a Unix socket and no port, trust, user and
/// database "postgres", UTF-8, UTC, 50 connections, and no care for the disk (fsync is off).
class PGREACTOR_API ThrowawayServerOptions {
 public:
  ThrowawayServerOptions() = default;

  /// A server setting, as in postgresql.conf ("log_statement", "all"); the last one of a name wins,
  /// over ours too. Where the server listens is not set here.
  ThrowawayServerOptions& setting(std::string name, std::string value);
  /// Listen on a Unix socket in a directory of its own (the default).
  ThrowawayServerOptions& unix_socket(bool listen);
  /// Listen on a free port of 127.0.0.1. Every user of this machine can reach it: with trust, as
  /// superuser.
  ThrowawayServerOptions& tcp(bool listen = true);
  /// Speak TLS on that port, with a self-signed certificate for "localhost" and 127.0.0.1 made for
  /// this server by the program `openssl`.
  ThrowawayServerOptions& tls(TlsOffer offer = TlsOffer::offered);
  /// Copies of these files (PEM) in its place: the server's certificate, the issuers between it and
  /// its root after it, and the key, which has no password.
  ThrowawayServerOptions& tls_certificate(std::string certificate_file, std::string key_file);
  /// A copy of this file (PEM) has the roots of the clients' certificates: the server asks for one,
  /// and refuses those that no root vouches for.
  ThrowawayServerOptions& tls_client_roots(std::string file);
  /// The method for all clients, on the socket as well as on the port.
  ThrowawayServerOptions& authentication(Authentication method);
  /// A superuser of this name; made when it is not "postgres", which exists always.
  ThrowawayServerOptions& user(std::string name);
  /// Of that user; stored as the authentication method needs it.
  ThrowawayServerOptions& password(Secret password);
  /// Made when it is not "postgres", which exists always.
  ThrowawayServerOptions& database(std::string name);
  /// A PostgreSQL that was unpacked anywhere: a folder with bin/postgres, bin/initdb, share/ and
  /// lib/, which the server's programs, and they alone, get as LD_LIBRARY_PATH. The server's user
  /// must be able to read it.
  ThrowawayServerOptions& installation(std::string path);
  /// Where `postgres` and `initdb` are, when they find their libraries by themselves. Unless this
  /// or installation() is given: the variables PGREACTOR_PG_INSTALLATION and PGREACTOR_PG_BINDIR,
  /// the answer of `pg_config --bindir`, /usr/lib/postgresql/*/bin (the highest version), PATH.
  ThrowawayServerOptions& program_directory(std::string path);
  /// How long a start may take; a minute unless given.
  ThrowawayServerOptions& start_timeout(std::chrono::milliseconds time);

  using Setting = std::pair<std::string, std::string>;
  const std::vector<Setting>& settings() const noexcept { return settings_; }
  bool has_unix_socket() const noexcept { return unix_socket_; }
  bool has_tcp() const noexcept { return tcp_; }
  TlsOffer tls_offer() const noexcept { return tls_; }
  const std::string& tls_certificate_file() const noexcept { return tls_certificate_file_; }
  const std::string& tls_key_file() const noexcept { return tls_key_file_; }
  const std::string& tls_client_roots_file() const noexcept { return tls_client_roots_file_; }
  Authentication authentication() const noexcept { return authentication_; }
  const std::string& user() const noexcept { return user_; }
  const Secret& password() const noexcept { return password_; }
  const std::string& database() const noexcept { return database_; }
  const std::string& installation() const noexcept { return installation_; }
  const std::string& program_directory() const noexcept { return program_directory_; }
  std::chrono::milliseconds start_timeout() const noexcept { return start_timeout_; }

 private:
  std::vector<Setting> settings_;
  bool unix_socket_ = true;
  bool tcp_ = false;
  TlsOffer tls_ = TlsOffer::none;
  std::string tls_certificate_file_;
  std::string tls_key_file_;
  std::string tls_client_roots_file_;
  Authentication authentication_ = Authentication::trust;
  std::string user_ = "postgres";
  Secret password_;
  std::string database_ = "postgres";
  std::string installation_;
  std::string program_directory_;
  std::chrono::milliseconds start_timeout_ = std::chrono::minutes{1};
};

/// A PostgreSQL server of one's own, alive as long as this object.
///
/// It stands in a private directory (mode 0700) under $TMPDIR or /tmp, copied from a template that
/// is made once per server version and user. When we are root it runs as `postgres` or, where there
/// is no such user, as `nobody`. All calls block; use it from one thread at a time and not on a
/// reactor's thread.
///
/// Owner   the process that made it. When that is killed, a guard process stops the server and
///         removes the directory; should the guard be killed too, the next start of any throw-away
///         server of this user does. A forked child that destroys its copy harms nothing.
/// Errors  ServerSetupError from every member that starts or stops.
class PGREACTOR_API ThrowawayServer {
 public:
  /// Returns when the server accepts connections.
  /// Units   less than half a second; the first one of a server version and user about a second.
  explicit ThrowawayServer(const ThrowawayServerOptions& options = ThrowawayServerOptions());
  ThrowawayServer(ThrowawayServer&& other) noexcept;
  ThrowawayServer& operator=(ThrowawayServer&& other) noexcept;
  /// Stops the server and removes all that belongs to it.
  ~ThrowawayServer();

  /// How to reach it by the Unix socket, or by the port when it has no socket.
  /// Shape   "postgresql://user:password@/database?host=%2Ftmp%2F...&port=5432"; no password when
  ///         none was given. It stays the same over restarts.
  std::string uri() const;
  /// How to reach it by the port; asked for only with ThrowawayServerOptions::tcp().
  /// Shape   "postgresql://user@127.0.0.1:41234/database"; nothing about TLS in it.
  std::string uri_tcp() const;
  /// Where the Unix socket is; libpq's "host".
  std::string socket_directory() const;
  /// libpq's "port", of the Unix socket as well.
  std::uint16_t port() const noexcept;
  std::string data_directory() const;
  /// The server's certificate (PEM), for sslrootcert; empty without TLS.
  std::string certificate_file() const;
  /// What the server has logged since it was made; of a long log the last MiB.
  std::string log() const;

  /// The postmaster's process id; 0 when it does not run.
  int pid();
  bool running() { return pid() != 0; }
  /// Without effect when it does not run. Data and port are kept for restart().
  void stop(StopMode mode = StopMode::fast);
  /// Stops it if it runs, and starts it on the same data, socket and port.
  void restart(StopMode mode = StopMode::fast);
  /// Sends the postmaster a signal: SIGHUP to reload, SIGSTOP to freeze it, SIGKILL for a crash.
  /// After SIGKILL it returns when the postmaster is gone; its backends follow by themselves.
  void kill(int signal);

 private:
  class Installation;
  std::unique_ptr<Installation> installation_;
};

}  // namespace pgreactor::testing
