#pragma once
#include <sys/types.h>

#include <string>

#include "src/reactor/file_descriptor.hpp"
#include "src/testing/server_account.hpp"

namespace pgreactor::testing {

/// A process that outlives us, even when we are killed with SIGKILL, to end the server and remove
/// its directory. It waits for the end of a socket whose other end only we hold, in a session of
/// its own, with the account's rights.
class ServerGuard {
 public:
  /// Forks. `lock` is the descriptor of the directory's lock, which the guard keeps held.
  ServerGuard(const std::string& directory, const ServerAccount& account, int lock);
  ServerGuard(const ServerGuard&) = delete;
  ServerGuard& operator=(const ServerGuard&) = delete;
  /// Lets the guard go without doing anything.
  ~ServerGuard();

  /// Which process is to be ended; 0 for none.
  void watch(pid_t postmaster) noexcept { tell(postmaster); }
  pid_t pid() const noexcept { return pid_; }

 private:
  void tell(pid_t message) noexcept;

  net::FileDescriptor socket_;
  pid_t pid_ = 0;
};

}  // namespace pgreactor::testing
