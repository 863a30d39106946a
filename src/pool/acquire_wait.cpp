#include <cassert>
#include <pgreactor/error.hpp>
#include <utility>

#include "src/connection/out_of_memory.hpp"
#include "src/pool/pool.hpp"

namespace pgreactor::pool {

AcquireWait::AcquireWait(Pool& pool) noexcept
    : Waiter(Kind::connection), pool_(pool.handle()), loop_(pool.loop()) {}

AcquireWait::~AcquireWait() {
  if (*pool_ == nullptr) return;
  if (queued_) (*pool_)->forget(*this);
  if (member_ != nullptr) (*pool_)->release(*member_);  // the task ended before it knew
}

void AcquireWait::start(const detail::TaskContext& context) {
  if (context.stop.stop_requested())
    throw CancelledError("a stop was requested before a connection was acquired");
  Pool& pool = **pool_;
  if (pool.closing_) throw ConnectionError("the pool is closed");
  pool.used_ = true;
  pool.enqueue(*this);
  queued_ = true;
  if (context.stop.stop_possible()) stop_.emplace(context.stop, Stop{this});
}

Member& AcquireWait::await_resume() {
  if (failure_) std::rethrow_exception(std::move(failure_));
  if (*pool_ == nullptr) throw ConnectionError("the pool was destroyed");
  assert(member_ != nullptr);
  return *std::exchange(member_, nullptr);
}

// Hand-off and stop are both on the loop thread, so one of them comes first (P3).
void AcquireWait::give(Member& member) noexcept {
  member.use = Member::Use::lent;
  member.holder = {};
  member.lent_at = loop_.step_time();
  member.connection->set_exclusive(true);
  member_ = &member;
  queued_ = false;
  (*pool_)->target()->hooks.acquired(member.number);
  loop_.resume_later(*this);
}

void AcquireWait::fail(std::exception_ptr failure) noexcept {
  failure_ = std::move(failure);
  queued_ = false;
  loop_.resume_later(*this);
}

void AcquireWait::Stop::operator()() const noexcept {
  if (!self->queued_) return;
  (*self->pool_)
      ->fail(*self, connection::made_or_out_of_memory<CancelledError>(Outcome::not_sent, [] {
        return std::make_exception_ptr(
            CancelledError("a stop was requested while waiting for a connection"));
      }));
}

}  // namespace pgreactor::pool
