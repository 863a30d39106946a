#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "src/reactor/file_descriptor.hpp"

/// A client of a few dozen lines, blocking and without any of the library's protocol code: an
/// independent witness that a server is there.
class RawClient {
 public:
  /// Connects to a Unix socket directory (first character '/') or an IPv4 address.
  RawClient(const std::string& host, std::uint16_t port);
  bool connected() const noexcept { return static_cast<bool>(socket_); }

  /// The server's answer to an SSLRequest: 'S', 'N', or 0 when it hung up.
  char ask_for_tls();
  /// Sends the startup message. Shape  "R" and the authentication code ("R0" is trust, "R10" SASL),
  /// or "E" and the server's words; "" when it hung up.
  std::string start(const std::string& user, const std::string& database);
  /// After start() gave "R0": the first column of all rows, a line each; "E" and words on error.
  std::string query(const std::string& sql);

 private:
  struct Message {
    char type = 0;  // 0: the server hung up
    std::string body;
  };
  bool send(std::string_view bytes);
  bool receive(char* into, std::size_t size);
  Message next();

  pgreactor::net::FileDescriptor socket_;
};
