#include "src/reactor/root_task.hpp"

#include <utility>

namespace pgreactor::net {

// Awaits the root's task, keeps what it throws, and ends the root at its final suspension, when
// nothing of the frames is running any more.
class RootTask::Driver {
 public:
  class promise_type : public detail::PromiseBase {
   public:
    explicit promise_type(RootTask& root) noexcept : root_(root) { set_context(&root.context_); }
    Driver get_return_object() noexcept {
      return Driver{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    struct End {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> finished) const noexcept {
        finished.promise().root_.end();
      }
      void await_resume() const noexcept {}
    };
    End final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { root_.failure_ = std::current_exception(); }

   private:
    RootTask& root_;
  };

  explicit Driver(std::coroutine_handle<> handle) noexcept : frame(handle) {}
  std::coroutine_handle<> frame;
};

RootTask::Driver RootTask::drive(RootTask& self) { co_await std::move(self.task_); }

void RootTask::launch(EventLoop& loop, Task<void> task, std::stop_token stop,
                      EventLoop::OnEnd on_end) {
  loop.roots_.push_back(nullptr);
  try {
    loop.roots_.back() = new RootTask(loop, std::move(task), std::move(stop), std::move(on_end));
  } catch (...) {
    loop.roots_.pop_back();
    throw;
  }
  loop.resume_later(*loop.roots_.back());
}

RootTask::RootTask(EventLoop& loop, Task<void> task, std::stop_token stop, EventLoop::OnEnd on_end)
    : loop_(loop),
      index_(loop.roots_.size() - 1),
      on_end_(std::move(on_end)),
      task_(std::move(task)) {
  context_.reactor = &loop.reactor();
  if (stop.stop_possible()) {
    bridge_ = std::make_shared<StopBridge>();
    context_.stop = bridge_->source.get_token();
    stop_callback_.emplace(std::move(stop), ForwardStop{&loop, bridge_});
  }
  driver_ = drive(*this).frame;
  waiter = driver_;
}

RootTask::~RootTask() {
  stop_callback_.reset();
  loop_.roots_[index_] = loop_.roots_.back();
  loop_.roots_[index_]->index_ = index_;
  loop_.roots_.pop_back();
  if (driver_) driver_.destroy();
}

void RootTask::ForwardStop::operator()() const {
  if (loop->on_loop_thread()) {
    bridge->source.request_stop();
  } else {
    loop->post([bridge = bridge] { bridge->source.request_stop(); });
  }
}

void RootTask::end() noexcept {
  auto on_end = std::move(on_end_);
  auto failure = std::move(failure_);
  delete this;
  on_end(std::move(failure));
}

}  // namespace pgreactor::net
