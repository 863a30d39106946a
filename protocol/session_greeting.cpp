#include "protocol/session_greeting.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "protocol/asynchronous.hpp"
#include "protocol/authentication.hpp"
#include "protocol/session.hpp"

// Who is there, and which version of the protocol is spoken.
namespace pgreactor::protocol {

namespace {

constexpr std::size_t quoted_bytes = 32;  // of a stranger's greeting

std::string escaped(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned char>(byte);
    if (value >= 0x20 && value < 0x7F && value != '"' && value != '\\') {
      text += static_cast<char>(value);
    } else {
      text += "\\x";
      text += digits[value >> 4];
      text += digits[value & 15];
    }
  }
  return text;
}

std::string version_text(std::uint32_t version) {
  return std::to_string(version >> 16) + "." + std::to_string(version & 0xFFFF);
}

std::string_view awaited_in(Phase phase) noexcept {
  switch (phase) {
    case Phase::created:
      return "nothing (StartupMessage is not sent yet)";
    case Phase::greeting:
    case Phase::asked:
      return "a request for authentication";
    case Phase::answered:
    case Phase::proven:
      return "AuthenticationOk";
    case Phase::proposing:
      return "AuthenticationSASLContinue";
    case Phase::deriving:
      return "nothing (our proof is not sent yet)";
    case Phase::proving:
      return "AuthenticationSASLFinal";
    case Phase::settling:
      return "the first ReadyForQuery";
    case Phase::ready:
    case Phase::closed:
    case Phase::failed:
      break;
  }
  return "nothing";
}

}  // namespace

bool is_plausible_greeting(BackendTag tag, Bytes body) {
  constexpr std::uint32_t most_authentication_code = 255;
  if (tag == BackendTag::negotiate_protocol_version)
    return static_cast<bool>(decode_negotiate_protocol_version(body));
  if (tag != BackendTag::authentication) return static_cast<bool>(decode_severity(body));
  const auto message = decode_authentication(body);
  if (!message) return false;
  const auto* other = std::get_if<AuthenticationUnsupported>(&*message);
  return other == nullptr || other->code <= most_authentication_code;
}

Event Session::negotiate(Bytes body) {
  const auto message = decode_negotiate_protocol_version(body);
  if (!message) return refuse("a malformed NegotiateProtocolVersion");
  if (std::exchange(state_.negotiated, true))
    return refuse_in_phase("a second NegotiateProtocolVersion");
  // The manual says a minor version, servers send major and minor: no number can be both.
  const std::uint32_t version =
      message->version >> 16 == 0 ? protocol_3_0 | message->version : message->version;
  if (version > state_.version || (version != protocol_3_0 && version != protocol_3_2))
    return refuse("the server offers protocol " + version_text(version) + " where " +
                  version_text(state_.version) + " was asked for");
  if (version < options_.oldest_version)
    return refuse("the server speaks protocol " + version_text(version) +
                  " at most, and min_protocol_version demands " +
                  version_text(options_.oldest_version));
  for (const std::string_view name : message->unknown_options) {
    const auto ours = [name](const auto& parameter) {
      return parameter.first == name && name.starts_with("_pq_.");
    };
    if (std::none_of(options_.parameters.begin(), options_.parameters.end(), ours))
      return refuse("the server refuses a protocol option that was not asked for");
  }
  state_.version = version;
  return {.kind = Kind::progress};
}

Event Session::refuse_stranger(Bytes input) {
  const Bytes shown = input.first(std::min(input.size(), quoted_bytes));
  return refuse("not a PostgreSQL server (got \"" + escaped(shown) + "\")");
}

Event Session::refuse_in_phase(std::string_view message) {
  std::string reason(message.empty() ? "a message of an unknown type" : message);
  reason += " while ";
  reason += awaited_in(state_.phase);
  reason += " was awaited";
  if (message == "AuthenticationOk")
    reason += ": the server ended SCRAM without proving that it knows the password";
  return refuse(std::move(reason));
}

}  // namespace pgreactor::protocol
