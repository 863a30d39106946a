#include "protocol/function_call.hpp"

#include "protocol/frame.hpp"
#include "protocol/reader.hpp"

namespace pgreactor::protocol {

void encode(Writer& out, const FunctionCall& message) {
  const auto frame = out.begin(FrontendTag::function_call);
  out.u32(message.function);
  out.counted(std::span<const FormatCode>(message.argument_formats), &Writer::format);
  out.values(message.arguments);
  out.format(message.result_format);
}

Decoded<FunctionCall> decode_function_call(Bytes body) {
  Reader in{body};
  FunctionCall message;
  message.function = in.u32();
  in.formats(message.argument_formats);
  in.values(message.arguments);
  message.result_format = in.format();
  const std::size_t formats = message.argument_formats.size();
  if (formats > 1 && formats != message.arguments.size()) in.fail(DecodeError::invalid);
  return in.finish(std::move(message));
}

void encode(Writer& out, const FunctionCallResponse& message) {
  const auto frame = out.begin(BackendTag::function_call_response);
  out.value(message.value);
}

Decoded<FunctionCallResponse> decode_function_call_response(Bytes body) {
  Reader in{body};
  const FunctionCallResponse message{in.value()};
  return in.finish(message);
}

}  // namespace pgreactor::protocol
