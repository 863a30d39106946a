#pragma once
#include <chrono>
#include <cstddef>
#include <pgreactor/export.hpp>

namespace pgreactor::detail {

class TimerHeap;

/// A point in time somebody waits for: part of the waiter itself, so that arming allocates nothing
/// but the heap's own array. Disarms itself when it ends.
class PGREACTOR_API TimerEntry {
 public:
  using Clock = std::chrono::steady_clock;
  using Fire = void (*)(TimerEntry&) noexcept;

  explicit TimerEntry(Fire fire) noexcept : fire_(fire) {}
  TimerEntry(const TimerEntry&) = delete;
  TimerEntry& operator=(const TimerEntry&) = delete;
  ~TimerEntry() {
    if (heap_ != nullptr) disarm();
  }

  bool armed() const noexcept { return heap_ != nullptr; }
  void disarm() noexcept;

 private:
  friend class TimerHeap;
  Fire fire_;
  TimerHeap* heap_ = nullptr;
  std::size_t index_ = 0;
  Clock::time_point due_;
};

}  // namespace pgreactor::detail
