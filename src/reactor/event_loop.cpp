#include "src/reactor/event_loop.hpp"

#include <algorithm>
#include <cassert>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <utility>

#include "src/reactor/root_task.hpp"
#include "src/reactor/uv_error.hpp"

namespace pgreactor::net {

namespace {

// libuv frees a handle's memory only after its close callback, a turn later: handles live on the
// heap and delete themselves there.
template <class Handle>
void close_and_delete(Handle*& handle) noexcept {
  if (handle == nullptr) return;
  uv_close(reinterpret_cast<uv_handle_t*>(handle),
           [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
  handle = nullptr;
}

template <class Handle>
void unref(Handle* handle) noexcept {
  uv_unref(reinterpret_cast<uv_handle_t*>(handle));
}

}  // namespace

EventLoop::EventLoop(Reactor& reactor) : reactor_(reactor), loop_(&own_loop_), turn_ensured_(true) {
  check_uv(uv_loop_init(loop_), "uv_loop_init");
  open();
}

EventLoop::EventLoop(Reactor& reactor, uv_loop_t& host) : reactor_(reactor), loop_(&host) {
  open();
}

void EventLoop::open() {
  count_forks();
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  prepare_ = new uv_prepare_t{};
  idle_ = new uv_idle_t{};
  timer_ = new uv_timer_t{};
  async_ = new uv_async_t{};
  check_uv(uv_prepare_init(loop_, prepare_), "uv_prepare_init");
  check_uv(uv_idle_init(loop_, idle_), "uv_idle_init");
  check_uv(uv_timer_init(loop_, timer_), "uv_timer_init");
  check_uv(uv_async_init(loop_, async_, &EventLoop::on_async), "uv_async_init");
  prepare_->data = timer_->data = async_->data = this;
  check_uv(uv_prepare_start(prepare_, &EventLoop::on_prepare), "uv_prepare_start");
  // Neither resuming nor the wake-up is a reason for a host's uv_run to go on.
  unref(prepare_);
  unref(async_);
}

EventLoop::~EventLoop() {
  leave_parent();
  destroy_roots();
  close_and_delete(prepare_);
  close_and_delete(idle_);
  close_and_delete(timer_);
  close_and_delete(async_);
  if (is_own()) close_own_loop();
}

void EventLoop::make_own() noexcept {
  mark_.renew();
  was_inherited_ = true;
  own_threads_ = 0;  // they are the parent's
  [[maybe_unused]] const int status = uv_loop_fork(loop_);
  assert(status == 0);
}

// Runs the close callbacks, and waits for what other threads have begun: lookups and work cannot
// be interrupted. Any other handle belongs to a socket that outlives its reactor, a mistake of
// ours.
void EventLoop::close_own_loop() noexcept {
  while (own_threads_ != 0) uv_run(loop_, UV_RUN_ONCE);
  if (was_inherited_) return close_inherited_loop();
  const auto close_left = [](uv_handle_t* handle, void*) {
    if (uv_is_closing(handle) != 0) return;
    assert(false && "a handle outlives its event loop");
    uv_close(handle, nullptr);
  };
  uv_walk(loop_, close_left, nullptr);
  uv_run(loop_, UV_RUN_DEFAULT);
  [[maybe_unused]] const int busy = uv_loop_close(loop_);
  assert(busy == 0);
}

// In a child libuv's threads are gone, and lookups that they had begun never end: what still waits
// for those is left as it is.
void EventLoop::close_inherited_loop() noexcept {
  constexpr int turns = 4;  // more than close callbacks need
  for (int i = 0; i < turns && uv_loop_alive(loop_) != 0; ++i) uv_run(loop_, UV_RUN_NOWAIT);
  uv_loop_close(loop_);
}

void EventLoop::arm(detail::TimerEntry& entry, Clock::time_point due) noexcept {
  timers_.arm(entry, due);
  if (due < timer_due_) rearm_timer();
}

void EventLoop::arm(detail::TimerEntry& entry, std::chrono::nanoseconds delay) noexcept {
  const auto now = Clock::now();
  delay = std::max(delay, std::chrono::nanoseconds(0));
  arm(entry, delay < Clock::time_point::max() - now ? now + delay : Clock::time_point::max());
}

void EventLoop::rearm_timer() noexcept {
  const auto earliest = timers_.earliest();
  if (!earliest) {
    timer_due_ = Clock::time_point::max();
    uv_timer_stop(timer_);
    return;
  }
  timer_due_ = *earliest;
  const auto now = Clock::now();
  // A time long past has no distance from now that could be counted.
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(std::max(*earliest, now) - now);
  uv_update_time(loop_);  // the loop's own idea of now is as old as its turn
  uv_timer_start(timer_, &EventLoop::on_timer, static_cast<std::uint64_t>(wait.count()), 0);
}

void EventLoop::on_timer(uv_timer_t* handle) noexcept {
  auto& self = *static_cast<EventLoop*>(handle->data);
  self.timers_.fire_due(Clock::now());
  self.rearm_timer();
}

void EventLoop::on_prepare(uv_prepare_t* handle) noexcept {
  static_cast<EventLoop*>(handle->data)->resume_and_flush();
}

// An active idle handle keeps a host's uv_run from returning, and the loop from sleeping, before
// step 2 has come: a host may queue something from a prepare callback that runs after ours. On our
// own loop nothing comes between step 2 and the sleep, and turn() always goes on; there the handle
// would only cost, since UV_RUN_ONCE polls without sleeping when it finds one.
void EventLoop::ensure_turn() noexcept {
  turn_ensured_ = true;
  uv_idle_start(idle_, [](uv_idle_t*) {});
}

void EventLoop::resume_and_flush() noexcept {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  resuming_ = true;
  const auto began = busy_polled_.empty() ? Clock::time_point() : Clock::now();
  do {
    while (!ready_.empty()) ready_.pop().waiter.resume();
    ++sends_;
    step_time_ = Clock::time_point();
    while (!to_flush_.empty()) static_cast<Flushable&>(to_flush_.pop()).flush();
  } while (!ready_.empty() || (!busy_polled_.empty() && busy_poll(began)));
  resuming_ = false;
  leave_parent();  // a task may have forked: this is the child, and libuv polls next
  step_time_ = Clock::time_point();
  if (loop_ != &own_loop_ && std::exchange(turn_ensured_, false)) uv_idle_stop(idle_);
  // A deadline that was disarmed leaves the timer running; a host's uv_run need not wait for it.
  auto* timer = reinterpret_cast<uv_handle_t*>(timer_);
  timers_.empty() ? uv_unref(timer) : uv_ref(timer);
}

// Whether something came. Answers that keep coming must not keep the loop from its timers, other
// sockets and threads for long.
bool EventLoop::busy_poll(Clock::time_point turn_began) noexcept {
  constexpr std::chrono::milliseconds longest_turn{1};
  const auto began = Clock::now();
  const auto due = timers_.earliest().value_or(Clock::time_point::max());
  const auto end = std::min(due, began + busy_poll_budget_);
  if (turn_over_ || began >= turn_began + longest_turn) return false;
  do {
    bool awaits = false, came = false;
    step_time_ = Clock::time_point();
    for (std::size_t i = 0; i < busy_polled_.size(); ++i) {  // one that dies removes itself
      BusyPolled& entry = *busy_polled_[i];
      if (!entry.awaits()) continue;
      awaits = true;
      came |= entry.poll();
    }
    if (came) return true;
    if (!awaits) return false;
  } while (Clock::now() < end);
  return false;
}

void EventLoop::add_busy_polled(BusyPolled& entry, std::chrono::nanoseconds budget) {
  busy_polled_.push_back(&entry);
  busy_poll_budget_ = std::max(busy_poll_budget_, budget);
}

void EventLoop::remove_busy_polled(BusyPolled& entry) noexcept { std::erase(busy_polled_, &entry); }

void EventLoop::on_async(uv_async_t* handle) noexcept {
  static_cast<EventLoop*>(handle->data)->run_posted();
}

void EventLoop::post(std::function<void()> work) {
  leave_parent();
  // The wake-up within the lock: once the work runs, it may end this loop, and nobody may then be
  // on the way to waking it.
  const std::lock_guard lock(posted_mutex_);
  posted_.push_back(std::move(work));
  uv_async_send(async_);
}

void EventLoop::run_posted() {
  std::vector<std::function<void()>> taken;
  {
    const std::lock_guard lock(posted_mutex_);
    taken.swap(posted_);
  }
  for (const auto& work : taken) work();
}

void EventLoop::start(Task<void> task, std::stop_token stop, OnEnd on_end) {
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  RootTask::launch(*this, std::move(task), std::move(stop), std::move(on_end));
}

void EventLoop::turn() {
  assert(!resuming_ && "Reactor::run was called by a task of the same reactor");
  thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  turn_over_ = false;
  leave_parent();
  // Other threads may have work for a loop that has no handle of its own to wait for.
  uv_ref(reinterpret_cast<uv_handle_t*>(async_));
  uv_run(loop_, UV_RUN_ONCE);
  unref(async_);
}

void EventLoop::destroy_roots() noexcept {
  while (!roots_.empty()) delete roots_.back();
}

}  // namespace pgreactor::net
