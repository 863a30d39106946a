#pragma once
#include <cassert>
#include <pgreactor/values/byte_buffer.hpp>
#include <string>
#include <string_view>

#include "protocol/asynchronous.hpp"
#include "protocol/authentication.hpp"
#include "protocol/copy.hpp"
#include "protocol/extended_query.hpp"
#include "protocol/function_call.hpp"
#include "protocol/result.hpp"
#include "protocol/simple_query.hpp"
#include "protocol/startup.hpp"

namespace pgreactor::testing_support {

/// The messages as they stand on the wire, one after the other.
template <class... Messages>
std::string wire_bytes(const Messages&... messages) {
  ByteBuffer buffer;
  {
    protocol::Writer out(buffer);
    (protocol::encode(out, messages), ...);
    assert(!out.failed());
  }
  return std::string(as_text(buffer.bytes()));
}

/// An ErrorResponse with a severity, a code and a text.
protocol::ErrorResponse error_response(std::string_view sqlstate, std::string_view message,
                                       std::string_view severity = "ERROR");

/// What a server says from an accepted StartupMessage to the first ReadyForQuery, without a proof
/// of identity: AuthenticationOk, some settings, a cancel key, ReadyForQuery.
std::string trusting_startup(const protocol::CancelKey& key);

}  // namespace pgreactor::testing_support
