#include "src/reactor/connect.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <utility>

#include "src/reactor/connecting.hpp"
#include "src/reactor/event_loop.hpp"
#include "src/reactor/socket.hpp"
#include "src/reactor/stream_wait.hpp"

namespace pgreactor::net {
namespace {

using std::chrono::milliseconds;

// A Unix socket whose backlog is full refuses with EAGAIN, and nothing tells when there is room.
constexpr milliseconds first_backlog_wait{1}, longest_backlog_wait{64};

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
  if (error == EINPROGRESS) co_await wait_writable(*socket);
  error = end_connecting(socket->descriptor(), endpoint);
  if (error != 0) throw connect_error(endpoint, error);
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
