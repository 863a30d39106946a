#include "protocol/frontend_message.hpp"

#include "protocol/reader.hpp"

namespace pgreactor::protocol {

namespace {

template <class Message>
Decoded<FrontendMessage> widen(Decoded<Message> message) {
  if (!message) return message.error();
  return FrontendMessage{std::move(*message)};
}

template <class Message>
Decoded<FrontendMessage> empty(Bytes body) {
  return Reader{body}.finish(FrontendMessage{Message{}});
}

}  // namespace

Decoded<FrontendMessage> decode_frontend_message(const Frame& frame) {
  switch (static_cast<FrontendTag>(frame.tag)) {
    case FrontendTag::bind:
      return widen(decode_bind(frame.body));
    case FrontendTag::close:
      return widen(decode_close(frame.body));
    case FrontendTag::copy_data:
      return FrontendMessage{CopyData{frame.body}};
    case FrontendTag::copy_done:
      return empty<CopyDone>(frame.body);
    case FrontendTag::copy_fail:
      return widen(decode_copy_fail(frame.body));
    case FrontendTag::describe:
      return widen(decode_describe(frame.body));
    case FrontendTag::execute:
      return widen(decode_execute(frame.body));
    case FrontendTag::flush:
      return empty<Flush>(frame.body);
    case FrontendTag::parse:
      return widen(decode_parse(frame.body));
    case FrontendTag::password:
      return FrontendMessage{PasswordBody{frame.body}};
    case FrontendTag::query:
      return widen(decode_query(frame.body));
    case FrontendTag::sync:
      return empty<Sync>(frame.body);
    case FrontendTag::terminate:
      return empty<Terminate>(frame.body);
  }
  return DecodeError::invalid;
}

}  // namespace pgreactor::protocol
