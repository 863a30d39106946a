#pragma once
#include <coroutine>
#include <utility>

namespace pgreactor::detail {

/// Something that the loop resumes at its next turn: a link in a list, part of the waiter itself so
/// that queuing allocates nothing. It takes itself out of the list when it ends first.
class Resumable {
 public:
  Resumable() = default;
  Resumable(const Resumable&) = delete;
  Resumable& operator=(const Resumable&) = delete;
  ~Resumable() { unlink(); }

  std::coroutine_handle<> waiter;

  bool linked() const noexcept { return next_ != nullptr; }
  void unlink() noexcept {
    if (!linked()) return;
    next_->previous_ = previous_;
    previous_->next_ = next_;
    next_ = previous_ = nullptr;
  }

 private:
  friend class ReadyList;
  Resumable* next_ = nullptr;
  Resumable* previous_ = nullptr;
};

/// First in, first out.
class ReadyList {
 public:
  ReadyList() noexcept { head_.next_ = head_.previous_ = &head_; }
  ~ReadyList() {
    while (!empty()) head_.next_->unlink();
    head_.next_ = head_.previous_ = nullptr;
  }

  bool empty() const noexcept { return head_.next_ == &head_; }
  void push(Resumable& entry) noexcept {
    if (entry.linked()) return;
    entry.next_ = &head_;
    entry.previous_ = head_.previous_;
    head_.previous_->next_ = &entry;
    head_.previous_ = &entry;
  }
  /// The oldest entry; the list is not empty.
  Resumable& front() noexcept { return *head_.next_; }
  /// The oldest entry, taken out; the list is not empty.
  Resumable& pop() noexcept {
    Resumable& first = *head_.next_;
    first.unlink();
    return first;
  }

 private:
  Resumable head_;
};

}  // namespace pgreactor::detail
