#pragma once
#include <cstdint>
#include <optional>

#include "bench/short/interposition.hpp"

namespace benchmark {
class State;
}

namespace pgreactor::bench {

/// The loop that is measured. A few turns to warm up, and what stands before the loop, are in no
/// figure.
///
///     void decode(Loop& loop) {
///       ... prepare ...
///       while (loop.next()) ... what one iteration is ...
///     }
///
/// Several tasks may share one: each turn of any of them is an iteration, and after the last all
/// are told so.
class Loop {
 public:
  explicit Loop(benchmark::State& state) noexcept : state_(state) {}

  bool next() {
    if (left_ == 0) [[unlikely]]
      return next_phase();
    --left_;
    return true;
  }

 private:
  enum class Phase : std::uint8_t { warming_up, measuring, over };
  bool next_phase();

  static constexpr std::uint64_t warm_up = 10;
  benchmark::State& state_;
  std::uint64_t left_ = warm_up;  // turns until the phase is over
  Phase phase_ = Phase::warming_up;
  std::optional<Measurement> measurement_;
};

}  // namespace pgreactor::bench
