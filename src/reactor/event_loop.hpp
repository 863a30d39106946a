#pragma once
#include <uv.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <pgreactor/detail/ready_list.hpp>
#include <pgreactor/task.hpp>
#include <stop_token>
#include <thread>
#include <vector>

#include "src/reactor/fork_count.hpp"
#include "src/reactor/lookup_slots.hpp"
#include "src/reactor/receive_blocks.hpp"
#include "src/reactor/timer_heap.hpp"

namespace pgreactor {
class Reactor;
}

namespace pgreactor::net {

class RootTask;

/// Has bytes to send at the end of the turn; a link in a list, as with Resumable.
class Flushable : public detail::Resumable {
 public:
  virtual void flush() noexcept = 0;

 protected:
  ~Flushable() = default;
};

/// Looked at before the loop sleeps, because an answer may be about to come.
class BusyPolled {
 public:
  /// Is an answer awaited?
  virtual bool awaits() const noexcept = 0;
  /// Reads without waiting; whether something came.
  virtual bool poll() noexcept = 0;

 protected:
  ~BusyPolled() = default;
};

/// A turn of the loop, and the order that everything relies on:
///   1. timers, sockets and other threads report; they only record and queue
///   2. queued waiters are resumed, oldest first; what they send is only buffered
///   3. every connection with buffered bytes sends them, in one call each
///   4. the loop sleeps until something happens; before that it may look for answers for a while
/// Steps 2 and 3 stand in libuv's prepare phase, right before it polls, and repeat until nothing is
/// queued. So all answers of a turn are parsed before the first of them is acted on, and all that
/// is asked in a turn goes out together.
class EventLoop {
 public:
  using Clock = detail::TimerHeap::Clock;

  explicit EventLoop(Reactor& reactor);
  EventLoop(Reactor& reactor, uv_loop_t& host);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  uv_loop_t& uv() noexcept { return *loop_; }
  bool is_own() const noexcept { return loop_ == &own_loop_; }
  Reactor& reactor() noexcept { return reactor_; }
  detail::TimerHeap& timers() noexcept { return timers_; }
  ReceiveBlocks& receive_blocks() noexcept { return receive_blocks_; }
  const std::shared_ptr<LookupSlots>& lookup_slots() noexcept { return lookup_slots_; }
  /// Our loop does not end before a thread that works for it.
  void begin_own_thread() noexcept { ++own_threads_; }
  void end_own_thread() noexcept { --own_threads_; }

  /// Resumes `entry` in the coming step 2.
  void resume_later(detail::Resumable& entry) noexcept {
    ready_.push(entry);
    if (!resuming_ && !turn_ensured_) ensure_turn();
  }
  /// Calls `entry.flush()` in the coming step 3.
  void flush_later(Flushable& entry) noexcept {
    to_flush_.push(entry);
    if (!resuming_ && !turn_ensured_) ensure_turn();
  }
  /// Counts how often step 3 has come: what is asked for at the same count is sent together.
  std::uint64_t sends() const noexcept { return sends_; }
  /// The time at which this step 1 or 3 began; the clock is read for the first who asks.
  Clock::time_point step_time() noexcept {
    if (step_time_ == Clock::time_point()) step_time_ = Clock::now();
    return step_time_;
  }
  /// From now on `entry` is polled for so long before every sleep, while it awaits something.
  void add_busy_polled(BusyPolled& entry, std::chrono::nanoseconds budget);
  void remove_busy_polled(BusyPolled& entry) noexcept;
  void arm(detail::TimerEntry& entry, Clock::time_point due) noexcept;
  /// A delay beyond the clock's range is for ever.
  void arm(detail::TimerEntry& entry, std::chrono::nanoseconds delay) noexcept;

  /// Starts `task` at the next step 2; the loop owns it from here. `on_end` is called once, when it
  /// has returned (null) or thrown, after which the task is gone.
  using OnEnd = std::function<void(std::exception_ptr)>;
  void start(Task<void> task, std::stop_token stop, OnEnd on_end);

  /// From any thread: calls `work` on the loop thread.
  void post(std::function<void()> work);
  bool on_loop_thread() const noexcept {
    return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

  /// In a child made by fork(), before anything else is asked of libuv: from here on the loop has
  /// kernel objects of its own, and what is watched no longer touches the parent's. A host's loop
  /// too; its host may do the same again.
  void leave_parent() noexcept {
    if (mark_.is_inherited()) [[unlikely]]
      make_own();
  }

  /// One turn, sleeping in it if there is nothing to do. `thread_` becomes the caller.
  void turn();
  /// Keeps the turn that is under way from sleeping.
  void end_turn() noexcept {
    turn_over_ = true;
    uv_stop(loop_);
  }

 private:
  friend class RootTask;
  void open();
  void make_own() noexcept;
  void ensure_turn() noexcept;
  void resume_and_flush() noexcept;
  bool busy_poll(Clock::time_point turn_began) noexcept;
  void rearm_timer() noexcept;
  void run_posted();
  void destroy_roots() noexcept;
  void close_own_loop() noexcept;
  void close_inherited_loop() noexcept;

  static void on_prepare(uv_prepare_t* handle) noexcept;
  static void on_timer(uv_timer_t* handle) noexcept;
  static void on_async(uv_async_t* handle) noexcept;

  Reactor& reactor_;
  uv_loop_t own_loop_{};
  uv_loop_t* loop_;
  uv_prepare_t* prepare_ = nullptr;
  uv_idle_t* idle_ = nullptr;
  uv_timer_t* timer_ = nullptr;
  uv_async_t* async_ = nullptr;
  Clock::time_point timer_due_ = Clock::time_point::max();
  std::atomic<std::thread::id> thread_;

  ForkMark mark_;
  bool was_inherited_ = false;
  int own_threads_ = 0;
  std::uint64_t sends_ = 0;
  Clock::time_point step_time_;  // of the epoch: nobody has asked
  bool resuming_ = false;        // in steps 2 and 3
  bool turn_over_ = false;       // what run() waits for has ended: no more polling
  bool turn_ensured_ = false;  // step 2 will precede the sleep: idle_ is active, or it is our loop
  detail::ReadyList ready_;
  detail::ReadyList to_flush_;
  std::vector<BusyPolled*> busy_polled_;
  std::chrono::nanoseconds busy_poll_budget_{0};
  detail::TimerHeap timers_;
  ReceiveBlocks receive_blocks_;
  // Ours; lookups share it, since on a host's loop they may end after us.
  std::shared_ptr<LookupSlots> lookup_slots_ = std::make_shared<LookupSlots>();
  std::vector<RootTask*> roots_;

  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace pgreactor::net
