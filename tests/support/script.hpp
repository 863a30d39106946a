#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/frontend_message.hpp"
#include "tests/support/backend_messages.hpp"

namespace pgreactor::testing_support {

/// What a backend does on one connection, one step after the other:
///   Script().startup().expect(FrontendTag::query).send(CommandComplete{"SELECT 0"},
///   ReadyForQuery{})
/// Its end is reached when the last step is done. Then the backend waits for the frontend to close;
/// anything but Terminate is a failure.
class Script {
 public:
  using Predicate = std::function<bool(const protocol::FrontendMessage&)>;
  using FirstPredicate = std::function<bool(const protocol::FirstMessage&)>;

  enum class Action : std::uint8_t {
    expect_first,  // one of the messages without a type byte
    expect,
    send,
    close,        // the end of the stream (FIN)
    reset,        // RST over TCP; over a Unix socket as close
    stay_silent,  // reads on and answers nothing until the frontend closes
  };
  struct Step {
    Action action = Action::send;
    protocol::FrontendTag tag = protocol::FrontendTag::sync;
    Predicate matches;
    FirstPredicate first_matches;
    std::string bytes;
  };

  /// A StartupMessage, answered by trusting_startup().
  Script& startup();
  Script& expect_first(FirstPredicate matches);
  Script& expect(protocol::FrontendTag tag) { return expect(tag, nullptr); }
  Script& expect(protocol::FrontendTag tag, Predicate matches);
  /// All of these in one write.
  template <class... Messages>
  Script& send(const Messages&... messages) {
    return send_raw(wire_bytes(messages...));
  }
  Script& send_raw(std::string_view bytes);
  Script& close() { return add(Action::close); }
  Script& reset() { return add(Action::reset); }
  Script& stay_silent() { return add(Action::stay_silent); }

  const std::vector<Step>& steps() const noexcept { return steps_; }
  /// Bytes that it sends in all; how often a test has to split or cut it.
  std::size_t bytes_sent() const noexcept;

 private:
  Script& add(Action action);
  std::vector<Step> steps_;
};

/// How the bytes of a script reach the frontend. Offsets count from the first byte of a connection.
class Delivery {
 public:
  static Delivery whole() { return Delivery(); }
  /// In two pieces; the second some turns of the loop after the first.
  static Delivery split_at(std::size_t offset) { return Delivery(offset, false); }
  /// Ends the stream there instead, in the middle of the script.
  static Delivery cut_at(std::size_t offset) { return Delivery(offset, true); }

  /// Of `size` bytes that begin at `sent`, how many go before the split or cut; `size` if none is.
  std::size_t before_break(std::size_t sent, std::size_t size) const noexcept {
    return breaks_ && offset_ >= sent && offset_ - sent < size ? offset_ - sent : size;
  }
  bool cuts() const noexcept { return cuts_; }

 private:
  Delivery() = default;
  Delivery(std::size_t offset, bool cuts) : breaks_(true), cuts_(cuts), offset_(offset) {}
  bool breaks_ = false;
  bool cuts_ = false;
  std::size_t offset_ = 0;
};

}  // namespace pgreactor::testing_support
