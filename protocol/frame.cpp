#include "protocol/frame.hpp"

namespace pgreactor::protocol {

namespace {

constexpr BodyCaps make_frontend_body_caps() noexcept {
  // PostgreSQL's own figures: PQ_SMALL_MESSAGE_LIMIT and PQ_LARGE_MESSAGE_LIMIT of libpq.h
  constexpr std::uint32_t small_message = 10000;
  constexpr std::uint32_t password_message = 65535;
  BodyCaps caps{};
  caps.fill(no_such_tag);
  const auto set = [&caps](FrontendTag tag, std::uint32_t most) {
    caps[static_cast<unsigned char>(tag)] = most;
  };
  set(FrontendTag::bind, max_body);
  set(FrontendTag::close, small_message);
  set(FrontendTag::copy_data, max_body);
  set(FrontendTag::copy_done, 0);
  set(FrontendTag::copy_fail, max_body);
  set(FrontendTag::describe, small_message);
  set(FrontendTag::execute, small_message);
  set(FrontendTag::flush, 0);
  set(FrontendTag::function_call, max_body);
  set(FrontendTag::parse, max_body);
  set(FrontendTag::password, password_message);
  set(FrontendTag::query, max_body);
  set(FrontendTag::sync, 0);
  set(FrontendTag::terminate, 0);
  return caps;
}

}  // namespace

constinit const BodyCaps frontend_body_caps = make_frontend_body_caps();

std::string_view name_of(BackendTag tag) noexcept {
  switch (tag) {
    case BackendTag::authentication:
      return "Authentication";
    case BackendTag::backend_key_data:
      return "BackendKeyData";
    case BackendTag::bind_complete:
      return "BindComplete";
    case BackendTag::close_complete:
      return "CloseComplete";
    case BackendTag::command_complete:
      return "CommandComplete";
    case BackendTag::copy_both_response:
      return "CopyBothResponse";
    case BackendTag::copy_data:
      return "CopyData";
    case BackendTag::copy_done:
      return "CopyDone";
    case BackendTag::copy_in_response:
      return "CopyInResponse";
    case BackendTag::copy_out_response:
      return "CopyOutResponse";
    case BackendTag::data_row:
      return "DataRow";
    case BackendTag::empty_query_response:
      return "EmptyQueryResponse";
    case BackendTag::error_response:
      return "ErrorResponse";
    case BackendTag::function_call_response:
      return "FunctionCallResponse";
    case BackendTag::negotiate_protocol_version:
      return "NegotiateProtocolVersion";
    case BackendTag::no_data:
      return "NoData";
    case BackendTag::notice_response:
      return "NoticeResponse";
    case BackendTag::notification_response:
      return "NotificationResponse";
    case BackendTag::parameter_description:
      return "ParameterDescription";
    case BackendTag::parameter_status:
      return "ParameterStatus";
    case BackendTag::parse_complete:
      return "ParseComplete";
    case BackendTag::portal_suspended:
      return "PortalSuspended";
    case BackendTag::ready_for_query:
      return "ReadyForQuery";
    case BackendTag::row_description:
      return "RowDescription";
  }
  return {};
}

std::string_view name_of(FrontendTag tag) noexcept {
  switch (tag) {
    case FrontendTag::bind:
      return "Bind";
    case FrontendTag::close:
      return "Close";
    case FrontendTag::copy_data:
      return "CopyData";
    case FrontendTag::copy_done:
      return "CopyDone";
    case FrontendTag::copy_fail:
      return "CopyFail";
    case FrontendTag::describe:
      return "Describe";
    case FrontendTag::execute:
      return "Execute";
    case FrontendTag::flush:
      return "Flush";
    case FrontendTag::function_call:
      return "FunctionCall";
    case FrontendTag::parse:
      return "Parse";
    case FrontendTag::password:
      return "PasswordMessage";
    case FrontendTag::query:
      return "Query";
    case FrontendTag::sync:
      return "Sync";
    case FrontendTag::terminate:
      return "Terminate";
  }
  return {};
}

FrameState take_untyped_frame(Bytes& input, Frame& frame, std::size_t& needed) noexcept {
  constexpr std::uint32_t most = 10000;  // MAX_STARTUP_PACKET_LENGTH of pqcomm.h
  needed = length_size;
  if (input.size() < length_size) return FrameState::partial;
  const auto length = load_big_endian<std::uint32_t>(input.data());
  if (length < length_size) return FrameState::too_short;
  if (length > most) return FrameState::too_large;
  needed = length;
  if (input.size() < needed) return FrameState::partial;
  frame = {0, input.subspan(length_size, length - length_size)};
  input = input.subspan(needed);
  return FrameState::whole;
}

}  // namespace pgreactor::protocol
