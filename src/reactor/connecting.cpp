#include "src/reactor/connecting.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "src/reactor/system_error_text.hpp"

namespace pgreactor::net {
namespace {

// Where nobody listens on a port of the ephemeral range, the kernel may pick that very port for us,
// and TCP then connects the socket to itself.
bool is_connected_to_itself(int descriptor, const Endpoint& peer) {
  const Endpoint own = Endpoint::of_socket(descriptor);
  return own.port() == peer.port() && own.length() == peer.length() &&
         std::memcmp(own.address(), peer.address(), own.length()) == 0;
}

}  // namespace

FileDescriptor open_socket(const Endpoint& endpoint, const SocketOptions& options) {
  FileDescriptor opened(::socket(endpoint.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!opened) throw connect_error(endpoint, errno);
  apply(options, opened.get(), endpoint.family());
  return opened;
}

int start_connecting(int descriptor, const Endpoint& endpoint) noexcept {
  for (;;) {
    if (::connect(descriptor, endpoint.address(), endpoint.length()) == 0) return 0;
    if (errno != EINTR) return errno;
    // Interrupted, TCP goes on by itself; a Unix socket has done nothing yet.
    if (!endpoint.is_unix()) return EINPROGRESS;
  }
}

int end_connecting(int descriptor, const Endpoint& endpoint) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  if (error == 0 && !endpoint.is_unix() && is_connected_to_itself(descriptor, endpoint))
    return ECONNREFUSED;
  return error;
}

ConnectionError connect_error(const Endpoint& endpoint, int error) {
  return ConnectionError("connecting to " + endpoint.text() + ": " + system_error_text(error));
}

}  // namespace pgreactor::net
