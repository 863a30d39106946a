#include "src/reactor/off_loop.hpp"

#include <pgreactor/error.hpp>

#include "src/reactor/event_loop.hpp"
#include "src/reactor/uv_error.hpp"

namespace pgreactor::net {

void OffLoopWait::start(EventLoop& loop) {
  work_->request_.data = work_.get();
  work_->waiter_ = this;
  const auto run = [](uv_work_t* request) { static_cast<OffLoopWork*>(request->data)->run(); };
  check_uv(uv_queue_work(&loop.uv(), &work_->request_, run, &OffLoopWait::on_done),
           "uv_queue_work");
  running_ = work_.release();
}

void OffLoopWait::abandon() noexcept {
  if (running_ == nullptr) return;
  running_->waiter_ = nullptr;
  // Works while it waits for a thread. The callback comes either way.
  uv_cancel(reinterpret_cast<uv_req_t*>(&running_->request_));
  running_ = nullptr;
}

void OffLoopWait::on_done(uv_work_t* request, int) noexcept {
  std::unique_ptr<OffLoopWork> work(static_cast<OffLoopWork*>(request->data));
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
