#pragma once
#include <cstddef>
#include <exception>
#include <pgreactor/detail/awaitable.hpp>
#include <pgreactor/task.hpp>
#include <type_traits>
#include <utility>
#include <variant>

namespace pgreactor::detail {

/// Where a task waits for the children that it started: whoever arrives last resumes it.
class JoinPoint {
 public:
  void open(std::coroutine_handle<> parent, std::size_t children) noexcept {
    parent_ = parent;
    pending_ = children + 1;  // the parent itself arrives too, once it has started them all
  }
  std::coroutine_handle<> arrive() noexcept {
    return --pending_ == 0 ? parent_ : std::noop_coroutine();
  }

 private:
  std::coroutine_handle<> parent_;
  std::size_t pending_ = 0;
};

/// Called when a child has ended, before it arrives at the join point.
class ChildObserver {
 public:
  virtual void on_child_end(std::size_t index) noexcept = 0;

 protected:
  ~ChildObserver() = default;
};

/// The frame of one child: owned by the parent's frame, and so gone when that is.
class ChildTask {
 public:
  class promise_type : public PromiseBase {
   public:
    ChildTask get_return_object() noexcept {
      return ChildTask{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    struct Arrive {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(
          std::coroutine_handle<promise_type> child) const noexcept {
        promise_type& self = child.promise();
        if (self.observer_ != nullptr) self.observer_->on_child_end(self.index_);
        return self.join_->arrive();
      }
      void await_resume() const noexcept {}
    };
    Arrive final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }  // run_child catches all

   private:
    friend class ChildTask;
    JoinPoint* join_ = nullptr;
    ChildObserver* observer_ = nullptr;
    std::size_t index_ = 0;
  };

  ChildTask(ChildTask&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  ChildTask& operator=(ChildTask&&) = delete;
  ~ChildTask() {
    if (frame_) frame_.destroy();
  }

  void start(JoinPoint& join, const TaskContext& context, ChildObserver* observer,
             std::size_t index) {
    frame_.promise().join_ = &join;
    frame_.promise().observer_ = observer;
    frame_.promise().index_ = index;
    frame_.promise().set_context(&context);
    frame_.resume();
  }

 private:
  explicit ChildTask(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

/// What a child left: nothing yet, a value, or an exception.
template <class T>
class ChildResult {
 public:
  using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, std::remove_cvref_t<T>>;

  template <class... U>
  void set(U&&... value) {
    state_.template emplace<1>(std::forward<U>(value)...);
  }
  void fail(std::exception_ptr thrown) noexcept { state_.template emplace<2>(std::move(thrown)); }
  const std::exception_ptr* failure() const noexcept { return std::get_if<2>(&state_); }
  Stored take() {
    if (auto* thrown = std::get_if<2>(&state_)) std::rethrow_exception(std::move(*thrown));
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<std::monostate, Stored, std::exception_ptr> state_;
};

template <class A>
ChildTask run_child(A& awaitable, ChildResult<AwaitResult<A>>& result) {
  try {
    if constexpr (std::is_void_v<AwaitResult<A>>) {
      co_await std::move(awaitable);
      result.set();
    } else {
      result.set(co_await std::move(awaitable));
    }
  } catch (...) {
    result.fail(std::current_exception());
  }
}

/// Starts the children in order under `context`, then waits until all have ended.
template <class Children>
class StartAndJoin {
 public:
  StartAndJoin(Children& children, const TaskContext& context, ChildObserver* observer) noexcept
      : children_(children), context_(context), observer_(observer) {}

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> parent) {
    join_.open(parent, children_.size());
    std::size_t index = 0;
    for (ChildTask& child : children_) child.start(join_, context_, observer_, index++);
    return join_.arrive();
  }
  void await_resume() const noexcept {}

 private:
  Children& children_;
  const TaskContext& context_;
  ChildObserver* observer_;
  JoinPoint join_;
};

}  // namespace pgreactor::detail
