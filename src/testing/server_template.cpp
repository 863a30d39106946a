#include "src/testing/server_template.hpp"

#include <fcntl.h>
#include <locale.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/testing/throwaway_server.hpp>
#include <random>
#include <string_view>
#include <system_error>

#include "src/reactor/file_descriptor.hpp"
#include "src/reactor/system_error_text.hpp"

namespace pgreactor::testing {
namespace {

using namespace std::chrono_literals;
using Reason = ServerSetupError::Reason;

bool exists(const std::string& path) {
  struct stat file{};
  return ::lstat(path.c_str(), &file) == 0;
}

// C.UTF-8 knows upper and lower case beyond ASCII; where the C library lacks it, C does.
const char* cluster_locale() {
  const locale_t loaded = ::newlocale(LC_ALL_MASK, "C.UTF-8", nullptr);
  if (loaded == nullptr) return "C";
  ::freelocale(loaded);
  return "C.UTF-8";
}

// Changes with the server's version and build, and with what initdb is asked for here.
Task<std::string> template_name(const ServerAccount& account, const ServerPrograms& programs) {
  const std::string postgres = programs.directory + "/postgres";
  net::ChildOptions ask = run_program(account, programs, "postgres");
  ask.argument("--version").directory("/");
  const net::ChildResult version = co_await net::run_child(ask);
  if (!version.exit.succeeded())
    throw ServerSetupError(Reason::failed, postgres + " --version: " + describe(version.exit) +
                                               "\n" + version.error_output);
  struct stat file{};
  ::stat(postgres.c_str(), &file);
  const std::string key = postgres + "\n" + version.output + cluster_locale() + "\n" +
                          std::to_string(file.st_size) + "\n" + std::to_string(file.st_mtime);
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
  co_return "cluster-" + std::string(digits.data(), end);
}

Task<void> run_initdb(const ServerAccount& account, const ServerPrograms& programs,
                      const std::string& target) {
  net::ChildOptions initdb = run_program(account, programs, "initdb");
  initdb.arguments("--pgdata", target, "--username", "postgres", "--auth", "trust");
  initdb.arguments("--encoding", "UTF8", "--locale", cluster_locale(), "--no-sync");
  initdb.directory("/");
  const net::ChildResult result = co_await net::run_child(initdb);
  if (!result.exit.succeeded())
    throw ServerSetupError(Reason::failed, "initdb: " + describe(result.exit) + "\n" +
                                               result.output + result.error_output);
}

// The directory of all templates; empty when somebody else has made one of that name, in a /tmp
// that all may write to.
std::string template_directory(const ServerAccount& account, const std::string& base) {
  const std::string path = base + "/pgreactor-template-" + std::to_string(account.uid);
  if (::mkdir(path.c_str(), 0700) == 0 && ::lchown(path.c_str(), account.uid, account.gid) != 0)
    return {};
  struct stat file{};
  const bool trusted = ::lstat(path.c_str(), &file) == 0 && S_ISDIR(file.st_mode) &&
                       file.st_uid == account.uid && (file.st_mode & 077) == 0;
  return trusted ? path : std::string();
}

// Created for the account, so that its own processes can lock it when root has made it.
net::FileDescriptor open_lock(const ServerAccount& account, const std::string& path) {
  constexpr int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
  net::FileDescriptor created(::open(path.c_str(), flags | O_CREAT | O_EXCL, 0600));
  if (created && ::fchown(created.get(), account.uid, account.gid) == 0) return created;
  net::FileDescriptor lock(::open(path.c_str(), flags));
  if (!lock)
    throw ServerSetupError(Reason::failed,
                           "cannot open " + path + ": " + net::system_error_text(errno));
  return lock;
}

Task<void> take_lock(const net::FileDescriptor& lock) {
  while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) co_await sleep_for(20ms);
}

Task<void> remove(const ServerAccount& account, const std::string& path) {
  net::ChildOptions remove = run_as(account, "/bin/rm");
  remove.arguments("-rf", "--", path).directory("/");
  co_await net::run_child(remove);
}

// Of builders that were killed. One that has just been killed may have an initdb that still runs.
Task<void> remove_unfinished(const ServerAccount& account, const std::string& directory) {
  constexpr std::time_t old_s = 600;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    struct stat file{};
    const std::string path = entry.path().string();
    if (entry.path().filename().string().starts_with("building-") &&
        ::lstat(path.c_str(), &file) == 0 && std::time(nullptr) - file.st_mtime > old_s)
      co_await remove(account, path);
  }
}

Task<void> build_template(const ServerAccount& account, const ServerPrograms& programs,
                          const std::string& directory, const std::string& finished) {
  const net::FileDescriptor lock = open_lock(account, directory + "/lock");
  co_await take_lock(lock);
  if (exists(finished)) co_return;
  co_await remove_unfinished(account, directory);
  const std::string building = directory + "/building-" + std::to_string(std::random_device{}());
  co_await run_initdb(account, programs, building);
  if (::rename(building.c_str(), finished.c_str()) != 0)
    throw ServerSetupError(Reason::failed,
                           "cannot rename " + building + ": " + net::system_error_text(errno));
}

}  // namespace

Task<void> make_cluster(const ServerAccount& account, const ServerPrograms& programs,
                        const std::string& base, const std::string& target) {
  const std::string directory = template_directory(account, base);
  if (directory.empty()) {
    co_await run_initdb(account, programs, target);
    co_return;
  }
  const std::string finished = directory + "/" + co_await template_name(account, programs);
  if (!exists(finished)) co_await build_template(account, programs, directory, finished);
  net::ChildOptions copy = run_as(account, "/bin/cp");
  copy.arguments("-a", "--", finished, target).directory("/");
  const net::ChildResult result = co_await net::run_child(copy);
  if (!result.exit.succeeded())
    throw ServerSetupError(Reason::failed, "copying " + finished + ": " + describe(result.exit) +
                                               "\n" + result.error_output);
}

}  // namespace pgreactor::testing
