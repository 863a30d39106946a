#include "src/reactor/timer_heap.hpp"

#include <cassert>
#include <utility>

namespace pgreactor::detail {

void TimerEntry::disarm() noexcept {
  if (heap_ != nullptr) heap_->disarm(*this);
}

TimerHeap::~TimerHeap() {
  // Takes the trees apart from the front of one list, to which children are prepended.
  for (TimerEntry* entry = earliest_; entry != nullptr;) {
    TimerEntry* rest = std::exchange(entry->next_, nullptr);
    if (TimerEntry* const first = std::exchange(entry->first_child_, nullptr)) {
      TimerEntry* last = first;
      while (last->next_ != nullptr) last = last->next_;
      last->next_ = rest;
      rest = first;
    }
    entry->previous_ = nullptr;
    entry->heap_ = nullptr;
    entry = rest;
  }
}

void TimerHeap::arm(TimerEntry& entry, Clock::time_point due) noexcept {
  assert(!entry.armed());
  entry.heap_ = this;
  entry.due_ = due;
  earliest_ = meld(earliest_, &entry);
  ++size_;
}

void TimerHeap::disarm(TimerEntry& entry) noexcept {
  assert(entry.heap_ == this);
  --size_;
  entry.heap_ = nullptr;
  TimerEntry* const below = meld_siblings(std::exchange(entry.first_child_, nullptr));
  if (&entry == earliest_) {
    earliest_ = below;
    return;
  }
  TimerEntry* const next = std::exchange(entry.next_, nullptr);
  TimerEntry* const previous = std::exchange(entry.previous_, nullptr);
  (previous->first_child_ == &entry ? previous->first_child_ : previous->next_) = next;
  if (next != nullptr) next->previous_ = previous;
  earliest_ = meld(earliest_, below);
}

std::optional<TimerHeap::Clock::time_point> TimerHeap::earliest() const noexcept {
  if (empty()) return std::nullopt;
  return earliest_->due_;
}

void TimerHeap::fire_due(Clock::time_point now) {
  std::size_t most = size_;
  while (!empty() && earliest_->due_ <= now && most-- > 0) {
    TimerEntry& entry = *earliest_;
    disarm(entry);
    entry.fire_(entry);
  }
}

// Of two roots, or of none: the later one becomes the first child of the earlier one.
TimerEntry* TimerHeap::meld(TimerEntry* one, TimerEntry* other) noexcept {
  if (one == nullptr) return other;
  if (other == nullptr) return one;
  if (other->due_ < one->due_) std::swap(one, other);
  other->previous_ = one;
  other->next_ = std::exchange(one->first_child_, other);
  if (other->next_ != nullptr) other->next_->previous_ = other;
  return one;
}

// In pairs from the first to the last, and these from the last to the first: what keeps the average
// cost of a removal logarithmic.
TimerEntry* TimerHeap::meld_siblings(TimerEntry* first) noexcept {
  TimerEntry* pairs = nullptr;
  while (first != nullptr) {
    TimerEntry* const one = first;
    TimerEntry* const other = std::exchange(one->next_, nullptr);
    first = other == nullptr ? nullptr : std::exchange(other->next_, nullptr);
    one->previous_ = nullptr;
    if (other != nullptr) other->previous_ = nullptr;
    TimerEntry* const pair = meld(one, other);
    pair->next_ = std::exchange(pairs, pair);
  }
  TimerEntry* root = nullptr;
  while (pairs != nullptr) {
    TimerEntry* const pair = std::exchange(pairs, pairs->next_);
    pair->next_ = nullptr;
    root = meld(root, pair);
  }
  return root;
}

}  // namespace pgreactor::detail
