// Stands before the C library's functions that move bytes or wait for them, and counts.
#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>

#include "bench/counting/counts.hpp"

namespace {

using namespace pgreactor::bench::counting;

/// The function of this name that would have been called without us.
template <class Function>
class Next {
 public:
  constexpr explicit Next(const char* name) noexcept : name_(name) {}

  template <class... Arguments>
  auto operator()(Arguments... arguments) noexcept {
    Function function = function_.load(std::memory_order_relaxed);
    if (function == nullptr) {
      const bool was_inside = inside;
      inside = true;
      // dlsym gives every symbol as a void*; POSIX promises that this conversion works
      function = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name_));
      inside = was_inside;
      function_.store(function, std::memory_order_relaxed);
    }
    return function(arguments...);
  }

 private:
  const char* name_;
  std::atomic<Function> function_{nullptr};
};

}  // namespace

extern "C" {

// A function `name` that adds one to `figure` and hands its arguments on.
#define PGREACTOR_COUNTED(figure, result, name, parameters, ...) \
  [[gnu::visibility("default")]] result name parameters {        \
    static constinit Next<result(*) parameters> next(#name);     \
    count(figure);                                               \
    return next(__VA_ARGS__);                                    \
  }

PGREACTOR_COUNTED(sends, ssize_t, send, (int fd, const void* bytes, size_t size, int flags), fd,
                  bytes, size, flags)
PGREACTOR_COUNTED(sends, ssize_t, sendto,
                  (int fd, const void* bytes, size_t size, int flags, const sockaddr* to,
                   socklen_t to_size),
                  fd, bytes, size, flags, to, to_size)
PGREACTOR_COUNTED(sends, ssize_t, sendmsg, (int fd, const msghdr* message, int flags), fd, message,
                  flags)
PGREACTOR_COUNTED(sends, ssize_t, write, (int fd, const void* bytes, size_t size), fd, bytes, size)
PGREACTOR_COUNTED(sends, ssize_t, writev, (int fd, const iovec* pieces, int number), fd, pieces,
                  number)

PGREACTOR_COUNTED(receives, ssize_t, recv, (int fd, void* bytes, size_t size, int flags), fd, bytes,
                  size, flags)
PGREACTOR_COUNTED(receives, ssize_t, recvfrom,
                  (int fd, void* bytes, size_t size, int flags, sockaddr* from,
                   socklen_t* from_size),
                  fd, bytes, size, flags, from, from_size)
PGREACTOR_COUNTED(receives, ssize_t, recvmsg, (int fd, msghdr* message, int flags), fd, message,
                  flags)
PGREACTOR_COUNTED(receives, ssize_t, read, (int fd, void* bytes, size_t size), fd, bytes, size)
PGREACTOR_COUNTED(receives, ssize_t, readv, (int fd, const iovec* pieces, int number), fd, pieces,
                  number)

PGREACTOR_COUNTED(waits, int, epoll_wait, (int fd, epoll_event* events, int most, int timeout), fd,
                  events, most, timeout)
PGREACTOR_COUNTED(waits, int, epoll_pwait,
                  (int fd, epoll_event* events, int most, int timeout, const sigset_t* mask), fd,
                  events, most, timeout, mask)
PGREACTOR_COUNTED(waits, int, poll, (pollfd * fds, nfds_t number, int timeout), fds, number,
                  timeout)
PGREACTOR_COUNTED(waits, int, ppoll,
                  (pollfd * fds, nfds_t number, const timespec* timeout, const sigset_t* mask), fds,
                  number, timeout, mask)
PGREACTOR_COUNTED(waits, int, select,
                  (int number, fd_set* reads, fd_set* writes, fd_set* errors, timeval* timeout),
                  number, reads, writes, errors, timeout)

// What the same calls are compiled to with _FORTIFY_SOURCE where the size of the buffer is known.
PGREACTOR_COUNTED(receives, ssize_t, __recv_chk,
                  (int fd, void* bytes, size_t size, size_t room, int flags), fd, bytes, size, room,
                  flags)
PGREACTOR_COUNTED(receives, ssize_t, __recvfrom_chk,
                  (int fd, void* bytes, size_t size, size_t room, int flags, sockaddr* from,
                   socklen_t* from_size),
                  fd, bytes, size, room, flags, from, from_size)
PGREACTOR_COUNTED(receives, ssize_t, __read_chk, (int fd, void* bytes, size_t size, size_t room),
                  fd, bytes, size, room)
PGREACTOR_COUNTED(waits, int, __poll_chk, (pollfd * fds, nfds_t number, int timeout, size_t room),
                  fds, number, timeout, room)
PGREACTOR_COUNTED(waits, int, __ppoll_chk,
                  (pollfd * fds, nfds_t number, const timespec* timeout, const sigset_t* mask,
                   size_t room),
                  fds, number, timeout, mask, room)

[[gnu::visibility("default")]] int epoll_ctl(int fd, int operation, int of,
                                             epoll_event* event) noexcept {
  static constinit Next<int (*)(int, int, int, epoll_event*)> next("epoll_ctl");
  count(other);
  return next(fd, operation, of, event);
}

#undef PGREACTOR_COUNTED

}  // extern "C"
