#include "src/reactor/off_loop.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <pgreactor/error.hpp>
#include <utility>

#include "src/reactor/event_loop.hpp"
#include "src/reactor/fork_count.hpp"
#include "src/reactor/uv_error.hpp"

namespace pgreactor::net {
namespace {

// The first work on libuv's pool starts all its threads, which costs a process that connects once
// a sixth of what the connect does. So one work at a time has a thread of its own: here stands the
// process that it is in, counted by forks from 1; 0 when it is free.
std::atomic<std::uint64_t> own_thread_taken_in = 0;

bool take_own_thread() noexcept {
  const std::uint64_t here = std::uint64_t{fork_count()} + 1;
  std::uint64_t seen = own_thread_taken_in;
  return seen != here && own_thread_taken_in.compare_exchange_strong(seen, here);
}
void give_own_thread_back() noexcept { own_thread_taken_in = 0; }

}  // namespace

/// Deletes itself a turn after the end of its work.
class OwnThread {
 public:
  /// False when another work has it, or the system has none to give. Not on a host's loop, where
  /// a host may close all handles that it finds at the end, as it may not do to libuv's requests.
  static bool start(EventLoop& loop, OffLoopWork& work) {
    if (!loop.is_own()) return false;
    auto own = std::make_unique<OwnThread>(loop, work);
    if (!take_own_thread()) return false;
    if (uv_async_init(&loop.uv(), &own->ended_, &OwnThread::on_ended) < 0) {
      give_own_thread_back();
      return false;
    }
    if (uv_thread_create(&own->thread_, &OwnThread::body, own.get()) < 0) {
      give_own_thread_back();
      own.release()->close();
      return false;
    }
    own.release()->loop_.begin_own_thread();
    return true;
  }

  OwnThread(EventLoop& loop, OffLoopWork& work) noexcept : loop_(loop), work_(work) {
    ended_.data = this;
  }

 private:
  static void body(void* argument) noexcept {
    auto& self = *static_cast<OwnThread*>(argument);
    self.work_.run();
    give_own_thread_back();
    uv_async_send(&self.ended_);
  }
  static void on_ended(uv_async_t* handle) noexcept {
    auto& self = *static_cast<OwnThread*>(handle->data);
    if (!self.mark_.is_inherited()) {  // else the thread, and the count of it, are the parent's
      uv_thread_join(&self.thread_);
      self.loop_.end_own_thread();
    }
    OffLoopWork& work = self.work_;
    self.close();
    OffLoopWait::on_done(work);
  }
  void close() noexcept {
    uv_close(reinterpret_cast<uv_handle_t*>(&ended_),
             [](uv_handle_t* closed) { delete static_cast<OwnThread*>(closed->data); });
  }

  EventLoop& loop_;
  OffLoopWork& work_;
  const ForkMark mark_{};
  uv_thread_t thread_{};
  uv_async_t ended_{};
};

void OffLoopWait::start(EventLoop& loop) {
  loop.leave_parent();
  work_->waiter_ = this;
  work_->pooled_ = !OwnThread::start(loop, *work_);
  if (work_->pooled_) {
    work_->request_.data = work_.get();
    const auto run = [](uv_work_t* request) { static_cast<OffLoopWork*>(request->data)->run(); };
    const auto done = [](uv_work_t* request, int) {
      on_done(*static_cast<OffLoopWork*>(request->data));
    };
    check_uv(uv_queue_work(&loop.uv(), &work_->request_, run, done), "uv_queue_work");
  }
  running_ = work_.release();
}

void OffLoopWait::abandon() noexcept {
  if (running_ == nullptr) return;
  running_->waiter_ = nullptr;
  // Works while it waits for a thread. The callback comes either way.
  if (running_->pooled_) uv_cancel(reinterpret_cast<uv_req_t*>(&running_->request_));
  running_ = nullptr;
}

void OffLoopWait::on_done(OffLoopWork& done) noexcept {
  std::unique_ptr<OffLoopWork> work(&done);
  OffLoopWait* waiter = work->waiter_;
  if (waiter == nullptr) return;
  waiter->running_ = nullptr;
  waiter->work_ = std::move(work);
  waiter->finish();
}

OffLoopWork& OffLoopWait::done() const {
  if (stopped()) throw CancelledError("working off the loop: a stop was requested");
  return *work_;
}

}  // namespace pgreactor::net
