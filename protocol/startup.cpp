#include "protocol/startup.hpp"

#include "protocol/frame.hpp"
#include "protocol/reader.hpp"

namespace pgreactor::protocol {

namespace {

CancelKey read_cancel_key(Reader& in) {
  CancelKey key;
  key.process_id = in.u32();
  const Bytes secret = in.rest();
  if (secret.size() < shortest_cancel_key) in.fail(DecodeError::truncated);
  if (secret.size() > longest_cancel_key) in.fail(DecodeError::too_large);
  if (!in.failed()) key.secret.assign(secret.begin(), secret.end());
  return key;
}

void write_cancel_key(Writer& out, const CancelKey& key) {
  if (key.secret.size() < shortest_cancel_key) return out.fail(EncodeError::out_of_range);
  if (key.secret.size() > longest_cancel_key) return out.fail(EncodeError::too_large);
  out.u32(key.process_id);
  out.bytes(key.secret);
}

StartupMessage read_startup(Reader& in, std::uint32_t version) {
  StartupMessage message;
  message.version = version;
  if (version >> 16 != protocol_3_0 >> 16) in.fail(DecodeError::invalid);
  // An empty name ends the list; each turn takes a byte at least, or the reader fails.
  for (std::string_view name = in.cstring(); !name.empty(); name = in.cstring()) {
    const std::string_view value = in.cstring();
    message.parameters.emplace_back(name, value);
  }
  return message;
}

}  // namespace

void encode(Writer& out, const StartupMessage& message) {
  const auto frame = out.begin_untyped();
  out.u32(message.version);
  for (const auto& [name, value] : message.parameters) {
    // An empty name would end the list, and the rest would be lost without a word.
    if (name.empty()) return out.fail(EncodeError::embedded_nul);
    out.cstring(name);
    out.cstring(value);
  }
  out.u8(0);
}

void encode(Writer& out, SSLRequest) {
  const auto frame = out.begin_untyped();
  out.u32(SSLRequest::code);
}

void encode(Writer& out, GSSENCRequest) {
  const auto frame = out.begin_untyped();
  out.u32(GSSENCRequest::code);
}

void encode(Writer& out, const CancelRequest& message) {
  const auto frame = out.begin_untyped();
  out.u32(CancelRequest::code);
  write_cancel_key(out, message.key);
}

Decoded<FirstMessage> decode_first_message(Bytes body) {
  Reader in{body};
  const std::uint32_t code = in.u32();
  switch (code) {
    case SSLRequest::code:
      return in.finish(FirstMessage{SSLRequest{}});
    case GSSENCRequest::code:
      return in.finish(FirstMessage{GSSENCRequest{}});
    case CancelRequest::code: {
      CancelRequest message{read_cancel_key(in)};
      return in.finish(FirstMessage{std::move(message)});
    }
    default: {
      StartupMessage message = read_startup(in, code);
      return in.finish(FirstMessage{std::move(message)});
    }
  }
}

void encode(Writer& out, const NegotiateProtocolVersion& message) {
  const auto frame = out.begin(BackendTag::negotiate_protocol_version);
  out.u32(message.version);
  out.u32(static_cast<std::uint32_t>(message.unknown_options.size()));
  for (const std::string_view name : message.unknown_options) out.cstring(name);
}

Decoded<NegotiateProtocolVersion> decode_negotiate_protocol_version(Bytes body) {
  Reader in{body};
  NegotiateProtocolVersion message;
  message.version = in.u32();
  message.unknown_options.resize(in.wide_count(1));
  for (std::string_view& name : message.unknown_options) name = in.cstring();
  return in.finish(std::move(message));
}

void encode(Writer& out, const BackendKeyData& message) {
  const auto frame = out.begin(BackendTag::backend_key_data);
  write_cancel_key(out, message.key);
}

Decoded<BackendKeyData> decode_backend_key_data(Bytes body) {
  Reader in{body};
  BackendKeyData message{read_cancel_key(in)};
  return in.finish(std::move(message));
}

void encode(Writer& out, const ParameterStatus& message) {
  const auto frame = out.begin(BackendTag::parameter_status);
  out.cstring(message.name);
  out.cstring(message.value);
}

Decoded<ParameterStatus> decode_parameter_status(Bytes body) {
  Reader in{body};
  ParameterStatus message;
  message.name = in.cstring();
  message.value = in.cstring();
  return in.finish(message);
}

void encode(Writer& out, const ReadyForQuery& message) {
  const auto frame = out.begin(BackendTag::ready_for_query);
  out.u8(static_cast<std::uint8_t>(message.status));
}

Decoded<ReadyForQuery> decode_ready_for_query(Bytes body) {
  Reader in{body};
  const std::uint8_t status = in.u8();
  if (!is_transaction_status(status)) in.fail(DecodeError::invalid);
  return in.finish(ReadyForQuery{static_cast<TransactionStatus>(status)});
}

void encode(Writer& out, Terminate) { const auto frame = out.begin(FrontendTag::terminate); }

}  // namespace pgreactor::protocol
