#include "protocol/frontend_message.hpp"

#include "protocol/any_message.hpp"

namespace pgreactor::protocol {

Decoded<FrontendMessage> decode_frontend_message(const Frame& frame) {
  switch (static_cast<FrontendTag>(frame.tag)) {
    case FrontendTag::bind:
      return widen<FrontendMessage>(decode_bind(frame.body));
    case FrontendTag::close:
      return widen<FrontendMessage>(decode_close(frame.body));
    case FrontendTag::copy_data:
      return FrontendMessage{CopyData{frame.body}};
    case FrontendTag::copy_done:
      return decode_empty<FrontendMessage, CopyDone>(frame.body);
    case FrontendTag::copy_fail:
      return widen<FrontendMessage>(decode_copy_fail(frame.body));
    case FrontendTag::describe:
      return widen<FrontendMessage>(decode_describe(frame.body));
    case FrontendTag::execute:
      return widen<FrontendMessage>(decode_execute(frame.body));
    case FrontendTag::flush:
      return decode_empty<FrontendMessage, Flush>(frame.body);
    case FrontendTag::function_call:
      return widen<FrontendMessage>(decode_function_call(frame.body));
    case FrontendTag::parse:
      return widen<FrontendMessage>(decode_parse(frame.body));
    case FrontendTag::password:
      return FrontendMessage{PasswordBody{frame.body}};
    case FrontendTag::query:
      return widen<FrontendMessage>(decode_query(frame.body));
    case FrontendTag::sync:
      return decode_empty<FrontendMessage, Sync>(frame.body);
    case FrontendTag::terminate:
      return decode_empty<FrontendMessage, Terminate>(frame.body);
  }
  return DecodeError::invalid;
}

}  // namespace pgreactor::protocol
