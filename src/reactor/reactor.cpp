#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <utility>

#include "src/reactor/event_loop.hpp"

namespace pgreactor {

Reactor::Reactor() : loop_(std::make_unique<net::EventLoop>(*this)) {}
Reactor::Reactor(uv_loop_s& host) : loop_(std::make_unique<net::EventLoop>(*this, host)) {}
Reactor::~Reactor() = default;

void Reactor::run_until_done(Task<void> root, std::stop_token stop) {
  bool done = false;
  std::exception_ptr failure;
  loop_->start(std::move(root), std::move(stop), [&](std::exception_ptr thrown) {
    failure = std::move(thrown);
    done = true;
    loop_->end_turn();
  });
  while (!done) loop_->turn();
  if (failure) std::rethrow_exception(std::move(failure));
}

void Reactor::spawn(Task<void> task, std::stop_token stop) {
  loop_->start(std::move(task), std::move(stop), [](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(std::move(thrown));  // out of a noexcept call: terminates
  });
}

void Reactor::post(std::function<void()> work) { loop_->post(std::move(work)); }
bool Reactor::on_loop_thread() const noexcept { return loop_->on_loop_thread(); }
uv_loop_s& Reactor::uv_loop() noexcept { return loop_->uv(); }

namespace detail {

void SleepAwaiter::start(std::coroutine_handle<> waiter, const TaskContext& context) {
  reactor_ = context.reactor;
  resumable_.waiter = waiter;
  net::EventLoop& loop = reactor_->event_loop();
  if (context.stop.stop_requested()) {
    on_stop();
  } else {
    // 0 is a timer too: one that is due at the next turn, after the sockets have had theirs
    loop.arm(*this, duration_);
    if (context.stop.stop_possible()) stop_.emplace(context.stop, Stop{this});
  }
}

void SleepAwaiter::on_due(TimerEntry& entry) noexcept {
  auto& self = static_cast<SleepAwaiter&>(entry);
  self.over_ = true;
  self.reactor_->event_loop().resume_later(self.resumable_);
}

void SleepAwaiter::on_stop() noexcept {
  if (std::exchange(over_, true)) return;  // its task may be on its way since, or waits elsewhere
  disarm();
  stopped_ = true;
  reactor_->event_loop().resume_later(resumable_);
}

void SleepAwaiter::await_resume() const {
  if (stopped_) throw CancelledError("sleeping: a stop was requested");
}

}  // namespace detail
}  // namespace pgreactor
