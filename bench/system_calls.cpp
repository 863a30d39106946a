#include "bench/system_calls.hpp"

#include <dlfcn.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <atomic>
#include <csignal>

// Stands between us and the C library: the program's own definition of these functions is found
// first, also by libuv, which needs them exported. Counts, and calls the real one. It is a process
// that runs one loop thread.
namespace {

std::atomic<std::uint64_t> sends, receives, waits;

template <class Function>
Function next(const char* name) noexcept {
  // dlsym gives every symbol as a void*; POSIX promises that this conversion works
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

[[gnu::visibility("default")]] ssize_t send(int fd, const void* bytes, size_t count, int flags) {
  static const auto real = next<decltype(&send)>("send");
  sends.fetch_add(1, std::memory_order_relaxed);
  return real(fd, bytes, count, flags);
}

[[gnu::visibility("default")]] ssize_t recv(int fd, void* bytes, size_t count, int flags) {
  static const auto real = next<decltype(&recv)>("recv");
  receives.fetch_add(1, std::memory_order_relaxed);
  return real(fd, bytes, count, flags);
}

[[gnu::visibility("default")]] int epoll_pwait(int fd, epoll_event* events, int most, int timeout,
                                               const sigset_t* mask) {
  static const auto real = next<decltype(&epoll_pwait)>("epoll_pwait");
  waits.fetch_add(1, std::memory_order_relaxed);
  return real(fd, events, most, timeout, mask);
}

[[gnu::visibility("default")]] int epoll_wait(int fd, epoll_event* events, int most, int timeout) {
  static const auto real = next<decltype(&epoll_wait)>("epoll_wait");
  waits.fetch_add(1, std::memory_order_relaxed);
  return real(fd, events, most, timeout);
}

}  // extern "C"

namespace pgreactor::bench {

SystemCalls system_calls() noexcept {
  return {sends.load(std::memory_order_relaxed), receives.load(std::memory_order_relaxed),
          waits.load(std::memory_order_relaxed)};
}

}  // namespace pgreactor::bench
