#include "tests/support/frontend_messages.hpp"

#include <utility>

namespace pgreactor::testing_support {

namespace {
constexpr std::size_t receive_size = std::size_t{64} * 1024;
}  // namespace

net::IoResult FrontendMessages::receive_from(net::Stream& stream) {
  const std::size_t size = bytes_.size();
  std::byte* free = bytes_.extend(receive_size);
  const net::IoResult result = stream.receive({free, receive_size});
  bytes_.truncate(size + result.bytes);
  return result;
}

template <class Message, class Take, class Decode>
std::optional<Message> FrontendMessages::take(Take take_one, Decode decode) {
  bytes_.consume(std::exchange(taken_, 0));
  if (!violation_.empty()) return std::nullopt;
  Bytes input = bytes_.bytes();
  protocol::Frame frame;
  switch (take_one(input, frame)) {
    case protocol::FrameState::partial:
      return std::nullopt;
    case protocol::FrameState::unknown_tag:
      violation_ = "an unknown type byte";
      return std::nullopt;
    case protocol::FrameState::too_short:
      violation_ = "a length below 4";
      return std::nullopt;
    case protocol::FrameState::too_large:
      violation_ = "a length above the cap";
      return std::nullopt;
    case protocol::FrameState::whole:
      break;
  }
  taken_ = bytes_.size() - input.size();
  last_tag_ = frame.tag;
  auto message = decode(frame);
  if (!message) {
    violation_ = "a body that is " + std::string(name_of(message.error()));
    return std::nullopt;
  }
  return *std::move(message);
}

std::optional<protocol::FirstMessage> FrontendMessages::next_first() {
  std::size_t needed = 0;
  auto message = take<protocol::FirstMessage>(
      [&](Bytes& input, protocol::Frame& frame) {
        return protocol::take_untyped_frame(input, frame, needed);
      },
      [](const protocol::Frame& frame) { return protocol::decode_first_message(frame.body); });
  if (!message) return message;
  const bool tls = std::holds_alternative<protocol::SSLRequest>(*message);
  const bool gss = std::holds_alternative<protocol::GSSENCRequest>(*message);
  if ((tls && !may_be_encrypted(asked_for_tls_)) || (gss && !may_be_encrypted(asked_for_gss_)))
    return std::nullopt;
  return message;
}

// Is the request for encryption just taken the first of its kind, and alone?
bool FrontendMessages::may_be_encrypted(bool& asked_before) {
  if (std::exchange(asked_before, true))
    violation_ = "a second request for the same encryption";
  else if (taken_ != bytes_.size())
    violation_ = "bytes behind a request for encryption (possible man in the middle)";
  return violation_.empty();
}

std::optional<protocol::FrontendMessage> FrontendMessages::next() {
  std::size_t needed = 0;
  return take<protocol::FrontendMessage>(
      [&](Bytes& input, protocol::Frame& frame) {
        return protocol::take_frame(input, protocol::frontend_body_caps, frame, needed);
      },
      [](const protocol::Frame& frame) { return protocol::decode_frontend_message(frame); });
}

}  // namespace pgreactor::testing_support
