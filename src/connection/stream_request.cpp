#include <cassert>
#include <pgreactor/error.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/row_stream.hpp>
#include <utility>

#include "src/connection/lease_within.hpp"
#include "src/reactor/event_loop.hpp"

namespace pgreactor {
namespace detail {

void StreamRequest::start(Lease& lease, const TaskContext& context,
                          std::chrono::nanoseconds timeout, std::chrono::nanoseconds left) {
  prepare_to_submit(context, left);
  lease.submit(*this);
  arm_deadline();
  set_named_timeout(timeout);
}

void StreamRequest::wake() noexcept {
  if (reader_.waiter != nullptr) loop().resume_later(reader_);
}

// While its user may still look at an item, that stays where it is: is_over() gives up when the
// next one is asked for.
void StreamRequest::on_deadline() noexcept {
  if (has_item_ || reader_.waiter == nullptr) {
    overdue_ = true;
  } else {
    give_up(true);
  }
}

void StreamWait::suspend(std::coroutine_handle<> task, const TaskContext& context) {
  assert(request_.reader_.waiter == nullptr && "a stream has one user at a time");
  if (context.stop.stop_requested()) throw_stopped();
  if (request_.overdue_) request_.give_up(true);
  request_.reader_.waiter = task;
  request_.awaited_ = until_;
  suspended_ = true;
  if (request_.ended()) request_.wake();
  if (context.stop.stop_possible()) stop_.emplace(context.stop, Stop{this});
}

void StreamWait::forget() noexcept {
  stop_.reset();
  request_.reader_.waiter = nullptr;
  request_.reader_.unlink();
}

void StreamWait::Stop::operator()() const noexcept {
  self->stopped_ = true;
  self->request_.wake();
}

void StreamWait::throw_stopped() const {
  throw CancelledError("a stop was requested while waiting for a stream",
                       request_.outcome_if_left());
}

Task<RowStream> open_stream(Executor& executor, std::unique_ptr<StreamRequest> request,
                            std::chrono::nanoseconds timeout) {
  const TaskContext& context = co_await CurrentContext{};
  TimedLease found = co_await lease_within(executor, timeout);
  std::unique_ptr<Lease> lease = std::move(found.lease);
  std::unique_ptr<StreamRequest> started = std::move(request);  // to end before the lease does
  started->start(*lease, context, timeout, found.left);
  co_await StreamWait(*started, StreamRequest::Until::item);
  if (started->ended()) started->throw_failure();
  co_return RowStream(std::move(started), std::move(lease));
}

}  // namespace detail

void RowStream::end() {
  lease_.reset();
  request_->throw_failure();
}

}  // namespace pgreactor
