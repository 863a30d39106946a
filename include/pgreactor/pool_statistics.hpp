#pragma once
#include <cstddef>
#include <cstdint>

namespace pgreactor {

/// A snapshot of a pool, in connections unless said otherwise.
struct PoolStatistics {
  std::size_t open = 0;  ///< idle, sharing statements, or lent
  std::size_t idle = 0;  ///< of these, with nothing to do
  std::size_t lent = 0;  ///< of these, held by transactions
  std::size_t connecting = 0;
  std::size_t waiting = 0;   ///< statements and tasks in the queue
  std::uint64_t opened = 0;  ///< since the pool was made
  std::uint64_t closed = 0;
  std::uint64_t evicted = 0;  ///< of these, because their server had been left: it was shut down,
                              ///< or is not of the kind that is wanted any more
  std::uint64_t retired = 0;  ///< of these, because they were too old or idle for too long
  std::uint64_t failed_connects = 0;
  std::uint64_t timed_out_waits = 0;
};

}  // namespace pgreactor
