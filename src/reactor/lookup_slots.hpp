#pragma once
#include <cstddef>
#include <pgreactor/detail/ready_list.hpp>

namespace pgreactor::net {

/// Waits for a slot; a link in a list, as with Resumable.
class LookupWaiter : public detail::Resumable {
 public:
  /// A slot is taken for it.
  virtual void on_slot() noexcept = 0;

 protected:
  ~LookupWaiter() = default;
};

/// How many name lookups a loop has under way. libuv has four threads for these and for all else
/// that blocks; a lookup holds its thread until the system gives up on it, which may take half a
/// minute and cannot be interrupted. So an abandoned lookup keeps its slot until it really ends.
class LookupSlots {
 public:
  static constexpr std::size_t most_at_once = 2;

  /// Calls `waiter.on_slot()`, at once or when a slot is free; oldest first.
  void acquire(LookupWaiter& waiter) noexcept {
    waiting_.push(waiter);
    hand_out();
  }
  void release() noexcept {
    --taken_;
    hand_out();
  }

 private:
  void hand_out() noexcept {
    while (taken_ < most_at_once && !waiting_.empty()) {
      ++taken_;
      static_cast<LookupWaiter&>(waiting_.pop()).on_slot();
    }
  }

  std::size_t taken_ = 0;
  detail::ReadyList waiting_;
};

}  // namespace pgreactor::net
