#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/reactor.hpp>
#include <pgreactor/testing/throwaway_server.hpp>
#include <string>

#include "src/reactor/child_process.hpp"
#include "src/testing/server_account.hpp"
#include "src/testing/server_directory.hpp"
#include "src/testing/server_guard.hpp"
#include "src/testing/server_programs.hpp"

namespace pgreactor::testing {

/// The parts of one throw-away server, in the order in which they come to be; each may be missing
/// when setting up has failed, and the destructor takes down what there is.
class ThrowawayServer::Installation {
 public:
  explicit Installation(const ThrowawayServerOptions& options) : options_(options) {}
  Installation(const Installation&) = delete;
  Installation& operator=(const Installation&) = delete;
  ~Installation();

  void set_up();
  void stop(StopMode mode);
  void restart(StopMode mode);
  void kill(int signal);
  pid_t pid();

  bool made_by_this_process() const noexcept;
  const ThrowawayServerOptions& options() const noexcept { return options_; }
  const ServerDirectory& directory() const noexcept { return *directory_; }
  std::uint16_t port() const noexcept { return port_; }
  std::string log_since(std::int64_t offset, std::int64_t most) const;

 private:
  enum class Start : std::uint8_t { ready, port_taken, memory_in_use, failed };

  /// Runs a step of the start within its deadline and gives all failures the one type.
  void run_start(Task<void> steps);
  Task<void> install();
  Task<void> make_user_and_database();
  Task<void> start();
  Task<Start> start_once();
  Task<void> stop_within_deadlines(StopMode mode);
  Task<bool> ended_within(std::chrono::milliseconds time);
  [[noreturn]] void throw_failed_start() const;

  ThrowawayServerOptions options_;
  pid_t made_by_ = 0;
  Reactor reactor_;
  const char* step_ = "";  // what goes on, for messages
  ServerAccount account_;
  std::string base_;
  ServerPrograms programs_;
  std::optional<ServerDirectory> directory_;
  std::optional<ServerGuard> guard_;
  net::FileDescriptor log_;
  std::int64_t start_of_log_ = 0;  // where the log of the latest start begins
  bool port_is_known_ = false;     // users have seen it: it must not change any more
  std::uint16_t port_ = 5432;      // of a Unix socket alone, in a directory of its own
  std::unique_ptr<net::ChildProcess> postmaster_;
};

}  // namespace pgreactor::testing
