#include <fcntl.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <pgreactor/reactor.hpp>
#include <pgreactor/testing/throwaway_server.hpp>
#include <system_error>
#include <vector>

#include "src/testing/postmaster_file.hpp"
#include "src/testing/server_directory.hpp"

namespace pgreactor::testing {
namespace {

using namespace std::chrono_literals;

bool exists(const std::string& path) {
  struct stat file{};
  return ::lstat(path.c_str(), &file) == 0;
}

// A server that stops takes its System V segment with it; one that was killed leaves it for its
// next start, which will not come. True when backends are still attached.
bool shared_memory_in_use(const std::string& data_directory) {
  const auto left = read_postmaster_file(data_directory);
  if (!left || left->shared_memory_key == 0) return false;
  const int segment = ::shmget(left->shared_memory_key, 0, 0);
  if (segment < 0 || segment != left->shared_memory_id) return false;  // another's, or gone
  shmid_ds state{};
  if (::shmctl(segment, IPC_STAT, &state) != 0) return false;
  if (state.shm_nattch > 0) return true;
  ::shmctl(segment, IPC_RMID, nullptr);
  return false;
}

// The postmaster's working directory is its data directory: no other process can be mistaken for
// it. Where /proc is not mounted we cannot tell, and need not: a postmaster whose lock file has
// gone ends by itself within a minute.
bool is_postmaster_of(pid_t pid, const std::string& data_directory) {
  std::error_code error;
  const auto directory =
      std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/cwd", error);
  return !error && directory == std::filesystem::canonical(data_directory, error) && !error;
}

Task<void> stop_left_over_postmaster(std::string data_directory) {
  const auto left = read_postmaster_file(data_directory);
  if (!left || !is_postmaster_of(left->pid, data_directory)) co_return;
  ::kill(left->pid, SIGCONT);
  ::kill(left->pid, SIGQUIT);
  for (int round = 0; round < 200; ++round) {  // 10 s
    co_await sleep_for(50ms);
    if (!is_postmaster_of(left->pid, data_directory)) co_return;
  }
  ::kill(left->pid, SIGKILL);
}

// The directory's lock when nobody else holds it. A directory without a lock file is being made
// just now, unless it is old.
bool is_abandoned(const std::string& directory, const struct stat& file,
                  net::FileDescriptor& lock) {
  constexpr std::time_t being_made_s = 600;
  lock = net::FileDescriptor(::open((directory + ServerDirectory::lock_name).c_str(),
                                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!lock) return std::time(nullptr) - file.st_mtime > being_made_s;
  return ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

Task<void> remove_server_directory(std::string path, ServerAccount account) {
  for (int round = 0; round < 100; ++round) {  // 5 s
    // the backends of a killed postmaster need a moment to notice, and write files until then
    const bool in_use = shared_memory_in_use(path + "/data");
    if (!in_use || round == 99) {
      net::ChildOptions remove = run_as(account, "/bin/rm");
      remove.arguments("-rf", "--", path).directory("/");
      co_await net::run_child(remove);
      if (!exists(path)) co_return;
    }
    co_await sleep_for(50ms);
  }
  throw ServerSetupError(ServerSetupError::Reason::failed, "cannot remove " + path);
}

Task<void> sweep_left_over_servers(std::string base, ServerAccount account) {
  std::error_code ignored;
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(base, ignored)) {
    if (entry.path().filename().string().starts_with(ServerDirectory::name_prefix))
      found.push_back(entry.path().string());
  }
  for (const std::string& directory : found) {
    struct stat file{};
    if (::lstat(directory.c_str(), &file) != 0 || !S_ISDIR(file.st_mode)) continue;
    // ours until it was handed over, the account's afterwards
    if (file.st_uid != account.uid && file.st_uid != ::geteuid()) continue;
    net::FileDescriptor lock;
    if (!is_abandoned(directory, file, lock)) continue;
    co_await stop_left_over_postmaster(directory + "/data");
    const ServerAccount owner{file.st_uid, file.st_gid};
    co_await remove_server_directory(directory, owner);
  }
}

}  // namespace pgreactor::testing
