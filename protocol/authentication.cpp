#include "protocol/authentication.hpp"

#include <algorithm>

#include "protocol/frame.hpp"
#include "protocol/reader.hpp"

namespace pgreactor::protocol {

namespace {

enum class Code : std::uint32_t {
  ok = 0,
  cleartext_password = 3,
  md5_password = 5,
  sasl = 10,
  sasl_continue = 11,
  sasl_final = 12,
};

void put(Writer& out, Code code) { out.u32(static_cast<std::uint32_t>(code)); }

struct PayloadWriter {
  Writer& out;

  void operator()(const AuthenticationOk&) const { put(out, Code::ok); }
  void operator()(const AuthenticationCleartextPassword&) const {
    put(out, Code::cleartext_password);
  }
  void operator()(const AuthenticationMD5Password& message) const {
    put(out, Code::md5_password);
    out.bytes(message.salt);
  }
  void operator()(const AuthenticationSASL& message) const {
    put(out, Code::sasl);
    for (const std::string_view mechanism : message.mechanisms) out.cstring(mechanism);
    out.u8(0);
  }
  void operator()(const AuthenticationSASLContinue& message) const {
    put(out, Code::sasl_continue);
    out.bytes(as_bytes(message.data));
  }
  void operator()(const AuthenticationSASLFinal& message) const {
    put(out, Code::sasl_final);
    out.bytes(as_bytes(message.data));
  }
  void operator()(const AuthenticationUnsupported& message) const {
    out.u32(message.code);
    out.bytes(as_bytes(message.data));
  }
};

struct Name {
  std::string_view operator()(const AuthenticationOk&) const { return "AuthenticationOk"; }
  std::string_view operator()(const AuthenticationCleartextPassword&) const {
    return "AuthenticationCleartextPassword";
  }
  std::string_view operator()(const AuthenticationMD5Password&) const {
    return "AuthenticationMD5Password";
  }
  std::string_view operator()(const AuthenticationSASL&) const { return "AuthenticationSASL"; }
  std::string_view operator()(const AuthenticationSASLContinue&) const {
    return "AuthenticationSASLContinue";
  }
  std::string_view operator()(const AuthenticationSASLFinal&) const {
    return "AuthenticationSASLFinal";
  }
  std::string_view operator()(const AuthenticationUnsupported&) const {
    return "an unsupported Authentication";
  }
};

std::string_view sasl_payload(Reader& in) {
  const Bytes payload = in.rest();
  if (payload.size() > max_sasl_payload) in.fail(DecodeError::too_large);
  return as_text(payload);
}

AuthenticationSASL read_mechanisms(Reader& in) {
  AuthenticationSASL message;
  if (in.left() > max_sasl_payload) in.fail(DecodeError::too_large);
  for (std::string_view name = in.cstring(); !name.empty(); name = in.cstring())
    message.mechanisms.push_back(name);
  return message;
}

Authentication read_authentication(Reader& in) {
  const std::uint32_t code = in.u32();
  switch (static_cast<Code>(code)) {
    case Code::ok:
      return AuthenticationOk{};
    case Code::cleartext_password:
      return AuthenticationCleartextPassword{};
    case Code::md5_password: {
      AuthenticationMD5Password message;
      const Bytes salt = in.bytes(message.salt.size());
      std::copy(salt.begin(), salt.end(), message.salt.begin());
      return message;
    }
    case Code::sasl:
      return read_mechanisms(in);
    case Code::sasl_continue:
      return AuthenticationSASLContinue{sasl_payload(in)};
    case Code::sasl_final:
      return AuthenticationSASLFinal{sasl_payload(in)};
  }
  return AuthenticationUnsupported{code, as_text(in.rest())};
}

}  // namespace

std::string_view name_of(const AuthenticationUnsupported& message) noexcept {
  switch (message.code) {
    case 2:
      return "KerberosV5";
    case 6:
      return "SCMCredential";
    case 7:
      return "GSS";
    case 8:
      return "GSSContinue";
    case 9:
      return "SSPI";
    default:
      return "unknown";
  }
}

std::string_view name_of(const Authentication& message) noexcept {
  return std::visit(Name{}, message);
}

void encode(Writer& out, const Authentication& message) {
  const auto frame = out.begin(BackendTag::authentication);
  std::visit(PayloadWriter{out}, message);
}

Decoded<Authentication> decode_authentication(Bytes body) {
  Reader in{body};
  Authentication message = read_authentication(in);
  return in.finish(std::move(message));
}

void encode(Writer& out, const PasswordMessage& message) {
  const auto frame = out.begin(FrontendTag::password);
  out.cstring(message.password);
}

Decoded<PasswordMessage> decode_password_message(Bytes body) {
  Reader in{body};
  const PasswordMessage message{in.cstring()};
  return in.finish(message);
}

void encode(Writer& out, const SASLInitialResponse& message) {
  const auto frame = out.begin(FrontendTag::password);
  out.cstring(message.mechanism);
  out.value(as_bytes(message.data));
}

Decoded<SASLInitialResponse> decode_sasl_initial_response(Bytes body) {
  Reader in{body};
  SASLInitialResponse message;
  message.mechanism = in.cstring();
  const NullableBytes data = in.value();
  if (!data) in.fail(DecodeError::null_value);
  if (data && data->size() > max_sasl_payload) in.fail(DecodeError::too_large);
  if (data) message.data = as_text(*data);
  return in.finish(message);
}

void encode(Writer& out, const SASLResponse& message) {
  const auto frame = out.begin(FrontendTag::password);
  out.bytes(as_bytes(message.data));
}

Decoded<SASLResponse> decode_sasl_response(Bytes body) {
  Reader in{body};
  const SASLResponse message{sasl_payload(in)};
  return in.finish(message);
}

}  // namespace pgreactor::protocol
