#pragma once
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <variant>

#include "protocol/copy.hpp"
#include "protocol/extended_query.hpp"
#include "protocol/frame.hpp"
#include "protocol/function_call.hpp"
#include "protocol/simple_query.hpp"
#include "protocol/startup.hpp"

namespace pgreactor::protocol {

/// The body of a 'p' message: which of four it is, only the exchange knows (authentication.hpp).
struct PasswordBody {
  Bytes body;
};

/// Whatever a frontend may send after its first message, as a backend receives it. Views point into
/// the body. It is held to the same rules as the other direction (W8).
using FrontendMessage =
    std::variant<ReceivedBind, Close, CopyData, CopyDone, CopyFail, Describe, Execute, Flush,
                 FunctionCall, Parse, PasswordBody, Query, Sync, Terminate>;
Decoded<FrontendMessage> decode_frontend_message(const Frame& frame);

}  // namespace pgreactor::protocol
