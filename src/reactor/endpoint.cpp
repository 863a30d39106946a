#include "src/reactor/endpoint.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cassert>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <pgreactor/error.hpp>

#include "src/reactor/system_error_text.hpp"

namespace pgreactor::net {
namespace {

constexpr socklen_t path_offset = offsetof(sockaddr_un, sun_path);
constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

}  // namespace

Endpoint Endpoint::tcp(const sockaddr& address, socklen_t length) noexcept {
  assert(address.sa_family == AF_INET || address.sa_family == AF_INET6);
  assert(length <= sizeof(sockaddr_storage));
  Endpoint endpoint;
  std::memcpy(&endpoint.address_, &address, length);
  endpoint.length_ = length;
  return endpoint;
}

std::optional<Endpoint> Endpoint::numeric(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  return tcp(*found->ai_addr, found->ai_addrlen);
}

Endpoint Endpoint::unix_socket(std::string_view path) {
  const bool abstract = path.starts_with('@');
  if (path.size() <= (abstract ? 1 : 0)) throw ConnectionError("the path of a socket is empty");
  if (path.size() > longest_path)
    throw ConnectionError("the path of a socket may have " + std::to_string(longest_path) +
                          " bytes, this one has " + std::to_string(path.size()) + ": " +
                          std::string(path));
  if (path.find('\0') != path.npos)
    throw ConnectionError("the path of a socket must not hold a zero byte");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  if (abstract) address.sun_path[0] = '\0';  // its length ends it, no zero byte does
  Endpoint endpoint;
  std::memcpy(&endpoint.address_, &address, sizeof(address));
  endpoint.length_ = path_offset + static_cast<socklen_t>(path.size()) + (abstract ? 0 : 1);
  return endpoint;
}

Endpoint Endpoint::of_socket(int descriptor) {
  Endpoint endpoint;
  endpoint.length_ = sizeof(endpoint.address_);
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&endpoint.address_),
                    &endpoint.length_) != 0) {
    const int error = errno;
    throw ConnectionError("asking for a socket's address: " + system_error_text(error));
  }
  return endpoint;
}

std::uint16_t Endpoint::port() const noexcept {
  // Both families keep the port at the same place, behind the family.
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  if (is_unix()) return 0;
  in_port_t port = 0;
  std::memcpy(&port,
              reinterpret_cast<const std::byte*>(&address_) + offsetof(sockaddr_in, sin_port),
              sizeof(port));
  return ntohs(port);
}

std::string Endpoint::text() const {
  if (is_unix()) {
    const auto* path = reinterpret_cast<const char*>(&address_) + path_offset;
    if (length_ <= path_offset) return "an unnamed socket";
    const std::size_t size = length_ - path_offset;
    if (path[0] == '\0') return std::string("@").append(path + 1, size - 1);
    return {path, strnlen(path, size)};
  }
  char host[NI_MAXHOST];
  if (::getnameinfo(address(), length_, host, sizeof(host), nullptr, 0, NI_NUMERICHOST) != 0)
    return "an unknown address";
  std::string text(host);
  if (family() == AF_INET6) text.insert(0, 1, '[').push_back(']');
  text.push_back(':');
  return text.append(std::to_string(port()));
}

}  // namespace pgreactor::net
