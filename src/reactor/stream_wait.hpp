#pragma once
#include "src/reactor/stoppable_wait.hpp"
#include "src/reactor/stream.hpp"

namespace pgreactor::net {

/// Which way a stream shall be ready.
enum class Direction : std::uint8_t { readable, writable };

/// Made by wait_readable() and wait_writable().
class StreamWaitAwaiter final : public StoppableWait, private StreamListener {
 public:
  StreamWaitAwaiter(Stream& stream, Direction direction) noexcept
      : stream_(stream), direction_(direction) {}
  ~StreamWaitAwaiter() { abandon(); }
  void await_resume() const;

 private:
  void start(EventLoop& loop) override;
  void abandon() noexcept override;
  void on_readable() noexcept override { ready(); }
  void on_writable() noexcept override { ready(); }
  void ready() noexcept;

  Stream& stream_;
  Direction direction_;
  bool watching_ = false;
};

class StreamWait {
 public:
  StreamWait(Stream& stream, Direction direction) noexcept
      : stream_(&stream), direction_(direction) {}
  StreamWaitAwaiter operator co_await() const noexcept { return {*stream_, direction_}; }

 private:
  Stream* stream_;
  Direction direction_;
};

/// Waits until a receive would not block (bytes, the end, or an error), or until a stop. For what
/// happens once, as connecting and accepting: it sets the stream's listener and takes it away
/// again, which costs epoll calls each time. Errors  CancelledError when a stop is requested first.
/// Owner   the stream outlives the wait and is not closed during it.
[[nodiscard]] inline StreamWait wait_readable(Stream& stream) noexcept {
  return {stream, Direction::readable};
}
/// The same for a send.
[[nodiscard]] inline StreamWait wait_writable(Stream& stream) noexcept {
  return {stream, Direction::writable};
}

}  // namespace pgreactor::net
