#pragma once
#include <coroutine>
#include <optional>
#include <pgreactor/detail/ready_list.hpp>
#include <pgreactor/detail/task_context.hpp>
#include <stop_token>

namespace pgreactor::net {

class EventLoop;

/// What the awaiters of this folder share: the waiter is resumed once, by the event or by a stop,
/// whichever comes first. Part of the waiting frame; when that is destroyed, the derived class
/// takes back in its destructor what it started.
class StoppableWait {
 public:
  StoppableWait(const StoppableWait&) = delete;
  StoppableWait& operator=(const StoppableWait&) = delete;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiter) {
    return suspend(waiter, *waiter.promise().context());
  }

 protected:
  StoppableWait() = default;
  ~StoppableWait() = default;

  /// Starts what is waited for; may throw, and may finish at once.
  virtual void start(EventLoop& loop) = 0;
  /// Takes back what start() started; finish() must not come any more.
  virtual void abandon() noexcept = 0;
  /// What is waited for has happened.
  void finish() noexcept;
  bool stopped() const noexcept { return stopped_; }

 private:
  struct Stop {
    StoppableWait* self;
    void operator()() const noexcept { self->on_stop(); }
  };
  bool suspend(std::coroutine_handle<> waiter, const detail::TaskContext& context);
  void on_stop() noexcept;

  EventLoop* loop_ = nullptr;
  bool over_ = false;
  bool stopped_ = false;
  detail::Resumable resumable_;
  std::optional<std::stop_callback<Stop>> stop_;
};

}  // namespace pgreactor::net
