#pragma once
#include <cstdint>
#include <optional>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/secret.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/digest.hpp"

// SCRAM-SHA-256, both sides of it.
//
//   client-first    gs2-header  "n=,r=" nonce
//   server-first    "r=" nonce+more  ",s=" base64(salt)  ",i=" iterations
//   client-final    "c=" base64(gs2-header binding)  ",r=" nonce+more  ",p=" base64(proof)
//   server-final    "v=" base64(signature)   or   "e=" reason
//
// Source  RFC 5802, RFC 7677; postgresql.org/docs/current/sasl-authentication.html
namespace pgreactor::protocol {

inline constexpr std::string_view scram_sha_256 = "SCRAM-SHA-256";
/// With channel binding.
inline constexpr std::string_view scram_sha_256_plus = "SCRAM-SHA-256-PLUS";

/// What remains of a password once its salt and iterations are known. Who holds the client key can
/// log in, and who holds the server key can pose as the server: they are overwritten when they end
/// (A17).
class ScramKeys {
 public:
  ScramKeys() = default;
  ScramKeys(const ScramKeys&) = default;
  ScramKeys& operator=(const ScramKeys&) = default;
  ~ScramKeys() {
    for (Sha256* key : {&client_key, &stored_key, &server_key}) wipe(key->data(), key->size());
  }

  Sha256 client_key{};
  Sha256 stored_key{};
  Sha256 server_key{};
};

/// SASLprep and PBKDF2: about half a millisecond for PostgreSQL's 4096 iterations, so not on the
/// loop thread. Keep the keys by (password, salt, iterations) and a storm of connects costs one of
/// it.
ScramKeys derive_scram_keys(const Secret& password, Bytes salt, std::uint32_t iterations);

/// Why an exchange ended. `none` is: go on.
enum class ScramFault : std::uint8_t {
  none,
  malformed,            ///< not the message that the exchange is at
  nonce_not_extended,   ///< the other side's nonce does not begin with ours, or adds nothing (A9)
  iterations_too_few,   ///< a cheap proof to attack offline (A8)
  iterations_too_many,  ///< a way to keep us busy (A7)
  refused,              ///< the other side says e=..., see refusal() (A10)
  wrong_signature,      ///< the other side does not know the password's verifier
  wrong_proof,          ///< (server side) the client does not know the password
  wrong_binding,        ///< (server side) not the channel binding that was announced
};
std::string_view name_of(ScramFault fault) noexcept;

/// The iterations a client works for.
struct IterationLimits {
  std::uint32_t least = 4096;   // RFC 7677
  std::uint32_t most = 100000;  // 23 ms of one core

  friend bool operator==(const IterationLimits&, const IterationLimits&) = default;
};

/// The channel binding a client announces: "n,," for none, "y,," for none because the server seems
/// to have none, "p=tls-server-end-point,," for `data`, which is the digest of its certificate.
struct ChannelBinding {
  std::string gs2_header = "n,,";
  std::string data;

  friend bool operator==(const ChannelBinding&, const ChannelBinding&) = default;
};

/// The client's side of one exchange; the calls come in the order of the messages.
class ScramClient {
 public:
  ScramClient() = default;
  /// `nonce`: printable, without a comma, and of at least 18 random bytes (A9). PostgreSQL takes
  /// the user from StartupMessage and ignores the name here, so it is left empty.
  explicit ScramClient(std::string nonce, ChannelBinding binding = {}, std::string_view name = {});

  std::string client_first() const;
  /// Learns salt and iterations, by which the keys are derived.
  [[nodiscard]] ScramFault on_server_first(std::string_view message, IterationLimits limits);
  const std::vector<std::byte>& salt() const noexcept { return salt_; }
  std::uint32_t iterations() const noexcept { return iterations_; }
  /// Writes client-final; remembers which signature the server must answer with.
  std::string client_final(const ScramKeys& keys);
  [[nodiscard]] ScramFault on_server_final(std::string_view message);
  /// The server's word after e=, at most 64 printable characters; empty without one.
  std::string_view refusal() const noexcept { return refusal_; }

  friend bool operator==(const ScramClient&, const ScramClient&) = default;

 private:
  std::string nonce_;  // ours, then the whole
  std::string client_first_bare_;
  std::string server_first_;
  ChannelBinding binding_;
  std::vector<std::byte> salt_;
  std::uint32_t iterations_ = 0;
  std::optional<Sha256> server_signature_;
  std::string refusal_;
};

/// What a server keeps of a password.
struct ScramVerifier {
  std::vector<std::byte> salt;
  std::uint32_t iterations = 4096;
  Sha256 stored_key{};
  Sha256 server_key{};
};

/// The server's side, for scripted backends.
class ScramServer {
 public:
  /// `nonce` is what the server adds to the client's.
  ScramServer(ScramVerifier verifier, std::string nonce);

  [[nodiscard]] ScramFault on_client_first(std::string_view message, std::string& server_first);
  /// Writes server-final: "v=..." when the proof holds, else "e=..." and the fault.
  [[nodiscard]] ScramFault on_client_final(std::string_view message, std::string& server_final);

 private:
  ScramVerifier verifier_;
  std::string nonce_;  // ours, then the whole
  std::string gs2_header_;
  std::string client_first_bare_;
  std::string server_first_;
};

/// PostgreSQL's older scheme: "md5" and the digest of (digest of password and user) and salt.
/// nullopt when the installed OpenSSL refuses MD5.
std::optional<std::string> md5_password(const Secret& password, std::string_view user, Bytes salt);

}  // namespace pgreactor::protocol
