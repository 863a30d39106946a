#pragma once
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <variant>

#include "protocol/asynchronous.hpp"
#include "protocol/authentication.hpp"
#include "protocol/copy.hpp"
#include "protocol/extended_query.hpp"
#include "protocol/frame.hpp"
#include "protocol/function_call.hpp"
#include "protocol/result.hpp"
#include "protocol/startup.hpp"

namespace pgreactor::protocol {

/// Whatever a backend may send, as one value; views point into the body. For those who look at a
/// conversation from outside: a session decodes only what it needs, where it needs it.
using BackendMessage =
    std::variant<Authentication, BackendKeyData, BindComplete, CloseComplete, CommandComplete,
                 CopyBothResponse, CopyData, CopyDone, CopyInResponse, CopyOutResponse, DataRowView,
                 EmptyQueryResponse, ErrorResponse, FunctionCallResponse, NegotiateProtocolVersion,
                 NoData, NoticeResponse, NotificationResponse, ParameterDescription,
                 ParameterStatus, ParseComplete, PortalSuspended, ReadyForQuery, RowDescription>;
Decoded<BackendMessage> decode_backend_message(const Frame& frame);

}  // namespace pgreactor::protocol
