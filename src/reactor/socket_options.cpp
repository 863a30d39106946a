#include "src/reactor/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
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

// 0 is "the system's value" to us, and EINVAL to the kernel.
void set_if_given(int descriptor, int option, std::int64_t value, const char* name) {
  if (value > 0) set(descriptor, IPPROTO_TCP, option, static_cast<int>(value), name);
}

}  // namespace

void apply(const SocketOptions& options, int descriptor, int family) {
  if (options.send_buffer > 0)
    set(descriptor, SOL_SOCKET, SO_SNDBUF, options.send_buffer, "SO_SNDBUF");
  if (options.receive_buffer > 0)
    set(descriptor, SOL_SOCKET, SO_RCVBUF, options.receive_buffer, "SO_RCVBUF");
  if (family != AF_INET && family != AF_INET6) return;
  set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
  if (options.keepalive) {
    set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1, "SO_KEEPALIVE");
    set_if_given(descriptor, TCP_KEEPIDLE, options.keepalive_idle.count(), "TCP_KEEPIDLE");
    set_if_given(descriptor, TCP_KEEPINTVL, options.keepalive_interval.count(), "TCP_KEEPINTVL");
    set_if_given(descriptor, TCP_KEEPCNT, options.keepalive_count, "TCP_KEEPCNT");
  }
  set_if_given(descriptor, TCP_USER_TIMEOUT, options.user_timeout.count(), "TCP_USER_TIMEOUT");
}

std::chrono::microseconds round_trip(int descriptor) noexcept {
  tcp_info measured{};
  socklen_t size = sizeof(measured);
  const bool known = ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &measured, &size) == 0;
  return std::chrono::microseconds(known ? measured.tcpi_rtt : 0);
}

std::optional<std::uint32_t> peer_user(int descriptor) noexcept {
  ucred peer{};
  socklen_t size = sizeof(peer);
  const bool known = ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
  // Over TCP the call succeeds, and names nobody.
  return known && peer.uid != static_cast<uid_t>(-1) ? std::optional{peer.uid} : std::nullopt;
}

}  // namespace pgreactor::net
