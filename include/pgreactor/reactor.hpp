#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <pgreactor/detail/ready_list.hpp>
#include <pgreactor/detail/timer_entry.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/task.hpp>
#include <stop_token>
#include <utility>

struct uv_loop_s;

namespace pgreactor {

namespace net {
class EventLoop;
}

/// One event loop and the tasks on it. All that is made with a reactor (pools, connections, tasks)
/// belongs to the thread that runs it; only post(), stop requests, AsyncCall::cancel(), the
/// blocking facade and ShardedConnector may be used elsewhere. More cores: more reactors, a thread
/// each.
class PGREACTOR_API Reactor {
 public:
  /// A reactor with a loop of its own, run by run().
  Reactor();
  /// A reactor on the host's libuv loop, which must outlive it. The host may run the loop itself:
  /// spawned tasks then make progress as it does.
  explicit Reactor(uv_loop_s& host);
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;
  /// Destroys the tasks that are still running, then the loop if it is our own; that waits for name
  /// lookups and work on other threads which have begun. A host's loop has to turn once more, or be
  /// run to its end, before it is closed.
  ~Reactor();

  /// Runs the loop until `task` has ended and returns its result or throws its exception. A stop
  /// requested through `stop`, from any thread, makes what the task waits for throw CancelledError.
  template <class T>
  T run(Task<T> task, std::stop_token stop = {});

  /// Starts `task` beside whatever runs; the reactor owns it. As with std::thread, an exception
  /// that leaves it ends the program. It starts at the loop's next turn.
  void spawn(Task<void> task, std::stop_token stop = {});

  /// Calls `work` on the loop thread at its next turn. May be called from any thread; after the
  /// reactor has ended it must not be called. Work that throws ends the program.
  void post(std::function<void()> work);

  /// True on the thread that runs this reactor's loop, or ran it last.
  bool on_loop_thread() const noexcept;

  /// For the library: the loop behind it.
  net::EventLoop& event_loop() noexcept { return *loop_; }
  /// The libuv loop, for a host that wants to add handles of its own. Lives as long as the reactor.
  uv_loop_s& uv_loop() noexcept;

 private:
  void run_until_done(Task<void> root, std::stop_token stop);

  std::unique_ptr<net::EventLoop> loop_;
};

namespace detail {

/// Waits until a point in time, or a stop; made by sleep_for.
class PGREACTOR_API SleepAwaiter : private TimerEntry {
 public:
  explicit SleepAwaiter(std::chrono::nanoseconds duration) noexcept
      : TimerEntry(&SleepAwaiter::on_due), duration_(duration) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiter) {
    start(waiter, *waiter.promise().context());
  }
  void await_resume() const;

 private:
  struct Stop {
    SleepAwaiter* sleeper;
    void operator()() const noexcept { sleeper->on_stop(); }
  };
  static void on_due(TimerEntry& entry) noexcept;
  void on_stop() noexcept;
  void start(std::coroutine_handle<> waiter, const TaskContext& context);

  std::chrono::nanoseconds duration_;
  Reactor* reactor_ = nullptr;
  bool over_ = false;  // a stop is nothing to it any more
  bool stopped_ = false;
  Resumable resumable_;
  std::optional<std::stop_callback<Stop>> stop_;
};

template <class T>
Task<void> store_result(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

}  // namespace detail

namespace detail {
/// The awaitable that sleep_for returns: movable until it is awaited.
class Sleep {
 public:
  explicit Sleep(std::chrono::nanoseconds duration) noexcept : duration_(duration) {}
  SleepAwaiter operator co_await() const noexcept { return SleepAwaiter{duration_}; }

 private:
  std::chrono::nanoseconds duration_;
};
}  // namespace detail

/// Resumes after `duration`, measured on the monotonic clock, never earlier; 0 or less yields to
/// the loop once. Errors  CancelledError when a stop is requested meanwhile.
[[nodiscard]] inline detail::Sleep sleep_for(std::chrono::nanoseconds duration) noexcept {
  return detail::Sleep{duration};
}

template <class T>
T Reactor::run(Task<T> task, std::stop_token stop) {
  if constexpr (std::is_void_v<T>) {
    run_until_done(std::move(task), std::move(stop));
  } else {
    std::optional<T> result;
    run_until_done(detail::store_result(std::move(task), result), std::move(stop));
    return std::move(*result);
  }
}

}  // namespace pgreactor
