#include "src/reactor/tls_context.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <pgreactor/connection_options.hpp>
#include <string_view>

#include "src/reactor/file_descriptor.hpp"
#include "src/reactor/system_error_text.hpp"

namespace pgreactor::net {
namespace {

[[noreturn]] void refuse(const char* parameter, const std::string& reason) {
  throw ConfigurationError(parameter,
                           std::string("connection options: ") + parameter + ": " + reason);
}

[[noreturn]] void refuse_file(const char* parameter, const std::string& path) {
  refuse(parameter, "\"" + path + "\": " + take_tls_error("cannot be read"));
}

// 0 sets no bound.
int wire_version(TlsVersion version) noexcept {
  switch (version) {
    case TlsVersion::any:
      return 0;
    case TlsVersion::tls_1_0:
      return TLS1_VERSION;
    case TlsVersion::tls_1_1:
      return TLS1_1_VERSION;
    case TlsVersion::tls_1_2:
      return TLS1_2_VERSION;
    case TlsVersion::tls_1_3:
      return TLS1_3_VERSION;
  }
  return 0;
}

// The key's file, open. What others can read is no secret: libpq's rule (A16).
FileDescriptor open_key(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0)
    refuse("sslkey", "\"" + path + "\": " + system_error_text(errno));
  if (!S_ISREG(status.st_mode)) refuse("sslkey", "\"" + path + "\" is not a file");
  const mode_t forbidden = status.st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  if ((status.st_mode & forbidden) != 0)
    refuse("sslkey", "\"" + path +
                         "\" can be read by others than its owner; its mode must be 0600, or 0640 "
                         "when it is root's");
  return file;
}

// Without a password the file must need none: nobody is at a terminal to be asked.
int give_password(char* target, int size, int, void* secret) {
  const std::string_view password = static_cast<const Secret*>(secret)->reveal();
  const auto count = std::min(password.size(), static_cast<std::size_t>(std::max(size, 0)));
  std::memcpy(target, password.data(), count);
  return static_cast<int>(count);
}

// Not a pipe: the loop would wait for its reader.
FileDescriptor open_key_log(const std::string& path) noexcept {
  FileDescriptor file(
      ::open(path.c_str(),
             O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600));
  struct stat status{};
  if (file && ::fstat(file.get(), &status) == 0 && !S_ISREG(status.st_mode)) {
    file = FileDescriptor();
    errno = EINVAL;
  }
  return file;
}

// From within OpenSSL: nothing may be thrown. The path stands in the context's own options.
void append_key(const SSL* ssl, const char* line) noexcept {
  const auto* path = static_cast<const std::string*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0));
  const FileDescriptor file = open_key_log(*path);
  if (!file) return;
  char end = '\n';
  const std::array<iovec, 2> parts{iovec{const_cast<char*>(line), std::strlen(line)},
                                   iovec{&end, 1}};
  [[maybe_unused]] const ssize_t written =
      ::writev(file.get(), parts.data(), static_cast<int>(parts.size()));
}

}  // namespace

std::string take_tls_error(const char* otherwise) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return otherwise;
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  return ERR_SYSTEM_ERROR(code) ? system_error_text(ERR_GET_REASON(code)) : otherwise;
}

TlsContext::TlsContext(SslMode mode, const TlsOptions& options)
    : context_(SSL_CTX_new(TLS_client_method())), mode_(mode), options_(options) {
  if (context_ == nullptr) refuse("sslmode", take_tls_error("OpenSSL has no TLS"));
  SSL_CTX* const context = context_.get();
  ERR_clear_error();
  if (SSL_CTX_set_min_proto_version(context, wire_version(options.oldest)) != 1 ||
      SSL_CTX_set_max_proto_version(context, wire_version(options.newest)) != 1)
    refuse("ssl_min_protocol_version",
           "or ssl_max_protocol_version: " + take_tls_error("OpenSSL does not have it"));
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // Elliptic curves alone: a server could choose a prime that keeps the loop busy for long, and
  // without a key exchange of its own a recorded session opens to whoever gets the server's key.
  if (SSL_CTX_set_cipher_list(context, "DEFAULT:!kDHE:!kRSA:!PSK:!SRP") != 1)
    refuse("sslmode", take_tls_error("OpenSSL has no ciphers"));
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  trust(options);
  revoke(options);
  show_certificate(options);
  if (!options.key_log_file.empty()) log_keys(options.key_log_file);
  options_.key_password = Secret();
}

