#pragma once
#include <optional>
#include <pgreactor/values/byte_buffer.hpp>
#include <string>
#include <variant>

#include "protocol/frontend_message.hpp"
#include "src/reactor/stream.hpp"

namespace pgreactor::testing_support {

/// The bytes that a backend has received from one frontend, and the messages in them.
class FrontendMessages {
 public:
  /// One recv into the buffer.
  net::IoResult receive_from(net::Stream& stream);
  void append(Bytes bytes) { bytes_.append(bytes); }

  /// The next message, or nullopt when it is not whole yet, or when violation() is set. Views point
  /// into the buffer until the next call. The first is one of those without a type byte; after
  /// SSLRequest and GSSENCRequest there is another such, but only one of each, and nothing may come
  /// with them: bytes sent before the answer could be taken for encrypted ones (A2, A4).
  std::optional<protocol::FirstMessage> next_first();
  std::optional<protocol::FrontendMessage> next();

  /// The header of a message that next() gave.
  char last_tag() const noexcept { return last_tag_; }
  /// Why nothing more can be read; empty while all is well.
  const std::string& violation() const noexcept { return violation_; }

 private:
  template <class Message, class Take, class Decode>
  std::optional<Message> take(Take take_one, Decode decode);
  bool may_be_encrypted(bool& asked_before);

  ByteBuffer bytes_;
  std::size_t taken_ = 0;  // by the message handed out last, which still points into them
  char last_tag_ = 0;
  bool asked_for_tls_ = false;
  bool asked_for_gss_ = false;
  std::string violation_;
};

}  // namespace pgreactor::testing_support
