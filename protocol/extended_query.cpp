#include "protocol/extended_query.hpp"

#include "protocol/frame.hpp"
#include "protocol/reader.hpp"

namespace pgreactor::protocol {

namespace {

void put_empty(Writer& out, BackendTag tag) { const auto frame = out.begin(tag); }

Target read_target(Reader& in) {
  const std::uint8_t target = in.u8();
  if (target != 'S' && target != 'P') in.fail(DecodeError::invalid);
  return target == 'P' ? Target::portal : Target::statement;
}

}  // namespace

void encode(Writer& out, const Parse& message) {
  const auto frame = out.begin(FrontendTag::parse);
  out.cstring(message.statement);
  out.cstring(message.sql);
  out.counted(std::span<const Oid>(message.parameter_types), &Writer::u32);
}

Decoded<Parse> decode_parse(Bytes body) {
  Reader in{body};
  Parse message;
  message.statement = in.cstring();
  message.sql = in.cstring();
  message.parameter_types.resize(in.count(sizeof(Oid)));
  for (Oid& type : message.parameter_types) type = in.u32();
  return in.finish(std::move(message));
}

void encode(Writer& out, const Bind& message) {
  const auto frame = out.begin(FrontendTag::bind);
  out.cstring(message.portal);
  out.cstring(message.statement);
  out.counted(message.parameter_formats, &Writer::format);
  out.values(message.parameters);
  out.counted(message.result_formats, &Writer::format);
}

Decoded<ReceivedBind> decode_bind(Bytes body) {
  Reader in{body};
  ReceivedBind message;
  message.portal = in.cstring();
  message.statement = in.cstring();
  in.formats(message.parameter_formats);
  in.values(message.parameters);
  in.formats(message.result_formats);
  const std::size_t formats = message.parameter_formats.size();
  if (formats > 1 && formats != message.parameters.size()) in.fail(DecodeError::invalid);
  return in.finish(std::move(message));
}

void encode(Writer& out, const Describe& message) {
  const auto frame = out.begin(FrontendTag::describe);
  out.u8(static_cast<std::uint8_t>(message.target));
  out.cstring(message.name);
}

Decoded<Describe> decode_describe(Bytes body) {
  Reader in{body};
  Describe message;
  message.target = read_target(in);
  message.name = in.cstring();
  return in.finish(message);
}

void encode(Writer& out, const Close& message) {
  const auto frame = out.begin(FrontendTag::close);
  out.u8(static_cast<std::uint8_t>(message.target));
  out.cstring(message.name);
}

Decoded<Close> decode_close(Bytes body) {
  Reader in{body};
  Close message;
  message.target = read_target(in);
  message.name = in.cstring();
  return in.finish(message);
}

void encode(Writer& out, const Execute& message) {
  const auto frame = out.begin(FrontendTag::execute);
  out.cstring(message.portal);
  out.u32(message.row_limit);
}

Decoded<Execute> decode_execute(Bytes body) {
  Reader in{body};
  Execute message;
  message.portal = in.cstring();
  message.row_limit = in.u32();
  return in.finish(message);
}

void encode(Writer& out, Sync) { const auto frame = out.begin(FrontendTag::sync); }
void encode(Writer& out, Flush) { const auto frame = out.begin(FrontendTag::flush); }

void encode(Writer& out, ParseComplete) { put_empty(out, BackendTag::parse_complete); }
void encode(Writer& out, BindComplete) { put_empty(out, BackendTag::bind_complete); }
void encode(Writer& out, CloseComplete) { put_empty(out, BackendTag::close_complete); }
void encode(Writer& out, NoData) { put_empty(out, BackendTag::no_data); }
void encode(Writer& out, PortalSuspended) { put_empty(out, BackendTag::portal_suspended); }

void encode(Writer& out, const ParameterDescription& message) {
  const auto frame = out.begin(BackendTag::parameter_description);
  out.counted(std::span<const Oid>(message.parameter_types), &Writer::u32);
}

Decoded<ParameterDescription> decode_parameter_description(Bytes body) {
  Reader in{body};
  ParameterDescription message;
  message.parameter_types.resize(in.count(sizeof(Oid)));
  for (Oid& type : message.parameter_types) type = in.u32();
  return in.finish(std::move(message));
}

}  // namespace pgreactor::protocol
