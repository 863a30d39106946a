#include "src/reactor/connect.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <utility>

#include "src/reactor/event_loop.hpp"
#include "src/reactor/socket.hpp"
#include "src/reactor/stream_wait.hpp"
#include "src/reactor/system_error_text.hpp"

namespace pgreactor::net {
namespace {

using std::chrono::milliseconds;

// A Unix socket whose backlog is full refuses with EAGAIN, and nothing tells when there is room.
constexpr milliseconds first_backlog_wait{1}, longest_backlog_wait{64};

ConnectionError connect_error(const Endpoint& endpoint, int error) {
  return ConnectionError("connecting to " + endpoint.text() + ": " + system_error_text(error));
}

FileDescriptor open_socket(const Endpoint& endpoint, const SocketOptions& options) {
  FileDescriptor opened(::socket(endpoint.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!opened) throw connect_error(endpoint, errno);
  apply(options, opened.get(), endpoint.family());
  return opened;
}

// 0, or an errno; EINPROGRESS: it becomes writable when it is over.
int start_connecting(int descriptor, const Endpoint& endpoint) noexcept {
  for (;;) {
    if (::connect(descriptor, endpoint.address(), endpoint.length()) == 0) return 0;
    if (errno != EINTR) return errno;
    // Interrupted, TCP goes on by itself; a Unix socket has done nothing yet.
    if (!endpoint.is_unix()) return EINPROGRESS;
  }
}

int pending_error(int descriptor) noexcept {
  int error = 0;
  socklen_t size = sizeof(error);
  return ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

// Where nobody listens on a port of the ephemeral range, the kernel may pick that very port for us,
// and TCP then connects the socket to itself.
bool is_connected_to_itself(int descriptor, const Endpoint& peer) {
  const Endpoint own = Endpoint::of_socket(descriptor);
  return own.port() == peer.port() && own.length() == peer.length() &&
         std::memcmp(own.address(), peer.address(), own.length()) == 0;
}

Task<std::unique_ptr<Stream>> connect(const Endpoint& endpoint, const SocketOptions& options) {
  EventLoop& loop = (co_await detail::CurrentContext{}).reactor->event_loop();
  FileDescriptor descriptor = open_socket(endpoint, options);
  int error = start_connecting(descriptor.get(), endpoint);
  for (milliseconds wait = first_backlog_wait; error == EAGAIN && endpoint.is_unix();
       wait = std::min(2 * wait, longest_backlog_wait)) {
    co_await sleep_for(wait);
    error = start_connecting(descriptor.get(), endpoint);
  }
  if (error != 0 && error != EINPROGRESS) throw connect_error(endpoint, error);
  auto socket = std::make_unique<Socket>(loop, std::move(descriptor));
  if (error == EINPROGRESS) {
    co_await wait_writable(*socket);
    error = pending_error(socket->descriptor());
    if (error != 0) throw connect_error(endpoint, error);
  }
  if (!endpoint.is_unix() && is_connected_to_itself(socket->descriptor(), endpoint))
    throw connect_error(endpoint, ECONNREFUSED);
  co_return socket;
}

}  // namespace

Task<std::unique_ptr<Stream>> connect_stream(Endpoint endpoint, SocketOptions options) {
  try {
    co_return co_await connect(endpoint, options);
  } catch (const CancelledError&) {
    throw CancelledError("connecting to " + endpoint.text() + ": a stop was requested");
  }
}

}  // namespace pgreactor::net
