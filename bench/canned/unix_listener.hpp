#pragma once
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

#include "src/reactor/file_descriptor.hpp"

namespace pgreactor::bench {

/// Errors  std::system_error that says what was not to be had, when `result` is negative.
inline int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

inline net::FileDescriptor stream_socket(int family) {
  return net::FileDescriptor(
      checked(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
}

/// A socket that listens at this path, where nothing may be yet.
/// Errors  std::system_error, std::runtime_error when the path is too long.
inline net::FileDescriptor listen_on_unix(const std::string& path, int backlog) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("path too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  net::FileDescriptor listener = stream_socket(AF_UNIX);
  // the sockets API's own way
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  checked(bind(listener.get(), generic, sizeof address), path.c_str());
  checked(listen(listener.get(), backlog), "listen");
  return listener;
}

}  // namespace pgreactor::bench
