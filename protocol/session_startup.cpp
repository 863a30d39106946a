#include <algorithm>
#include <array>

#include "protocol/asynchronous.hpp"
#include "protocol/authentication.hpp"
#include "protocol/base64.hpp"
#include "protocol/session.hpp"
#include "protocol/session_greeting.hpp"

//  phase      message                            next       action
//  created    start()                            greeting   send StartupMessage
//  greeting   AuthenticationOk                   settling   unless the policy demands a proof
//  greeting   AuthenticationCleartextPassword    answered   send PasswordMessage, if allowed
//  greeting   AuthenticationMD5Password          answered   send PasswordMessage, if allowed
//  greeting   AuthenticationSASL                 proposing  send client-first, if allowed
//  proposing  AuthenticationSASLContinue         deriving   ask for the keys
//  deriving   provide_scram_keys()               proving    send client-final
//  proving    AuthenticationSASLFinal            proven     check the server's signature
//  answered   AuthenticationOk                   settling
//  proven     AuthenticationOk                   settling
//  settling   BackendKeyData                     settling   remember it, once
//  settling   ParameterStatus                    settling   remember it
//  settling   NotificationResponse               settling
//  settling   ReadyForQuery                      ready
//  greeting ... proven     NegotiateProtocolVersion  the same   once; only less than we asked for
//  greeting ... settling   NoticeResponse        the same   at most 16 before settling
//  greeting ... settling   ErrorResponse         closed
//  created ... settling    anything else         failed
namespace pgreactor::protocol {

namespace {

// Sizes before authentication: of one body, and of all messages together (W5).
constexpr std::uint32_t most_unauthenticated_body = 8192;
constexpr std::uint32_t most_unauthenticated_bytes = 65536;
constexpr std::uint32_t most_unauthenticated_notices = 16;
constexpr std::uint32_t most_settling_body = 65536;     // admitted, but by a server still unproven
constexpr std::uint32_t most_startup_body = 10000 - 4;  // MAX_STARTUP_PACKET_LENGTH, pqcomm.h
constexpr std::size_t nonce_bytes = 18;                 // as libpq (A9)

bool may_come_unauthenticated(BackendTag tag) noexcept {
  return tag == BackendTag::authentication || tag == BackendTag::error_response ||
         tag == BackendTag::notice_response || tag == BackendTag::negotiate_protocol_version;
}

}  // namespace

void Session::start() {
  assert(state_.phase == Phase::created);
  StartupMessage message{.version = state_.version};
  message.parameters.emplace_back("user", options_.user);
  if (!options_.database.empty()) message.parameters.emplace_back("database", options_.database);
  message.parameters.emplace_back("client_encoding", "UTF8");
  for (const auto& [name, value] : options_.parameters) {
    if (name != "client_encoding")
      message.parameters.emplace_back(name, value);
    else if (value != "UTF8")
      return fail("client_encoding can only be UTF8");
  }
  Writer out{output_, most_startup_body};
  encode(out, message);
  if (out.failed())
    return fail("the startup parameters cannot be sent: " + std::string(name_of(out.error())));
  state_.phase = Phase::greeting;
}

template <class Message>
Event Session::send(const Message& message, Phase then) {
  Writer out{output_};
  encode(out, message);
  if (out.failed())
    return refuse("the password cannot be sent: " + std::string(name_of(out.error())));
  state_.phase = then;
  return {.kind = Kind::progress};
}

Event Session::next_before_ready(Bytes& input) {
  switch (state_.phase) {
    case Phase::created:
      if (input.empty()) return need(header_size);
      return refuse_in_phase(name_of(static_cast<BackendTag>(input[0])));
    case Phase::greeting:
    case Phase::asked:
    case Phase::answered:
    case Phase::proposing:
    case Phase::deriving:
    case Phase::proving:
    case Phase::proven:
      return next_unauthenticated(input);
    case Phase::settling:
      return next_settling(input);
    case Phase::ready:
      break;
    case Phase::closed:
      input = {};
      return need(header_size);
    case Phase::failed:
      return {.kind = Kind::violation};
  }
  assert(false);
  return {.kind = Kind::violation};
}

Event Session::next_unauthenticated(Bytes& input) {
  if (input.empty()) return need(header_size);
  const bool first = state_.unauthenticated_bytes == 0;
  const auto tag = static_cast<BackendTag>(input[0]);
  if (!may_come_unauthenticated(tag)) {
    return first ? refuse_stranger(input) : refuse_in_phase(name_of(tag));
  }
  if (input.size() < header_size) return need(header_size);
  const auto length = load_big_endian<std::uint32_t>(input.data() + 1);
  if (length < length_size || length > most_unauthenticated_body + length_size)
    return first ? refuse_stranger(input) : refuse_header(input);
  const std::uint32_t size = 1 + length;
  if (size > most_unauthenticated_bytes - state_.unauthenticated_bytes)
    return refuse("more than 64 KiB before authentication");
  if (input.size() < size) return need(size);
  state_.unauthenticated_bytes += size;
  const Bytes whole = input.first(size);
  input = input.subspan(size);
  if (first && !is_plausible_greeting(tag, whole.subspan(header_size)))
    return refuse_stranger(whole);
  return greet(tag, whole.subspan(header_size));
}

Event Session::greet(BackendTag tag, Bytes body) {
  switch (tag) {
    case BackendTag::authentication:
      return authenticate(body);
    case BackendTag::error_response:
      if (!decode_severity(body)) return refuse("a malformed ErrorResponse");
      state_.phase = Phase::closed;
      return {.kind = Kind::error, .body = body};
    case BackendTag::notice_response:
      if (!decode_severity(body)) return refuse("a malformed NoticeResponse");
      if (++state_.unauthenticated_notices > most_unauthenticated_notices)
        return refuse("too many notices before authentication");
      return {.kind = Kind::notice, .body = body};
    default:
      return negotiate(body);
  }
}

Event Session::authenticate(Bytes body) {
  const auto message = decode_authentication(body);
  if (!message) return refuse("a malformed authentication message");
  const bool ok = std::holds_alternative<AuthenticationOk>(*message);
  switch (state_.phase) {
    case Phase::greeting:
      state_.phase = Phase::asked;
      if (ok && options_.policy.require_proof)
        return refuse("the server asked for no proof of identity, and the policy demands one");
      if (options_.policy.bind == BindChannel::always &&
          !std::holds_alternative<AuthenticationSASL>(*message))
        return refuse_unbound();
      if (ok) return admit();
      if (std::holds_alternative<AuthenticationCleartextPassword>(*message))
        return answer_cleartext();
      if (const auto* md5 = std::get_if<AuthenticationMD5Password>(&*message))
        return answer_md5(md5->salt);
      if (const auto* sasl = std::get_if<AuthenticationSASL>(&*message))
        return propose(sasl->mechanisms);
      if (const auto* other = std::get_if<AuthenticationUnsupported>(&*message))
        return refuse("the server asks for an unsupported authentication method: " +
                      std::string(name_of(*other)));
      break;
    case Phase::proposing:
      if (const auto* step = std::get_if<AuthenticationSASLContinue>(&*message))
        return challenge(step->data);
      break;
    case Phase::proving:
      if (const auto* last = std::get_if<AuthenticationSASLFinal>(&*message))
        return check_signature(last->data);
      break;
    case Phase::answered:
    case Phase::proven:
      if (ok) return admit();
      break;
    default:
      break;
  }
  return refuse_in_phase(name_of(*message));
}

namespace {

// Forgets what was written to it and sent.
void wipe_storage(ByteBuffer& sent) {
  if (!sent.empty()) return;
  const std::size_t all = sent.capacity();
  wipe(sent.extend(all), all);
  sent.truncate(0);
}

}  // namespace

// A connection lives long, and needs no password any more (A17).
Event Session::admit() {
  options_.password = Secret();
  wipe_storage(output_);
  state_.phase = Phase::settling;
  return {.kind = Kind::authenticated};
}

// Only SCRAM can bind: nothing else may pass where that is required (A5).
Event Session::refuse_unbound() {
  return refuse("channel binding is required, and the server does not ask for SCRAM");
}

Event Session::answer_cleartext() {
  if (!options_.policy.allow_cleartext)
    return refuse(options_.policy.encrypted
                      ? "the server asks for a cleartext password, which the policy does not allow"
                      : "the server asks for a cleartext password on an unencrypted connection");
  if (options_.password.empty()) return refuse("the server asks for a password; none was given");
  return send(PasswordMessage{options_.password.reveal()}, Phase::answered);
}

Event Session::answer_md5(Bytes salt) {
  if (!options_.policy.allow_md5)
    return refuse("the server asks for an MD5 password, which the policy does not allow");
  if (options_.password.empty()) return refuse("the server asks for a password; none was given");
  const auto answer = md5_password(options_.password, options_.user, salt);
  if (!answer) return refuse("OpenSSL refused to compute MD5");
  return send(PasswordMessage{*answer}, Phase::answered);
}

Event Session::propose(const std::vector<std::string_view>& mechanisms) {
  const auto offers = [&mechanisms](std::string_view mechanism) {
    return std::find(mechanisms.begin(), mechanisms.end(), mechanism) != mechanisms.end();
  };
  const bool offers_plus = offers(scram_sha_256_plus);
  if (!offers_plus && !offers(scram_sha_256))
    return refuse("the server offers no SASL mechanism that is supported (SCRAM-SHA-256)");
  if (offers_plus && !options_.policy.encrypted)
    return refuse("the server offers channel binding on a connection without TLS");
  const AuthenticationPolicy& policy = options_.policy;
  const bool must_bind = policy.bind == BindChannel::always;
  const bool may_bind = policy.bind != BindChannel::never && policy.encrypted;
  const bool binds = offers_plus && may_bind && !options_.end_point.empty();
  if (must_bind && !policy.encrypted)
    return refuse("channel binding is required, and the connection has no TLS");
  if (must_bind && !offers_plus)
    return refuse("channel binding is required, and the server does not offer it");
  // Whoever stands between could have such a certificate of his own, to get out of the binding that
  // would give him away (A6).
  if (offers_plus && may_bind && !binds && (must_bind || !policy.host_verified))
    return refuse(
        "the server offers channel binding, and its certificate has no digest to bind "
        "to: let sslmode=verify-full tell who it is, or do without by "
        "channel_binding=disable");
  if (!binds && !offers(scram_sha_256))
    return refuse("the server offers SCRAM-SHA-256-PLUS alone, which cannot be used here");
  if (!options_.policy.allow_scram)
    return refuse("the server asks for SCRAM, which the policy does not allow");
  if (options_.password.empty()) return refuse("the server asks for a password; none was given");
  std::array<std::byte, nonce_bytes> nonce{};
  if (!random_(nonce)) return refuse("the source of random numbers failed");
  ChannelBinding binding;
  // "y" tells a server that does offer it that somebody took the offer away (A6).
  if (may_bind && !offers_plus) binding.gs2_header = "y,,";
  if (binds) binding = {"p=tls-server-end-point,,", std::string(as_text(options_.end_point))};
  state_.scram = ScramClient(to_base64(nonce), std::move(binding));
  const std::string client_first = state_.scram.client_first();
  return send(SASLInitialResponse{binds ? scram_sha_256_plus : scram_sha_256, client_first},
              Phase::proposing);
}

Event Session::challenge(std::string_view server_first) {
  const ScramFault fault = state_.scram.on_server_first(server_first, options_.policy.iterations);
  if (fault != ScramFault::none) return refuse_scram(fault);
  state_.phase = Phase::deriving;
  return {.kind = Kind::scram_keys_needed};
}

void Session::provide_scram_keys(const ScramKeys& keys) {
  if (state_.phase != Phase::deriving) return;  // the session ended while they were derived
  const std::string client_final = state_.scram.client_final(keys);
  send(SASLResponse{client_final}, Phase::proving);
}

Event Session::check_signature(std::string_view server_final) {
  const ScramFault fault = state_.scram.on_server_final(server_final);
  if (fault != ScramFault::none) return refuse_scram(fault);
  state_.phase = Phase::proven;
  return {.kind = Kind::progress};
}

Event Session::next_settling(Bytes& input) {
  if (input.size() < header_size) return need(header_size);
  const Bytes header = input;
  Frame frame;
  std::size_t needed = 0;
  const FrameState frame_state = take_frame(input, backend_body_caps, frame, needed);
  if (needed > header_size + most_settling_body) return refuse_header(header);
  if (frame_state == FrameState::partial) return need(needed);
  if (frame_state != FrameState::whole) return refuse_header(header);
  return settle(frame);
}

Event Session::settle(const Frame& frame) {
  const auto tag = static_cast<BackendTag>(frame.tag);
  switch (tag) {
    case BackendTag::error_response:
      if (!decode_severity(frame.body)) return refuse("a malformed ErrorResponse");
      state_.phase = Phase::closed;
      return {.kind = Kind::error, .body = frame.body};
    case BackendTag::notice_response:
    case BackendTag::notification_response:
    case BackendTag::parameter_status:
      return on_asynchronous(tag, frame.body);
    case BackendTag::backend_key_data: {
      auto message = decode_backend_key_data(frame.body);
      // Under protocol 3.0 a key has 4 bytes (W22).
      if (!message ||
          (state_.version == protocol_3_0 && message->key.secret.size() != shortest_cancel_key))
        return refuse("a malformed BackendKeyData");
      if (!state_.cancel_key.secret.empty()) return refuse_in_phase("a second BackendKeyData");
      state_.cancel_key = std::move(message->key);
      return {.kind = Kind::progress};
    }
    case BackendTag::ready_for_query: {
      const auto message = decode_ready_for_query(frame.body);
      if (!message || message->status != TransactionStatus::idle)
        return refuse("a first ReadyForQuery that does not say idle");
      state_.phase = Phase::ready;
      return {.kind = Kind::ready_for_first_time, .body = frame.body};
    }
    default:
      return refuse_in_phase(name_of(tag));
  }
}

Event Session::refuse_scram(ScramFault fault) {
  std::string reason = "authentication failed: " + std::string(name_of(fault));
  if (!state_.scram.refusal().empty()) reason += " (" + std::string(state_.scram.refusal()) + ")";
  return refuse(std::move(reason));
}

}  // namespace pgreactor::protocol