void TlsContext::trust(const TlsOptions& options) {
  SSL_CTX* const context = context_.get();
  const std::string& roots = options.root_certificates;
  const bool must_verify = mode_ == SslMode::verify_ca || mode_ == SslMode::verify_full;
  if (roots.empty()) {
    if (must_verify)
      refuse("sslrootcert",
             "no certificates to trust are named, and there is no ~/.postgresql/root.crt; "
             "sslrootcert=system trusts those of the system");
    return;
  }
  if (roots == "system") {
    if (SSL_CTX_set_default_verify_paths(context) != 1) refuse_file("sslrootcert", roots);
  } else if (SSL_CTX_load_verify_file(context, roots.c_str()) != 1) {
    refuse_file("sslrootcert", roots);
  }
  // With roots at hand even `require` looks at the certificate: libpq's rule.
  if (mode_ >= SslMode::require) SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

void TlsContext::revoke(const TlsOptions& options) {
  const std::string& file = options.revocation_file;
  const std::string& directory = options.revocation_directory;
  if (file.empty() && directory.empty()) return;
  X509_STORE* const store = SSL_CTX_get_cert_store(context_.get());
  if (!file.empty()) {
    X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (lookup == nullptr || X509_load_crl_file(lookup, file.c_str(), X509_FILETYPE_PEM) <= 0)
      refuse_file("sslcrl", file);
  }
  if (!directory.empty()) {
    X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
    if (lookup == nullptr || X509_LOOKUP_add_dir(lookup, directory.c_str(), X509_FILETYPE_PEM) != 1)
      refuse_file("sslcrldir", directory);
  }
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

void TlsContext::show_certificate(const TlsOptions& options) {
  if (options.client_certificate == ClientCertificate::disable) return;
  if (options.certificate_file.empty()) {
    if (options.client_certificate == ClientCertificate::require)
      refuse("sslcertmode", "require needs a certificate: sslcert names none that exists");
    return;
  }
  SSL_CTX* const context = context_.get();
  Secret password = options.key_password;
  SSL_CTX_set_default_passwd_cb(context, &give_password);
  SSL_CTX_set_default_passwd_cb_userdata(context, &password);
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1)
    refuse_file("sslcert", options.certificate_file);
  if (options.key_file.empty()) refuse("sslkey", "the certificate of sslcert has no key");
  const FileDescriptor file = open_key(options.key_file);
  const std::unique_ptr<BIO, FreeWith<BIO_free>> text(BIO_new_fd(file.get(), BIO_NOCLOSE));
  const std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>> key(
      text == nullptr ? nullptr
                      : PEM_read_bio_PrivateKey(text.get(), nullptr, &give_password, &password));
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (key == nullptr || SSL_CTX_use_PrivateKey(context, key.get()) != 1 ||
      SSL_CTX_check_private_key(context) != 1)
    refuse_file("sslkey", options.key_file);
}

void TlsContext::log_keys(const std::string& path) {
  const FileDescriptor file = open_key_log(path);
  if (!file) refuse("sslkeylogfile", "\"" + path + "\": " + system_error_text(errno));
  SSL_CTX_set_ex_data(context_.get(), 0, &options_.key_log_file);
  SSL_CTX_set_keylog_callback(context_.get(), &append_key);
}

}  // namespace pgreactor::net
