#include "src/testing/server_guard.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <pgreactor/testing/throwaway_server.hpp>
#include <type_traits>

#include "src/reactor/system_error_text.hpp"

namespace pgreactor::testing {
namespace {

constexpr pid_t dismissed = -1;

// What runs in the guard. Between fork and its end only async-signal-safe calls are made, since
// another thread of ours may have held any lock: no allocation, no exception, no stdio. Nothing
// here has a destructor.
class Guard {
 public:
  Guard(const char* directory, const ServerAccount& account, int socket, int lock, pid_t owner)
      : directory_(directory), account_(account), socket_(socket), lock_(lock), owner_(owner) {}

  [[noreturn]] void run() noexcept {
    ::setsid();
    ::prctl(PR_SET_NAME, "pgreactor-guard");
    close_other_descriptors();
    if (::chdir("/") != 0 || !drop_rights()) ::_exit(1);
    wait_for_owner_to_end();
    end_postmaster();
    ::fcntl(lock_, F_SETFD, 0);  // rm goes on holding it
    char program[] = "/bin/rm";
    char flags[] = "-rf";
    char end_of_flags[] = "--";
    char* const arguments[] = {program, flags, end_of_flags, const_cast<char*>(directory_),
                               nullptr};
    char* const environment[] = {nullptr};
    ::execve(program, arguments, environment);
    ::_exit(1);
  }

 private:
  void close_other_descriptors() const noexcept {
    const auto first = static_cast<unsigned>(std::min(socket_, lock_));
    const auto second = static_cast<unsigned>(std::max(socket_, lock_));
    if (first > 0) close_range(0, first - 1);
    if (first + 1 < second) close_range(first + 1, second - 1);
    close_range(second + 1, ~0U);
  }

  static void close_range(unsigned first, unsigned last) noexcept {
    if (::syscall(SYS_close_range, first, last, 0U) == 0) return;
    constexpr unsigned most = 65536;  // before Linux 5.9, one by one
    for (unsigned descriptor = first; descriptor <= std::min(last, most); ++descriptor)
      ::close(static_cast<int>(descriptor));
  }

  // By system call: the C library's functions would first ask all threads, of which there is one.
  bool drop_rights() const noexcept {
    if (::geteuid() != 0) return true;
    return ::syscall(SYS_setgroups, 0, nullptr) == 0 &&
           ::syscall(SYS_setresgid, account_.gid, account_.gid, account_.gid) == 0 &&
           ::syscall(SYS_setresuid, account_.uid, account_.uid, account_.uid) == 0;
  }

  void wait_for_owner_to_end() noexcept {
    // A child that the owner has forked without exec holds the socket open as well, so that its end
    // may come late: the owner is gone when we have another parent, too.
    constexpr int parent_check_ms = 1000;
    while (::getppid() == owner_) {
      pollfd wanted{socket_, POLLIN, 0};
      if (::poll(&wanted, 1, parent_check_ms) <= 0) continue;
      pid_t message = 0;
      const ssize_t count = ::recv(socket_, &message, sizeof message, 0);
      if (count < 0 && errno == EINTR) continue;
      if (count != sizeof message) return;
      if (message == dismissed) ::_exit(0);
      watch(message);
    }
  }

  // While the owner lives the number is not reused, and the descriptor then names this process for
  // ever. Before Linux 5.3 there is the number alone.
  void watch(pid_t postmaster) noexcept {
    if (process_ >= 0) ::close(process_);
    postmaster_ = postmaster;
    process_ = postmaster > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, postmaster, 0)) : -1;
  }

  void end_postmaster() const noexcept {
    if (postmaster_ <= 0) return;
    send(SIGCONT);  // a stopped process acts on nothing else
    send(SIGQUIT);
    if (ended_within_10_s()) return;
    send(SIGKILL);
    ended_within_10_s();
    ::poll(nullptr, 0, 1000);  // for its backends, which notice by themselves
  }

  void send(int signal) const noexcept {
    if (process_ >= 0) {
      ::syscall(SYS_pidfd_send_signal, process_, signal, nullptr, 0);
    } else {
      ::kill(postmaster_, signal);
    }
  }

  bool ended_within_10_s() const noexcept {
    if (process_ >= 0) {
      pollfd wanted{process_, POLLIN, 0};
      return ::poll(&wanted, 1, 10'000) == 1;
    }
    for (int round = 0; round < 200; ++round) {
      if (::kill(postmaster_, 0) != 0) return true;
      ::poll(nullptr, 0, 50);
    }
    return false;
  }

  const char* directory_;
  ServerAccount account_;
  int socket_;
  int lock_;
  pid_t owner_;
  pid_t postmaster_ = 0;
  int process_ = -1;  // pidfd of postmaster_
};
static_assert(std::is_trivially_destructible_v<Guard>);

}  // namespace

ServerGuard::ServerGuard(const std::string& directory, const ServerAccount& account, int lock) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    throw ServerSetupError(ServerSetupError::Reason::failed,
                           "the guard's socket: " + net::system_error_text(errno));
  socket_ = net::FileDescriptor(ends[0]);
  const net::FileDescriptor guards_end(ends[1]);
  Guard guard(directory.c_str(), account, guards_end.get(), lock, ::getpid());

  // The guard ends by its owner's end alone, and must not run the owner's signal handlers.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_ = ::fork();
  if (pid_ == 0) guard.run();
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid_ < 0)
    throw ServerSetupError(ServerSetupError::Reason::failed,
                           "forking the guard: " + net::system_error_text(error));
}

ServerGuard::~ServerGuard() {
  tell(dismissed);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ServerGuard::tell(pid_t message) noexcept {
  // Not delivered when somebody has killed the guard: the next start does its work then.
  static_cast<void>(::send(socket_.get(), &message, sizeof message, MSG_NOSIGNAL));
}

}  // namespace pgreactor::testing
