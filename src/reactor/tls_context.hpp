#pragma once
#include <openssl/ssl.h>

#include <memory>
#include <pgreactor/tls_options.hpp>
#include <string>

namespace pgreactor::net {

/// Ends an object of OpenSSL's.
template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

/// The certificates, keys and rules that all TLS connections to one place share. Immutable once
/// made; reading it from several threads is safe.
class TlsContext {
 public:
  /// Reads the files: some milliseconds for the system's roots, so not on the loop thread.
  /// Errors  ConfigurationError naming parameter and file.
  TlsContext(SslMode mode, const TlsOptions& options);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  SSL_CTX* get() const noexcept { return context_.get(); }
  SslMode mode() const noexcept { return mode_; }
  const TlsOptions& options() const noexcept { return options_; }

 private:
  void trust(const TlsOptions& options);
  void revoke(const TlsOptions& options);
  void show_certificate(const TlsOptions& options);
  void log_keys(const std::string& path);

  std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>> context_;
  SslMode mode_;
  TlsOptions options_;  // without the key's password
};

/// Takes what OpenSSL has to say of this thread's last failure; `otherwise` when that is nothing.
std::string take_tls_error(const char* otherwise);

}  // namespace pgreactor::net
