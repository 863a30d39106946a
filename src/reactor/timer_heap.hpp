#pragma once
#include <optional>
#include <pgreactor/detail/timer_entry.hpp>
#include <vector>

namespace pgreactor::detail {

/// Deadlines in a binary heap, the earliest first: arming and disarming cost O(log n), and a libuv
/// timer per deadline would need an asynchronous close each. Knows no clock: `now` comes in.
class TimerHeap {
 public:
  using Clock = TimerEntry::Clock;

  TimerHeap() = default;
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;
  ~TimerHeap();

  void arm(TimerEntry& entry, Clock::time_point due);
  void disarm(TimerEntry& entry) noexcept;
  bool empty() const noexcept { return entries_.empty(); }
  std::optional<Clock::time_point> earliest() const noexcept;
  /// Fires what is due, earliest first. An entry armed meanwhile for `now` or before waits for the
  /// next call, so that one that rearms itself cannot hold the loop.
  void fire_due(Clock::time_point now);

 private:
  void place(TimerEntry* entry, std::size_t index) noexcept;
  void sift_up(std::size_t index) noexcept;
  void sift_down(std::size_t index) noexcept;

  std::vector<TimerEntry*> entries_;
};

}  // namespace pgreactor::detail
