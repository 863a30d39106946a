#pragma once
#include <uv.h>

#include <exception>
#include <functional>
#include <memory>
#include <pgreactor/detail/awaitable.hpp>
#include <pgreactor/detail/child_task.hpp>
#include <type_traits>
#include <utility>

#include "src/reactor/stoppable_wait.hpp"

namespace pgreactor::net {

class OffLoopWait;
class OwnThread;

/// A piece of work on another thread: one of its own, or of libuv's pool when that is taken, or on
/// a host's loop. Owns itself from its start to its end, and is destroyed on the loop thread,
/// whether or not somebody still waits for it.
class OffLoopWork {
 public:
  OffLoopWork() = default;
  OffLoopWork(const OffLoopWork&) = delete;
  OffLoopWork& operator=(const OffLoopWork&) = delete;
  virtual ~OffLoopWork() = default;

  /// On the other thread.
  virtual void run() noexcept = 0;

 private:
  friend class OffLoopWait;
  uv_work_t request_{};            // when it is the pool's
  OffLoopWait* waiter_ = nullptr;  // null: abandoned
  bool pooled_ = false;
};

/// The wait for such work, without its type.
class OffLoopWait : public StoppableWait {
 protected:
  /// Takes `work`.
  explicit OffLoopWait(std::unique_ptr<OffLoopWork> work) noexcept : work_(std::move(work)) {}
  ~OffLoopWait() { abandon(); }

  /// The work, done. Errors  CancelledError on a stop; std::runtime_error if it could not be
  /// queued.
  OffLoopWork& done() const;

 private:
  friend class OwnThread;
  void start(EventLoop& loop) override;
  void abandon() noexcept override;
  static void on_done(OffLoopWork& done) noexcept;

  std::unique_ptr<OffLoopWork> work_;  // before its start, and after its end
  OffLoopWork* running_ = nullptr;
};

template <class F>
class FunctionOffLoop final : public OffLoopWork {
 public:
  using Result = std::invoke_result_t<F&>;

  explicit FunctionOffLoop(F function) : function_(std::move(function)) {}
  void run() noexcept override {
    try {
      if constexpr (std::is_void_v<Result>) {
        std::invoke(function_);
        result_.set();
      } else {
        result_.set(std::invoke(function_));
      }
    } catch (...) {
      result_.fail(std::current_exception());
    }
  }
  Result take() { return static_cast<Result>(result_.take()); }

 private:
  F function_;
  detail::ChildResult<Result> result_;
};

template <class F>
class OffLoopAwaiter final : private OffLoopWait {
 public:
  using Work = FunctionOffLoop<F>;
  explicit OffLoopAwaiter(F function) : OffLoopWait(std::make_unique<Work>(std::move(function))) {}

  using OffLoopWait::await_ready;
  using OffLoopWait::await_suspend;
  typename Work::Result await_resume() const { return static_cast<Work&>(done()).take(); }
};

template <class F>
class OffLoop {
 public:
  explicit OffLoop(F function) : function_(std::move(function)) {}
  OffLoopAwaiter<F> operator co_await() && { return OffLoopAwaiter<F>(std::move(function_)); }

 private:
  F function_;
};

/// Runs `function` on another thread, so that it does not hold the loop, and gives what it returns
/// or throws. Threads are few and shared by the process: for work of a millisecond or more that
/// ends by itself.
/// Errors  CancelledError on a stop, at once: the function then runs to its end unobserved.
/// Owner   the function is copied or moved; since it may outlive the caller, it owns all it uses.
template <class F>
[[nodiscard]] OffLoop<std::decay_t<F>> off_loop(F&& function) {
  static_assert(detail::SafeCallable<F>, "name the lambda first, then pass the name");
  return OffLoop<std::decay_t<F>>(std::forward<F>(function));
}

}  // namespace pgreactor::net
