#pragma once
#include <cstdint>
#include <pgreactor/export.hpp>
#include <pgreactor/vocabulary/secret.hpp>
#include <string>

namespace pgreactor {

/// libpq's meaning of each. TCP only: on a Unix socket the kernel says who answers.
///   disable      never TLS
///   allow        without first; with TLS when the server refuses that
///   prefer       TLS where the server offers it, without where it does not: protects from nobody
///                who can alter packets
///   require      encrypts; says nothing of who answers, unless a root certificate file is there
///   verify_ca    the server's certificate comes from a root that is trusted
///   verify_full  and names the host that was asked for: use this one
/// Source  postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
enum class SslMode : std::uint8_t { disable, allow, prefer, require, verify_ca, verify_full };

/// How TLS begins: the server is asked first (`postgres`), or the handshake comes at once, which
/// saves a round trip and needs PostgreSQL 17 (`direct`).
enum class SslNegotiation : std::uint8_t { postgres, direct };

/// Whether SCRAM proves that both ends of the log-in are the ends of the same TLS connection, so
/// that nobody stands between them. `prefer` where the server offers it.
enum class ChannelBindingMode : std::uint8_t { disable, prefer, require };

/// Whether we show a certificate of our own: never, when the server asks, or the server must ask.
enum class ClientCertificate : std::uint8_t { disable, allow, require };

/// `any` sets no bound.
enum class TlsVersion : std::uint8_t { any, tls_1_0, tls_1_1, tls_1_2, tls_1_3 };

/// How TLS is spoken, where it is. Files are read when the first connection of a pool is made;
/// what cannot be used is a ConfigurationError that names the file.
struct TlsOptions {
  SslNegotiation negotiation = SslNegotiation::postgres;  ///< sslnegotiation
  ChannelBindingMode channel_binding = ChannelBindingMode::prefer;
  /// sslrootcert: a file of trusted certificates (PEM), or "system" for those of the system. Empty:
  /// none, and the verify modes are refused. Default  ~/.postgresql/root.crt where that exists.
  std::string root_certificates;
  /// sslcrl and sslcrldir: what was revoked (PEM; OpenSSL's hashed directory).
  std::string revocation_file, revocation_directory;
  ClientCertificate client_certificate = ClientCertificate::allow;  ///< sslcertmode
  /// sslcert and sslkey (PEM). The key's file must not be readable by group or others; one that
  /// belongs to root may be readable by its group.
  std::string certificate_file, key_file;
  Secret key_password;                      ///< sslpassword, of the key's file
  bool server_name = true;                  ///< sslsni: names the host in the handshake
  TlsVersion oldest = TlsVersion::tls_1_2;  ///< ssl_min_protocol_version
  TlsVersion newest = TlsVersion::any;      ///< ssl_max_protocol_version
  /// sslkeylogfile: the secrets of every connection are appended to it, for tools that dissect what
  /// was captured (NSS key log format). Whoever reads it reads everything.
  std::string key_log_file;
};

}  // namespace pgreactor
