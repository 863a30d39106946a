#include "src/connection/lease_within.hpp"

#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <utility>

namespace pgreactor::detail {

Task<TimedLease> lease_within(Executor& executor, std::chrono::nanoseconds timeout) {
  using Clock = std::chrono::steady_clock;
  if (timeout == no_timeout) {
    auto lease = co_await executor.lease();
    co_return TimedLease(std::move(lease), no_timeout);
  }
  if (timeout <= std::chrono::nanoseconds::zero())
    throw TimeoutError("the statement's time was over before it was sent", Outcome::not_sent);
  const auto began = Clock::now();
  auto lease = co_await with_timeout(timeout, executor.lease());
  co_return TimedLease(std::move(lease), timeout - (Clock::now() - began));
}

}  // namespace pgreactor::detail
