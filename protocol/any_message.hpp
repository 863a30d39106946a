#pragma once
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <utility>

#include "protocol/reader.hpp"

// From the decoder of one message to that of all a side may send, a variant.
namespace pgreactor::protocol {

template <class Any, class Message>
Decoded<Any> widen(Decoded<Message> message) {
  if (!message) return message.error();
  return Any{std::move(*message)};
}

template <class Any, class Message>
Decoded<Any> decode_empty(Bytes body) {
  return Reader{body}.finish(Any{Message{}});
}

}  // namespace pgreactor::protocol
