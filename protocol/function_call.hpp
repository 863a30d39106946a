#pragma once
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <pgreactor/vocabulary/format_code.hpp>
#include <pgreactor/vocabulary/oid.hpp>
#include <vector>

#include "protocol/writer.hpp"

// The call of a function by its OID, without SQL: obsolete, says the manual, and a prepared
// statement does the same. We never call one: a session refuses the answer (W12). Both messages are
// here so that a backend knows what it refuses, and a test can send what is to be refused.
namespace pgreactor::protocol {

/// FunctionCall (frontend, 'F'): runs one function. Ends its own segment: no Sync follows.
/// Body: function u32  n format[n]  n value[n]  result_format u16   (every n a u16)
struct FunctionCall {
  Oid function = 0;
  std::vector<FormatCode> argument_formats{};
  std::vector<NullableBytes>
      arguments{};  // nullopt is SQL NULL; received, they point into the body
  FormatCode result_format = FormatCode::text;
};
void encode(Writer& out, const FunctionCall& message);
/// invalid: a list of formats that is neither empty nor of one nor of all arguments.
Decoded<FunctionCall> decode_function_call(Bytes body);

/// FunctionCallResponse (backend, 'V'): what the function returned.
/// Body: value (32-bit length, -1 for NULL)
struct FunctionCallResponse {
  NullableBytes value{};  // points into the body
};
void encode(Writer& out, const FunctionCallResponse& message);
Decoded<FunctionCallResponse> decode_function_call_response(Bytes body);

}  // namespace pgreactor::protocol
