#pragma once
#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "src/reactor/stream.hpp"
#include "src/reactor/tls_context.hpp"

namespace pgreactor::net_testing {

/// What a certificate is signed with.
enum class Signing : std::uint8_t { ecdsa_sha256, ed25519, rsa_pss_sha384 };

/// A TLS server in memory, with a certificate of its own for "server.test": what a client's stream
/// sends it answers at once. It echoes what it decrypts.
class TlsPeer {
 public:
  explicit TlsPeer(Signing signing = Signing::ecdsa_sha256);
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  /// Bytes from the client.
  void take(Bytes bytes);
  /// At most so many bytes for the client.
  std::size_t give(std::span<std::byte> into);

  /// Asks for new keys after every so many bytes that were echoed.
  void update_keys_every(std::size_t bytes) noexcept { update_every_ = bytes; }
  void update_keys();
  void say_goodbye();
  /// PEM. The key is sealed with that password; the list of what was revoked holds the certificate.
  const std::string& certificate() const noexcept { return certificate_; }
  std::string key(const std::string& password) const;
  std::string revocations() const;
  /// What a directory of such lists calls it.
  std::string name_of_revocations() const;
  /// The certificate's digest, in binary.
  std::string digest(const EVP_MD* algorithm) const;

  // Before the handshake:
  /// Wants a certificate from the client: this very one.
  void demand_certificate();
  /// Speaks this application protocol when it is offered.
  void speak(const std::string& protocol) { protocol_ = protocol; }
  void speak_tls_1_2();
  /// After the handshake, with TLS 1.2: asks to begin again.
  void ask_for_renegotiation();
  /// What the client's greeting named as the host it wants, as the wire has it; "" for none.
  const std::string& named_host() const noexcept { return named_host_; }
  bool heard_goodbye() const noexcept {
    return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 private:
  void work();

  static int select(SSL* ssl, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* self);

  static int on_hello(SSL* ssl, int* alert, void* self);

  std::unique_ptr<EVP_PKEY, net::FreeWith<EVP_PKEY_free>> key_;
  std::unique_ptr<X509, net::FreeWith<X509_free>> own_;
  std::string certificate_;
  std::string protocol_;
  std::string named_host_;
  std::unique_ptr<SSL_CTX, net::FreeWith<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, net::FreeWith<SSL_free>> ssl_;
  BIO* from_client_ = nullptr;
  BIO* to_client_ = nullptr;
  std::size_t update_every_ = 0, since_update_ = 0;
};

}  // namespace pgreactor::net_testing
