#pragma once
#include <chrono>
#include <memory>
#include <pgreactor/detail/stream_request.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/task.hpp>

namespace pgreactor::detail {

/// A connection for one statement, and what waiting for it has left of the statement's time.
struct TimedLease {
  TimedLease(std::unique_ptr<Lease> connection, std::chrono::nanoseconds rest) noexcept
      : lease(std::move(connection)), left(rest) {}

  std::unique_ptr<Lease> lease;
  std::chrono::nanoseconds left;
};

/// Errors  TimeoutError, not sent, when the time is over first; else as Executor::lease().
Task<TimedLease> lease_within(Executor& executor, std::chrono::nanoseconds timeout);

}  // namespace pgreactor::detail
