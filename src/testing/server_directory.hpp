#pragma once
#include <pgreactor/task.hpp>
#include <string>

#include "src/reactor/file_descriptor.hpp"
#include "src/testing/server_account.hpp"

namespace pgreactor::testing {

/// Where servers and templates stand: $TMPDIR if the account can use it and the path of a Unix
/// socket in it is short enough (107 bytes), else /tmp.
std::string base_directory(const ServerAccount& account);

/// The directory of one server, mode 0700:
///   owner.lock       flock'ed while the owner or its guard lives; the kernel lets go of it
///   postgresql.conf  pg_hba.conf  server.log  .s.PGSQL.<port>
///   server.crt  server.key  clients.crt
///   data/
/// A lock rather than a process id tells whether the owner lives: it cannot be mistaken for another
/// process, and holds between containers that share /tmp but not their process ids.
class ServerDirectory {
 public:
  static constexpr const char* name_prefix = "pgreactor-server-";
  static constexpr const char* lock_name = "/owner.lock";

  /// Makes it and locks it. Not removed by the destructor: removing takes time and a loop.
  ServerDirectory(const std::string& base, const ServerAccount& account);

  const std::string& path() const noexcept { return path_; }
  std::string data() const { return path_ + "/data"; }
  int lock() const noexcept { return lock_.get(); }

  /// A new file of mode 0600 with this content, owned by the account.
  net::FileDescriptor create_file(const std::string& name, const std::string& content) const;
  /// Gives the directory to the account. Before this nobody but us can meddle with the files.
  void hand_over() const;

 private:
  ServerAccount account_;
  std::string path_;
  net::FileDescriptor lock_;
};

/// Removes a server's directory with all that is in it, and the shared memory that a server that
/// crashed left. Errors  ServerSetupError when it is still there in the end.
Task<void> remove_server_directory(std::string path, ServerAccount account);

/// Removes the directories whose owner and guard are gone, and stops their servers.
Task<void> sweep_left_over_servers(std::string base, ServerAccount account);

}  // namespace pgreactor::testing
