#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgreactor::net {

/// Where a server listens: a TCP address with its port, or the path of a Unix socket.
class Endpoint {
 public:
  /// Copies `length` bytes of an address of family AF_INET or AF_INET6.
  static Endpoint tcp(const sockaddr& address, socklen_t length) noexcept;
  /// Without a lookup: nullopt when `host` is not an IPv4 or IPv6 address in numbers.
  static std::optional<Endpoint> numeric(const std::string& host, std::uint16_t port);
  /// A path of 1 to 107 bytes; with a leading '@' the rest is a name in Linux's abstract namespace.
  /// Errors  ConnectionError when the kernel could not hold it.
  static Endpoint unix_socket(std::string_view path);
  /// What a socket is bound to.
  static Endpoint of_socket(int descriptor);

  int family() const noexcept { return address_.ss_family; }
  bool is_unix() const noexcept { return address_.ss_family == AF_UNIX; }
  const sockaddr* address() const noexcept { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t length() const noexcept { return length_; }
  /// 0 for a Unix socket.
  std::uint16_t port() const noexcept;
  /// For people and messages: "127.0.0.1:5432", "[::1]:5432", "/run/x/.s.PGSQL.5432", "@name".
  std::string text() const;

 private:
  Endpoint() = default;

  sockaddr_storage address_{};
  socklen_t length_ = 0;
};

}  // namespace pgreactor::net
