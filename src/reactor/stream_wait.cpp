#include "src/reactor/stream_wait.hpp"

#include <pgreactor/error.hpp>
#include <utility>

namespace pgreactor::net {

void StreamWaitAwaiter::start(EventLoop&) {
  watching_ = true;
  stream_.watch(this, direction_ == Direction::readable, direction_ == Direction::writable);
}

void StreamWaitAwaiter::abandon() noexcept {
  if (std::exchange(watching_, false)) stream_.watch(nullptr, false, false);
}

void StreamWaitAwaiter::ready() noexcept {
  abandon();
  finish();
}

void StreamWaitAwaiter::await_resume() const {
  if (stopped()) throw CancelledError("waiting for a socket: a stop was requested");
}

}  // namespace pgreactor::net
