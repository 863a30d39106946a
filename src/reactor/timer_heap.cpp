#include "src/reactor/timer_heap.hpp"

#include <algorithm>
#include <cassert>

namespace pgreactor::detail {

void TimerEntry::disarm() noexcept {
  if (heap_ != nullptr) heap_->disarm(*this);
}

TimerHeap::~TimerHeap() {
  for (TimerEntry* entry : entries_) entry->heap_ = nullptr;
}

void TimerHeap::arm(TimerEntry& entry, Clock::time_point due) {
  assert(!entry.armed());
  entries_.push_back(&entry);
  entry.heap_ = this;
  entry.due_ = due;
  entry.index_ = entries_.size() - 1;
  sift_up(entry.index_);
}

void TimerHeap::disarm(TimerEntry& entry) noexcept {
  assert(entry.heap_ == this && entries_[entry.index_] == &entry);
  const std::size_t index = entry.index_;
  entry.heap_ = nullptr;
  TimerEntry* last = entries_.back();
  entries_.pop_back();
  if (last == &entry) return;
  place(last, index);
  sift_up(index);
  sift_down(last->index_);
}

std::optional<TimerHeap::Clock::time_point> TimerHeap::earliest() const noexcept {
  if (entries_.empty()) return std::nullopt;
  return entries_.front()->due_;
}

void TimerHeap::fire_due(Clock::time_point now) {
  std::size_t most = entries_.size();
  while (!entries_.empty() && entries_.front()->due_ <= now && most-- > 0) {
    TimerEntry& entry = *entries_.front();
    disarm(entry);
    entry.fire_(entry);
  }
}

void TimerHeap::place(TimerEntry* entry, std::size_t index) noexcept {
  entries_[index] = entry;
  entry->index_ = index;
}

void TimerHeap::sift_up(std::size_t index) noexcept {
  TimerEntry* const entry = entries_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (entries_[parent]->due_ <= entry->due_) break;
    place(entries_[parent], index);
    index = parent;
  }
  place(entry, index);
}

void TimerHeap::sift_down(std::size_t index) noexcept {
  TimerEntry* const entry = entries_[index];
  for (;;) {
    std::size_t child = 2 * index + 1;
    if (child >= entries_.size()) break;
    if (child + 1 < entries_.size() && entries_[child + 1]->due_ < entries_[child]->due_) ++child;
    if (entry->due_ <= entries_[child]->due_) break;
    place(entries_[child], index);
    index = child;
  }
  place(entry, index);
}

}  // namespace pgreactor::detail
