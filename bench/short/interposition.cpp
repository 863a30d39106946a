#include "bench/short/interposition.hpp"

#include <dlfcn.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>

#include "bench/short/in_memory_server.hpp"
#include "tests/support/allocation_count.hpp"

#ifdef PGREACTOR_HAS_CALLGRIND
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT static_cast<void>(0)
#endif

// Stands between us and the C library: the program's own definition of these functions is found
// first, also by libuv, which needs them exported. One thread.
namespace pgreactor::bench {
namespace {

InMemoryServer* server = nullptr;
bool collecting = false;         // as long as a Measurement lives
std::uint64_t system_calls = 0;  // of the client
std::uint64_t servers_allocations = 0;

template <class Function>
Function next(const char* name) noexcept {
  // dlsym gives every symbol as a void*; POSIX promises that this conversion works
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

/// While it lives nothing is the client's. Leaves errno alone: it is the client's answer.
class ServersTurn {
 public:
  ServersTurn() noexcept
      : error_(errno), allocations_(testing_support::allocations_on_this_thread()) {
    if (collecting) CALLGRIND_TOGGLE_COLLECT;
  }
  ServersTurn(const ServersTurn&) = delete;
  ServersTurn& operator=(const ServersTurn&) = delete;
  ~ServersTurn() {
    if (collecting) CALLGRIND_TOGGLE_COLLECT;
    servers_allocations += testing_support::allocations_on_this_thread() - allocations_;
    errno = error_;
  }

 private:
  int error_;
  std::size_t allocations_;
};

void give_turn(void (InMemoryServer::*turn)(int), int client) {
  if (server == nullptr) return;
  const ServersTurn here;
  (server->*turn)(client);
}

}  // namespace

void give_turns_to(InMemoryServer* to) noexcept { server = to; }

Measurement::Measurement()
    : system_calls_(system_calls),
      allocations_(testing_support::allocations_on_this_thread() - servers_allocations) {
  collecting = true;
  CALLGRIND_TOGGLE_COLLECT;
}

Measurement::~Measurement() {
  CALLGRIND_TOGGLE_COLLECT;
  collecting = false;
}

ClientCost Measurement::so_far() const noexcept {
  return {system_calls - system_calls_,
          testing_support::allocations_on_this_thread() - servers_allocations - allocations_};
}

}  // namespace pgreactor::bench

extern "C" {

using pgreactor::bench::give_turn;
using pgreactor::bench::InMemoryServer;
using pgreactor::bench::next;
using pgreactor::bench::system_calls;

[[gnu::visibility("default")]] int connect(int fd, const sockaddr* address, socklen_t size) {
  static const auto real = next<decltype(&connect)>("connect");
  ++system_calls;
  const int result = real(fd, address, size);
  if (result == 0) give_turn(&InMemoryServer::on_connect, fd);
  return result;
}

[[gnu::visibility("default")]] ssize_t send(int fd, const void* bytes, size_t count, int flags) {
  static const auto real = next<decltype(&send)>("send");
  ++system_calls;
  const ssize_t result = real(fd, bytes, count, flags);
  if (result > 0) give_turn(&InMemoryServer::on_send, fd);
  return result;
}

[[gnu::visibility("default")]] ssize_t recv(int fd, void* bytes, size_t count, int flags) {
  static const auto real = next<decltype(&recv)>("recv");
  ++system_calls;
  const ssize_t result = real(fd, bytes, count, flags);
  if (result > 0) give_turn(&InMemoryServer::on_receive, fd);
  return result;
}

[[gnu::visibility("default")]] int epoll_pwait(int fd, epoll_event* events, int most, int timeout,
                                               const sigset_t* mask) {
  static const auto real = next<decltype(&epoll_pwait)>("epoll_pwait");
  ++system_calls;
  return real(fd, events, most, timeout, mask);
}

[[gnu::visibility("default")]] int epoll_wait(int fd, epoll_event* events, int most, int timeout) {
  static const auto real = next<decltype(&epoll_wait)>("epoll_wait");
  ++system_calls;
  return real(fd, events, most, timeout);
}

[[gnu::visibility("default")]] int epoll_ctl(int fd, int operation, int of,
                                             epoll_event* event) noexcept {
  static const auto real = next<decltype(&epoll_ctl)>("epoll_ctl");
  ++system_calls;
  return real(fd, operation, of, event);
}

}  // extern "C"
