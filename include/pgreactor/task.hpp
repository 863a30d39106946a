#pragma once
#include <cassert>
#include <coroutine>
#include <exception>
#include <pgreactor/detail/frame_pool.hpp>
#include <pgreactor/detail/task_context.hpp>
#include <type_traits>
#include <utility>
#include <variant>

namespace pgreactor {

template <class T = void>
class Task;

namespace detail {

/// What every promise of this library has: who waits for it, and the context it hands down.
class PromiseBase {
 public:
  /// Lazy: nothing runs before somebody awaits.
  std::suspend_always initial_suspend() const noexcept { return {}; }

  const TaskContext* context() const noexcept { return context_; }
  /// Overrides what would be inherited; `context` outlives the task.
  void set_context(const TaskContext* context) noexcept { context_ = context; }
  void inherit(const TaskContext* context) noexcept {
    if (context_ == nullptr) context_ = context;
  }
  void set_continuation(std::coroutine_handle<> waiter) noexcept { continuation_ = waiter; }
  std::coroutine_handle<> continuation() const noexcept { return continuation_; }

  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void operator delete(void* frame, std::size_t size) noexcept {
    FramePool::release(frame, size);
  }

 private:
  std::coroutine_handle<> continuation_ = std::noop_coroutine();
  const TaskContext* context_ = nullptr;
};

/// Ends a task by going straight to its waiter, without growing the stack.
struct ResumeWaiter {
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
    return finished.promise().continuation();
  }
  void await_resume() const noexcept {}
};

template <class T>
class TaskPromise : public PromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  ResumeWaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { result_.template emplace<2>(std::current_exception()); }
  template <class U>
    requires std::is_constructible_v<T, U&&>
  void return_value(U&& value) noexcept(std::is_nothrow_constructible_v<T, U&&>) {
    result_.template emplace<1>(std::forward<U>(value));
  }
  T take() {
    if (result_.index() == 2) std::rethrow_exception(std::get<2>(std::move(result_)));
    assert(result_.index() == 1);
    return std::get<1>(std::move(result_));
  }

 private:
  std::variant<std::monostate, T, std::exception_ptr> result_;
};

template <>
class TaskPromise<void> : public PromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  ResumeWaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure_ = std::current_exception(); }
  void return_void() const noexcept {}
  void take() {
    if (failure_) std::rethrow_exception(std::move(failure_));
  }

 private:
  std::exception_ptr failure_;
};

}  // namespace detail

/// A lazy coroutine: runs when awaited, once, on the loop thread of whoever awaits it.
/// Owner   the Task owns its frame; destroying a suspended Task abandons what it waits for.
/// Errors  an exception that leaves the coroutine leaves the co_await.
/// Units   frames are recycled per thread: a steady state allocates nothing.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using value_type = T;
  using Handle = std::coroutine_handle<promise_type>;

  Task() noexcept = default;
  explicit Task(Handle frame) noexcept : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (frame_) frame_.destroy();
      frame_ = std::exchange(other.frame_, nullptr);
    }
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }

  /// False for a default-constructed or moved-from task.
  explicit operator bool() const noexcept { return static_cast<bool>(frame_); }

  class Awaiter {
   public:
    explicit Awaiter(Handle frame) noexcept : frame_(frame) { assert(frame_); }
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    Handle await_suspend(std::coroutine_handle<Promise> waiter) const noexcept {
      frame_.promise().inherit(waiter.promise().context());
      frame_.promise().set_continuation(waiter);
      return frame_;
    }
    T await_resume() const { return frame_.promise().take(); }

   private:
    Handle frame_;
  };
  Awaiter operator co_await() && noexcept { return Awaiter{frame_}; }

  /// For the library: the frame itself.
  Handle frame() const noexcept { return frame_; }

 private:
  Handle frame_ = nullptr;
};

template <class T>
Task<T> detail::TaskPromise<T>::get_return_object() noexcept {
  return Task<T>{std::coroutine_handle<TaskPromise>::from_promise(*this)};
}
inline Task<void> detail::TaskPromise<void>::get_return_object() noexcept {
  return Task<void>{std::coroutine_handle<TaskPromise>::from_promise(*this)};
}

namespace detail {

/// `co_await CurrentContext{}` gives the running task's context without suspending it.
class CurrentContext {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> running) noexcept {
    context_ = running.promise().context();
    return false;
  }
  const TaskContext& await_resume() const noexcept {
    assert(context_ != nullptr && "a task runs under Reactor::run or spawn");
    return *context_;
  }

 private:
  const TaskContext* context_ = nullptr;
};

}  // namespace detail
}  // namespace pgreactor
