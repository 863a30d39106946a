#include <chrono>
#include <cstddef>
#include <exception>
#include <future>
#include <pgreactor/attempt.hpp>
#include <pgreactor/blocking.hpp>
#include <pgreactor/error.hpp>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "src/reactor/event_loop.hpp"

namespace pgreactor::blocking {
namespace {

constexpr std::chrono::seconds time_to_end{2};

Task<void> sleep_until_stopped(std::chrono::nanoseconds at_most) {
  static_cast<void>(co_await as_attempt(sleep_for(at_most)));
}

// A task on its way to the loop thread. The promise is the first member and thus the last to be
// destroyed: a caller whose task was destroyed instead of ended hears of it after that.
struct Call {
  std::promise<void> ended;
  Task<void> task;
  // The caller's own, who blocks until `ended` is set or gone. What was thrown is moved there, so
  // that the caller's thread alone lets go of it while its handler reads it; a promise would keep
  // a reference that the loop thread drops some time later.
  std::exception_ptr* thrown = nullptr;
};

}  // namespace

class LoopThread::Impl {
 public:
  Impl() {
    std::promise<Reactor*> started;
    auto reactor = started.get_future();
    thread_ = std::thread([this, &started] { run(started); });
    try {
      reactor_ = reactor.get();
    } catch (...) {
      thread_.join();
      throw;
    }
  }
  ~Impl() {
    stop_.request_stop();
    thread_.join();
  }

  Reactor& reactor() noexcept { return *reactor_; }
  bool is_inherited() const noexcept { return mark_.is_inherited(); }

  void run_and_block(Task<void> task) {
    if (mark_.is_inherited())
      throw ForkError(
          "this process is a child made by fork(), and the loop thread is its parent's: make "
          "another in the child");
    if (reactor_->on_loop_thread())
      throw std::logic_error("blocking on the loop thread would dead-lock: co_await instead");
    auto call = std::make_shared<Call>();
    call->task = std::move(task);
    std::exception_ptr thrown;
    call->thrown = &thrown;
    auto ended = call->ended.get_future();
    reactor_->post([this, call = std::move(call)] { start(call); });
    // From here on this object may end under us: only `ended` is touched.
    try {
      ended.get();
    } catch (const std::future_error&) {
      throw CancelledError("waiting for a task: its loop thread has ended", Outcome::unknown);
    }
    if (thrown) std::rethrow_exception(std::move(thrown));
  }

 private:
  void run(std::promise<Reactor*>& started) {
    std::optional<Reactor> reactor;
    try {
      reactor.emplace();
    } catch (...) {
      started.set_exception(std::current_exception());
      return;
    }
    started.set_value(&*reactor);  // `started` is gone from here on
    reactor->run(sleep_until_stopped(std::chrono::nanoseconds::max()), stop_.get_token());
    if (running_ != 0) reactor->run(sleep_until_stopped(time_to_end), all_ended_.get_token());
  }

  void start(const std::shared_ptr<Call>& call) {
    ++running_;
    reactor_->event_loop().start(std::move(call->task), stop_.get_token(),
                                 [this, call](std::exception_ptr thrown) {
                                   if (--running_ == 0 && stop_.stop_requested())
                                     all_ended_.request_stop();
                                   *call->thrown = std::move(thrown);
                                   call->ended.set_value();
                                 });
  }

  const net::ForkMark mark_{};
  std::stop_source stop_;
  std::stop_source all_ended_;
  std::size_t running_ = 0;  // on the loop thread
  Reactor* reactor_ = nullptr;
  std::thread thread_;
};

LoopThread::LoopThread() : impl_(std::make_unique<Impl>()) {}
LoopThread::~LoopThread() {
  // A child has no such thread, and what that was in the middle of stays so.
  if (!impl_->is_inherited()) return;
  [[maybe_unused]] const auto* const left = impl_.release();
}
Reactor& LoopThread::reactor() noexcept { return impl_->reactor(); }
void LoopThread::run_and_block(Task<void> task) { impl_->run_and_block(std::move(task)); }

}  // namespace pgreactor::blocking
