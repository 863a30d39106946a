#pragma once
#include <cstddef>
#include <optional>
#include <pgreactor/detail/timer_entry.hpp>

namespace pgreactor::detail {

/// Deadlines in a pairing heap, the earliest first: arming costs O(1) and cannot fail, disarming
/// O(log n) on average, and O(1) for most, which never come near the top; a libuv timer per
/// deadline would need an asynchronous close each. Knows no clock: `now` comes in.
/// Source  M. Fredman, R. Sedgewick, D. Sleator, R. Tarjan, "The pairing heap" (1986)
class TimerHeap {
 public:
  using Clock = TimerEntry::Clock;

  TimerHeap() = default;
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;
  ~TimerHeap();

  void arm(TimerEntry& entry, Clock::time_point due) noexcept;
  void disarm(TimerEntry& entry) noexcept;
  bool empty() const noexcept { return earliest_ == nullptr; }
  std::optional<Clock::time_point> earliest() const noexcept;
  /// Fires what is due, earliest first. An entry armed meanwhile for `now` or before waits for the
  /// next call, so that one that rearms itself cannot hold the loop.
  void fire_due(Clock::time_point now);

 private:
  static TimerEntry* meld(TimerEntry* one, TimerEntry* other) noexcept;
  static TimerEntry* meld_siblings(TimerEntry* first) noexcept;

  TimerEntry* earliest_ = nullptr;  // the root
  std::size_t size_ = 0;
};

}  // namespace pgreactor::detail
