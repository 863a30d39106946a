#include "src/testing/server_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <pgreactor/testing/throwaway_server.hpp>
#include <string_view>
#include <utility>

#include "src/reactor/system_error_text.hpp"

namespace pgreactor::testing {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw ServerSetupError(ServerSetupError::Reason::failed,
                         what + " " + path + ": " + net::system_error_text(errno));
}

}  // namespace

std::string base_directory(const ServerAccount& account) {
  // sockaddr_un holds 107 bytes and a zero
  constexpr std::size_t longest =
      107 - std::string_view("/pgreactor-server-XXXXXX/.s.PGSQL.65535").size();
  const char* variable = std::getenv("TMPDIR");
  std::string wanted = variable == nullptr ? std::string() : std::string(variable);
  if (wanted.starts_with('/') && wanted.size() <= longest && may_create_in(wanted, account))
    return wanted;
  if (may_create_in("/tmp", account)) return "/tmp";
  throw ServerSetupError(
      ServerSetupError::Reason::failed,
      "neither $TMPDIR nor /tmp is a directory that the server's user can write to");
}

ServerDirectory::ServerDirectory(const std::string& base, const ServerAccount& account)
    : account_(account), path_(base + "/" + name_prefix + "XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) fail("cannot make", path_);
  lock_ = create_file(std::string(lock_name).substr(1), "");
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) fail("cannot lock", path_ + lock_name);
}

net::FileDescriptor ServerDirectory::create_file(const std::string& name,
                                                 const std::string& content) const {
  const std::string path = path_ + "/" + name;
  net::FileDescriptor file(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file || ::fchown(file.get(), account_.uid, account_.gid) != 0) fail("cannot make", path);
  const ssize_t written = ::write(file.get(), content.data(), content.size());
  if (written != static_cast<ssize_t>(content.size())) fail("cannot write", path);
  return file;
}

void ServerDirectory::hand_over() const {
  if (::lchown(path_.c_str(), account_.uid, account_.gid) != 0)
    fail("cannot give to the server's user", path_);
}

}  // namespace pgreactor::testing
