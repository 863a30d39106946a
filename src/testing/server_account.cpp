#include "src/testing/server_account.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pgreactor/testing/throwaway_server.hpp>
#include <utility>

namespace pgreactor::testing {
namespace {

// Do the permission bits give the account `wanted` (of rwx, as 4 2 1)?
bool permits(const struct stat& file, const ServerAccount& account, mode_t wanted) {
  const unsigned shift = file.st_uid == account.uid ? 6 : file.st_gid == account.gid ? 3 : 0;
  return ((file.st_mode >> shift) & wanted) == wanted;
}

}  // namespace

ServerAccount server_account() {
  if (::geteuid() != 0) return {::geteuid(), ::getegid()};
  for (const char* name : {"postgres", "nobody"}) {
    const passwd* entry = ::getpwnam(name);
    if (entry != nullptr && entry->pw_uid != 0) return {entry->pw_uid, entry->pw_gid};
  }
  throw ServerSetupError(ServerSetupError::Reason::failed,
                         "PostgreSQL does not run as root, and this system has neither the user "
                         "\"postgres\" nor \"nobody\"");
}

net::ChildOptions run_as(const ServerAccount& account, std::string program) {
  net::ChildOptions options(std::move(program));
  options.identity(account.uid, account.gid);
  options.variable("PATH", "/usr/local/bin:/usr/bin:/bin").variable("LC_ALL", "C");
  return options;
}

bool may_create_in(const std::string& directory, const ServerAccount& account) {
  if (account.uid == ::geteuid()) return ::access(directory.c_str(), W_OK | X_OK) == 0;
  struct stat file{};
  for (std::size_t slash = 0; slash != std::string::npos;) {  // "/a", "/a/b", ...
    slash = directory.find('/', slash + 1);
    if (::stat(directory.substr(0, slash).c_str(), &file) != 0 || !permits(file, account, 1))
      return false;
  }
  return S_ISDIR(file.st_mode) && permits(file, account, 3);
}

}  // namespace pgreactor::testing
