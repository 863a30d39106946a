#pragma once
#include <cstdint>
#include <string>

#include "bench/system_calls.hpp"

namespace pgreactor::bench {

/// One connection, `depth` tasks that each run the same prepared one-row query one after the other.
struct Workload {
  std::string uri;
  std::uint64_t queries = 0;
  std::uint64_t depth = 1;
};

/// What the timed part cost, after a warm-up that prepared the statement.
struct Cost {
  std::uint64_t queries = 0;
  std::uint64_t checksum = 0;  ///< sum of the answers: queries times 1
  std::uint64_t allocations = 0;
  SystemCalls calls;
  double seconds = 0;
};

/// Errors  std::runtime_error when an answer is not the one asked for.
Cost run_client(const Workload& workload);

}  // namespace pgreactor::bench
