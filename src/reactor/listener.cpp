#include "src/reactor/listener.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <utility>

#include "src/reactor/event_loop.hpp"
#include "src/reactor/stream_wait.hpp"
#include "src/reactor/system_error_text.hpp"

namespace pgreactor::net {
namespace {

// A connection that cannot be accepted stays in the queue and keeps the socket readable: without a
// pause the loop would spin.
constexpr std::chrono::milliseconds pause_when_exhausted{50};

bool is_exhaustion(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

FileDescriptor listen_on(const Endpoint& endpoint, int backlog) {
  const auto failed = [&endpoint](int error) {
    return ConnectionError("listening on " + endpoint.text() + ": " + system_error_text(error));
  };
  FileDescriptor opened(::socket(endpoint.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!opened) throw failed(errno);
  const int yes = 1;  // a port whose last connections are in TIME_WAIT is free
  if (!endpoint.is_unix() &&
      ::setsockopt(opened.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0)
    throw failed(errno);
  if (::bind(opened.get(), endpoint.address(), endpoint.length()) != 0) throw failed(errno);
  if (::listen(opened.get(), backlog) != 0) throw failed(errno);
  return opened;
}

}  // namespace

Listener::Listener(EventLoop& loop, const Endpoint& endpoint, const SocketOptions& options,
                   int backlog)
    : loop_(loop),
      options_(options),
      socket_(loop, listen_on(endpoint, backlog)),
      endpoint_(Endpoint::of_socket(socket_.descriptor())) {}

Listener::~Listener() {
  if (!endpoint_.is_unix()) return;
  const std::string path = endpoint_.text();
  if (!path.starts_with('@')) ::unlink(path.c_str());
}

Task<std::unique_ptr<Stream>> Listener::accept() {
  for (;;) {
    FileDescriptor accepted(
        ::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted) {
      apply(options_, accepted.get(), endpoint_.family());
      co_return std::make_unique<Socket>(loop_, std::move(accepted));
    }
    const int error = errno;
    if (error == EAGAIN || error == EWOULDBLOCK) {
      co_await wait_readable(socket_);
    } else if (is_exhaustion(error)) {
      co_await sleep_for(pause_when_exhausted);
    } else if (error == EBADF || error == EINVAL || error == ENOTSOCK || error == EFAULT) {
      throw ConnectionError("accepting on " + endpoint_.text() + ": " + system_error_text(error));
    }
    // Anything else is the misfortune of one connection that was in the queue and no longer is.
  }
}

}  // namespace pgreactor::net
