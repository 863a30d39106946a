#pragma once
#include <chrono>
#include <cstdint>
#include <utility>

namespace pgreactor::connection {

/// How long the server takes for a statement, as seen from here. The latest sample counts as much
/// as all before it, so that a statement that has become slow is known to be. Two kinds of samples:
/// of a statement behind another in one send, the time from that one's answer to its own; of one
/// that was sent alone, the time to its answer, less the way there and back. That holds what the
/// server was at for other connections, too: where all of them are asked at once, as much as it
/// takes for all. So once the first kind is known, the second is no more than a bound.
class ServiceTime {
 public:
  using Duration = std::chrono::nanoseconds;

  /// The longest there is before the first sample: what is not known is not taken to be fast.
  Duration expected() const noexcept { return expected_; }

  /// Whether this use of the statement should be timed: reading the clock is not free.
  bool wants_sample() noexcept {
    return expected_ == Duration::max() || uses_++ % uses_per_sample == 0;
  }
  void add_alone(Duration sample) noexcept {
    if (!seen_behind_another_ || sample < expected_) add(sample);
  }
  void add_behind_another(Duration sample) noexcept {
    if (!std::exchange(seen_behind_another_, true)) expected_ = Duration::max();
    add(sample);
  }

 private:
  void add(Duration sample) noexcept {
    if (sample < Duration::zero()) sample = Duration::zero();
    expected_ = expected_ == Duration::max() ? sample : expected_ / 2 + sample / 2;
  }

  static constexpr std::uint32_t uses_per_sample = 16;

  Duration expected_ = Duration::max();
  std::uint32_t uses_ = 0;
  bool seen_behind_another_ = false;
};

}  // namespace pgreactor::connection
