#include "src/reactor/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <pgreactor/error.hpp>
#include <string>

#include "src/reactor/system_error_text.hpp"

namespace pgreactor::net {
namespace {

void set(int descriptor, int level, int option, int value, const char* name) {
  if (::setsockopt(descriptor, level, option, &value, sizeof(value)) == 0) return;
  const int error = errno;
  throw ConnectionError(std::string("setting ") + name + " to " + std::to_string(value) + ": " +
                        system_error_text(error));
}

}  // namespace

void apply(const SocketOptions& options, int descriptor, int family) {
  if (options.send_buffer > 0)
    set(descriptor, SOL_SOCKET, SO_SNDBUF, options.send_buffer, "SO_SNDBUF");
  if (options.receive_buffer > 0)
    set(descriptor, SOL_SOCKET, SO_RCVBUF, options.receive_buffer, "SO_RCVBUF");
  if (family != AF_INET && family != AF_INET6) return;
  const auto seconds = [](std::chrono::seconds time) { return static_cast<int>(time.count()); };
  set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
  set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE");
  set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, seconds(options.keepalive_idle), "TCP_KEEPIDLE");
  set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, seconds(options.keepalive_interval), "TCP_KEEPINTVL");
  set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, options.keepalive_count, "TCP_KEEPCNT");
  set(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(options.user_timeout.count()),
      "TCP_USER_TIMEOUT");
}

}  // namespace pgreactor::net
