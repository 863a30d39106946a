#pragma once
#include <chrono>
#include <cstdint>

namespace pgreactor::connection {

/// How long the server takes for a statement, as seen from here. A sample is the time from sending
/// it, with nothing before it on its connection, to its answer, less the way there and back. The
/// latest counts as much as all before it, so that a statement that has become slow is known to be.
class ServiceTime {
 public:
  using Duration = std::chrono::nanoseconds;

  /// The longest there is before the first sample: what is not known is not taken to be fast.
  Duration expected() const noexcept { return expected_; }

  /// Whether this use of the statement should be timed: reading the clock is not free.
  bool wants_sample() noexcept {
    return expected_ == Duration::max() || uses_++ % uses_per_sample == 0;
  }
  void add(Duration sample) noexcept {
    if (sample < Duration::zero()) sample = Duration::zero();
    expected_ = expected_ == Duration::max() ? sample : expected_ / 2 + sample / 2;
  }

 private:
  static constexpr std::uint32_t uses_per_sample = 16;

  Duration expected_ = Duration::max();
  std::uint32_t uses_ = 0;
};

}  // namespace pgreactor::connection
