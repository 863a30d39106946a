#pragma once
#include <memory>
#include <optional>
#include <pgreactor/detail/awaitable.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/task.hpp>
#include <type_traits>
#include <utility>

namespace pgreactor::blocking {

/// A reactor on a thread of its own, for programs that would rather block than co_await. Any number
/// of other threads may wait at once; what they wait for shares the one loop.
/// Errors  called on the loop thread itself, wait() and call() throw std::logic_error rather than
///         dead-lock. In a child made by fork() they throw ForkError: it has no such thread.
class PGREACTOR_API LoopThread {
 public:
  /// Starts the thread. Throws std::system_error or std::runtime_error when it cannot.
  LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  /// Requests a stop of all that is waited for, gives it 2 s to end, destroys what has not, and
  /// joins. A thread that still waits for such a task gets CancelledError; none may begin to.
  ~LoopThread();

  /// Its post() may be called from any thread; all else, on the loop thread.
  Reactor& reactor() noexcept;

  /// Runs `task` on the loop thread, blocks until it has ended, and returns its result or throws
  /// its exception. Owner  the task's frame ends on the loop thread, before this returns.
  template <class T>
  T wait(Task<T> task) {
    if constexpr (std::is_void_v<T>) {
      run_and_block(std::move(task));
    } else {
      std::optional<T> result;
      run_and_block(detail::store_result(std::move(task), result));
      return std::move(*result);
    }
  }

  /// Calls `function` on the loop thread, awaits what it returns, and hands that back: for
  /// awaitables that have to be made where they run.
  template <class F, class Awaitable = std::invoke_result_t<F&>>
    requires detail::Awaitable<Awaitable>
  std::remove_cvref_t<detail::AwaitResult<Awaitable>> call(F&& function) {
    return wait(await_result_of(function));
  }

 private:
  class Impl;

  template <class F>
  static auto await_result_of(F& function)
      -> Task<std::remove_cvref_t<detail::AwaitResult<std::invoke_result_t<F&>>>> {
    co_return co_await function();  // a task is lazy: this runs on the loop thread
  }
  void run_and_block(Task<void> task);

  std::unique_ptr<Impl> impl_;
};

}  // namespace pgreactor::blocking
