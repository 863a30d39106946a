#pragma once
#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "src/reactor/stream.hpp"
#include "src/reactor/tls_context.hpp"

namespace pgreactor::net_testing {

/// A TLS server in memory, with a certificate of its own for "server.test": what a client's stream
/// sends it answers at once. It echoes what it decrypts.
class TlsPeer {
 public:
  TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  /// Bytes from the client.
  void take(Bytes bytes);
  /// At most so many bytes for the client.
  std::size_t give(std::span<std::byte> into);
  std::size_t waiting() const noexcept { return BIO_ctrl_pending(to_client_); }

  /// Asks for new keys after every so many bytes that were echoed.
  void update_keys_every(std::size_t bytes) noexcept { update_every_ = bytes; }
  void update_keys();
  void say_goodbye();
  const std::string& certificate() const noexcept { return certificate_; }

 private:
  void work();

  std::string certificate_;  // PEM
  std::unique_ptr<SSL_CTX, net::FreeWith<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, net::FreeWith<SSL_free>> ssl_;
  BIO* from_client_ = nullptr;
  BIO* to_client_ = nullptr;
  std::size_t update_every_ = 0, since_update_ = 0;
};

}  // namespace pgreactor::net_testing
