#pragma once
#include <array>
#include <cstdint>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/writer.hpp"

// Messages by which the two sides prove who they are. All views point into the body.
namespace pgreactor::protocol {

/// The largest SASL payload either way; real ones take about 100 bytes (W11).
inline constexpr std::size_t max_sasl_payload = 4096;

// Every Authentication message (backend, 'R') has a body of  code u32  payload.

/// Authentication 0: the frontend is admitted.
struct AuthenticationOk {
  friend bool operator==(const AuthenticationOk&, const AuthenticationOk&) = default;
};

/// Authentication 3: asks for the password itself.
struct AuthenticationCleartextPassword {
  friend bool operator==(const AuthenticationCleartextPassword&,
                         const AuthenticationCleartextPassword&) = default;
};

/// Authentication 5: asks for an MD5 of password, user and salt.  Payload: salt[4]
struct AuthenticationMD5Password {
  std::array<std::byte, 4> salt{};

  friend bool operator==(const AuthenticationMD5Password&,
                         const AuthenticationMD5Password&) = default;
};

/// Authentication 10: offers SASL mechanisms, preferred first.  Payload: (name\0)... \0
struct AuthenticationSASL {
  std::vector<std::string_view> mechanisms{};

  friend bool operator==(const AuthenticationSASL&, const AuthenticationSASL&) = default;
};

/// Authentication 11: a challenge of the mechanism.  Payload: the rest
struct AuthenticationSASLContinue {
  std::string_view data{};

  friend bool operator==(const AuthenticationSASLContinue&,
                         const AuthenticationSASLContinue&) = default;
};

/// Authentication 12: the mechanism's last word.  Payload: the rest
struct AuthenticationSASLFinal {
  std::string_view data{};

  friend bool operator==(const AuthenticationSASLFinal&, const AuthenticationSASLFinal&) = default;
};

/// Any other code: recognised so that the refusal can name it (A23).  Payload: the method's own
struct AuthenticationUnsupported {
  std::uint32_t code = 0;
  std::string_view data{};

  friend bool operator==(const AuthenticationUnsupported&,
                         const AuthenticationUnsupported&) = default;
};
/// "KerberosV5", "GSS", "SSPI" ...; "unknown" for codes the manual does not list.
std::string_view name_of(const AuthenticationUnsupported& message) noexcept;

using Authentication =
    std::variant<AuthenticationOk, AuthenticationCleartextPassword, AuthenticationMD5Password,
                 AuthenticationSASL, AuthenticationSASLContinue, AuthenticationSASLFinal,
                 AuthenticationUnsupported>;
/// The manual's name of the message.
std::string_view name_of(const Authentication& message) noexcept;
void encode(Writer& out, const Authentication& message);
Decoded<Authentication> decode_authentication(Bytes body);

/// PasswordMessage (frontend, 'p'): a password, or its MD5 form.
/// Body: password\0
struct PasswordMessage {
  std::string_view password{};

  friend bool operator==(const PasswordMessage&, const PasswordMessage&) = default;
};
void encode(Writer& out, const PasswordMessage& message);
Decoded<PasswordMessage> decode_password_message(Bytes body);

/// SASLInitialResponse (frontend, 'p'): the chosen mechanism and its first message.
/// Body: mechanism\0  data value (32-bit length, -1 for none)
struct SASLInitialResponse {
  std::string_view mechanism{};
  std::string_view data{};  // SCRAM always has one

  friend bool operator==(const SASLInitialResponse&, const SASLInitialResponse&) = default;
};
void encode(Writer& out, const SASLInitialResponse& message);
Decoded<SASLInitialResponse> decode_sasl_initial_response(Bytes body);

/// SASLResponse (frontend, 'p'): a further message of the mechanism.
/// Body: data, the rest
struct SASLResponse {
  std::string_view data{};

  friend bool operator==(const SASLResponse&, const SASLResponse&) = default;
};
void encode(Writer& out, const SASLResponse& message);
Decoded<SASLResponse> decode_sasl_response(Bytes body);

}  // namespace pgreactor::protocol
