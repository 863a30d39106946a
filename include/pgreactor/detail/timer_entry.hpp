#pragma once
#include <chrono>
#include <pgreactor/export.hpp>

namespace pgreactor::detail {

class TimerHeap;

/// A point in time somebody waits for: part of the waiter itself, with its place in the heap, so
/// that arming allocates nothing. Disarms itself when it ends.
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
  TimerEntry* first_child_ = nullptr;
  TimerEntry* next_ = nullptr;      // sibling
  TimerEntry* previous_ = nullptr;  // sibling; of the first child the parent
  Clock::time_point due_;
};

}  // namespace pgreactor::detail
