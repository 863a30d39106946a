#include "bench/micro/loop.hpp"

#include <benchmark/benchmark.h>

namespace pgreactor::bench {

// google benchmark is asked for all iterations at once, so that none of it is between them. The
// first question starts its clock, the second stops it.
bool Loop::next_phase() {
  switch (phase_) {
    case Phase::warming_up:
      phase_ = Phase::measuring;
      if (!state_.KeepRunningBatch(state_.max_iterations)) break;
      left_ = static_cast<std::uint64_t>(state_.max_iterations) - 1;
      measurement_.emplace();
      return true;
    case Phase::measuring: {
      phase_ = Phase::over;
      const ClientCost cost = measurement_->so_far();
      measurement_.reset();
      state_.KeepRunningBatch(state_.max_iterations);
      state_.counters["allocations"] =
          static_cast<double>(cost.allocations) / static_cast<double>(state_.max_iterations);
      break;
    }
    case Phase::over:
      break;
  }
  return false;
}

}  // namespace pgreactor::bench
