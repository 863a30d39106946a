#include "src/reactor/stoppable_wait.hpp"

#include <cassert>
#include <pgreactor/reactor.hpp>

#include "src/reactor/event_loop.hpp"

namespace pgreactor::net {

bool StoppableWait::suspend(std::coroutine_handle<> waiter, const detail::TaskContext& context) {
  loop_ = &context.reactor->event_loop();
  resumable_.waiter = waiter;
  if (context.stop.stop_requested()) {
    over_ = stopped_ = true;
    return false;
  }
  start(*loop_);
  if (context.stop.stop_possible()) stop_.emplace(context.stop, Stop{this});
  return true;
}

void StoppableWait::finish() noexcept {
  assert(!over_);
  over_ = true;
  loop_->resume_later(resumable_);
}

void StoppableWait::on_stop() noexcept {
  if (over_) return;
  stopped_ = true;
  abandon();
  finish();
}

}  // namespace pgreactor::net
