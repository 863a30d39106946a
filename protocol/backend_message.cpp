#include "protocol/backend_message.hpp"

#include "protocol/any_message.hpp"

namespace pgreactor::protocol {

namespace {

template <class Message>
Decoded<BackendMessage> copy_response(Bytes body) {
  auto format = decode_copy_format(body);
  if (!format) return format.error();
  return BackendMessage{Message{std::move(*format)}};
}

}  // namespace

Decoded<BackendMessage> decode_backend_message(const Frame& frame) {
  switch (static_cast<BackendTag>(frame.tag)) {
    case BackendTag::authentication:
      return widen<BackendMessage>(decode_authentication(frame.body));
    case BackendTag::backend_key_data:
      return widen<BackendMessage>(decode_backend_key_data(frame.body));
    case BackendTag::bind_complete:
      return decode_empty<BackendMessage, BindComplete>(frame.body);
    case BackendTag::close_complete:
      return decode_empty<BackendMessage, CloseComplete>(frame.body);
    case BackendTag::command_complete:
      return widen<BackendMessage>(decode_command_complete(frame.body));
    case BackendTag::copy_both_response:
      return copy_response<CopyBothResponse>(frame.body);
    case BackendTag::copy_data:
      return BackendMessage{CopyData{frame.body}};
    case BackendTag::copy_done:
      return decode_empty<BackendMessage, CopyDone>(frame.body);
    case BackendTag::copy_in_response:
      return copy_response<CopyInResponse>(frame.body);
    case BackendTag::copy_out_response:
      return copy_response<CopyOutResponse>(frame.body);
    case BackendTag::data_row:
      return widen<BackendMessage>(decode_data_row(frame.body));
    case BackendTag::empty_query_response:
      return decode_empty<BackendMessage, EmptyQueryResponse>(frame.body);
    case BackendTag::error_response:
      return widen<BackendMessage>(decode_error_response(frame.body));
    case BackendTag::function_call_response:
      return widen<BackendMessage>(decode_function_call_response(frame.body));
    case BackendTag::negotiate_protocol_version:
      return widen<BackendMessage>(decode_negotiate_protocol_version(frame.body));
    case BackendTag::no_data:
      return decode_empty<BackendMessage, NoData>(frame.body);
    case BackendTag::notice_response:
      return widen<BackendMessage>(decode_notice_response(frame.body));
    case BackendTag::notification_response:
      return widen<BackendMessage>(decode_notification_response(frame.body));
    case BackendTag::parameter_description:
      return widen<BackendMessage>(decode_parameter_description(frame.body));
    case BackendTag::parameter_status:
      return widen<BackendMessage>(decode_parameter_status(frame.body));
    case BackendTag::parse_complete:
      return decode_empty<BackendMessage, ParseComplete>(frame.body);
    case BackendTag::portal_suspended:
      return decode_empty<BackendMessage, PortalSuspended>(frame.body);
    case BackendTag::ready_for_query:
      return widen<BackendMessage>(decode_ready_for_query(frame.body));
    case BackendTag::row_description:
      return widen<BackendMessage>(decode_row_description(frame.body));
  }
  return DecodeError::invalid;
}

}  // namespace pgreactor::protocol
