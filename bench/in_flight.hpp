#pragma once
#include <cstddef>
#include <vector>

#include "bench/measured_program.hpp"

namespace pgreactor::bench {

/// When the queries in flight on a connection were wanted; answers come in the same order.
class InFlight {
 public:
  explicit InFlight(std::size_t most) : wanted_(most) {}

  void push(Clock::time_point wanted) noexcept {
    wanted_[next_] = wanted;
    next_ = after(next_);
  }
  Clock::time_point pop() noexcept {
    const Clock::time_point wanted = wanted_[oldest_];
    oldest_ = after(oldest_);
    return wanted;
  }

 private:
  std::size_t after(std::size_t place) const noexcept {
    return place + 1 == wanted_.size() ? 0 : place + 1;
  }

  std::vector<Clock::time_point> wanted_;
  std::size_t next_ = 0, oldest_ = 0;
};

}  // namespace pgreactor::bench
