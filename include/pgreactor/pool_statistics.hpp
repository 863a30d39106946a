#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace pgreactor {

/// How long something took since the pool was made: half of the times were not above p50, and so
/// on. Errors  each may be an eighth too high; `max` is exact.
struct Percentiles {
  std::uint64_t count = 0;
  std::chrono::nanoseconds p50{0};
  std::chrono::nanoseconds p90{0};
  std::chrono::nanoseconds p99{0};
  std::chrono::nanoseconds max{0};
};

/// A snapshot of a pool, in connections unless said otherwise.
struct PoolStatistics {
  std::size_t open = 0;  ///< idle, sharing statements, or lent
  std::size_t idle = 0;  ///< of these, with nothing to do
  std::size_t lent = 0;  ///< of these, held by transactions and streams, or being made fit again
  std::size_t connecting = 0;
  std::size_t waiting = 0;   ///< statements and tasks in the queue
  std::uint64_t opened = 0;  ///< since the pool was made
  std::uint64_t closed = 0;
  std::uint64_t evicted = 0;  ///< of these, because their server had been left: it was shut down,
                              ///< or is not of the kind that is wanted any more
  std::uint64_t retired = 0;  ///< of these, because they were too old or idle for too long
  std::uint64_t failed_connects = 0;  ///< with those that ended before they answered anything
  std::uint64_t timed_out_waits = 0;
  std::uint64_t cancels = 0;              ///< the server was asked to stop a statement
  std::uint64_t failed_observations = 0;  ///< calls of a QueryObserver that threw
  Percentiles wait;  ///< in the queue: of statements that had to, and of all who want a
                     ///< connection alone; those in vain are counted too
  Percentiles hold;  ///< of connections that were lent, until they were given back
};

}  // namespace pgreactor
