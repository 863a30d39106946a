#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/canned/canned_session.hpp"
#include "src/reactor/file_descriptor.hpp"

namespace pgreactor::bench {

/// Serves CannedSessions on a Unix socket and on 127.0.0.1, with one thread and epoll. One recv per
/// readiness, and all that it brings is answered in one send.
/// Errors  std::system_error
class ServerLoop {
 public:
  /// `port` 0 is any that is free. The Unix socket is `directory`/.s.PGSQL.PORT, and goes with the
  /// server.
  ServerLoop(const std::string& directory, std::uint16_t port);
  ServerLoop(const ServerLoop&) = delete;
  ServerLoop& operator=(const ServerLoop&) = delete;
  ~ServerLoop();

  std::uint16_t port() const noexcept { return port_; }
  /// Ends, too, when the standard input does.
  void end_with_stdin();
  /// Until SIGTERM or SIGINT, which its constructor blocks.
  void run();

 private:
  // What a file descriptor of the loop is.
  struct Watched {
    enum class Kind : std::uint8_t {
      unix_listener,
      tcp_listener,
      signals,
      standard_input,
      session
    };
    Watched(Kind what, net::FileDescriptor owned) noexcept
        : kind(what), descriptor(std::move(owned)) {}
    Kind kind;
    net::FileDescriptor descriptor;
    std::unique_ptr<CannedSession> session{};
    bool writes = false;  // waits to write rather than to read
  };

  Watched& watch(Watched::Kind kind, net::FileDescriptor descriptor);
  void listen_on_tcp(std::uint16_t port);
  void listen_on_unix(const std::string& directory);
  bool handle(Watched& ready);
  void accept_one(const Watched& listener);
  bool serve(Watched& client);
  bool flush(Watched& client);
  void forget(const Watched& client);

  CannedAnswers answers_;
  net::FileDescriptor epoll_;
  std::vector<std::unique_ptr<Watched>> watched_;
  std::vector<std::byte> received_;
  std::string unix_path_;
  std::uint16_t port_ = 0;
};

}  // namespace pgreactor::bench
