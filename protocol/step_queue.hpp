#pragma once
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace pgreactor::protocol {

/// What a message that was sent awaits. The last seven are never expected: they are what is left of
/// a step when its first answers have come.
enum class Step : std::uint8_t {
  parse,
  bind,
  describe_statement,
  describe_portal,
  execute,
  close,
  sync,
  query,           ///< the simple query, its own ReadyForQuery included
  query_rows,      ///< a simple query within the rows of a command
  query_answered,  ///< a simple query between two commands, or at its end
  copying_in,      ///< a simple query that takes data: see Session::end_copy_in()
  copying_out,     ///< a simple query that gives data
  copied,          ///< a simple query whose COPY is through: its CommandComplete
  sync_failed,     ///< a segment that failed: its ReadyForQuery and nothing else
  none,            ///< nothing is awaited
};

/// The steps whose answers are still to come, in order: a ring of one byte per step.
class StepQueue {
 public:
  /// More are a loop that never reads its answers.
  static constexpr std::uint32_t most = 1 << 20;

  StepQueue() = default;
  StepQueue(StepQueue&&) noexcept = default;
  StepQueue& operator=(StepQueue&&) noexcept = default;

  std::uint32_t size() const noexcept { return size_; }
  bool full() const noexcept { return size_ == most; }
  Step front() const noexcept { return size_ == 0 ? Step::none : ring_[head_]; }

  /// Makes sure that pushing so many cannot fail.
  void reserve(std::uint32_t steps) {
    while (size_ + steps > capacity_) [[unlikely]]
      grow();
  }
  void push(Step step) {
    assert(!full());
    if (size_ == capacity_) [[unlikely]]
      grow();
    ring_[(head_ + size_) & (capacity_ - 1)] = step;
    ++size_;
  }
  /// bind, execute, sync: what every run of a known statement awaits.
  void push_run() {
    assert(size_ + 3 <= most);
    if (size_ + 3 > capacity_) [[unlikely]]
      grow();
    ring_[(head_ + size_) & (capacity_ - 1)] = Step::bind;
    ring_[(head_ + size_ + 1) & (capacity_ - 1)] = Step::execute;
    ring_[(head_ + size_ + 2) & (capacity_ - 1)] = Step::sync;
    size_ += 3;
  }
  void pop() noexcept {
    assert(size_ != 0);
    head_ = (head_ + 1) & (capacity_ - 1);
    --size_;
  }
  /// What is left of the first step.
  void become(Step step) noexcept {
    assert(size_ != 0);
    ring_[head_] = step;
  }

  friend bool operator==(const StepQueue& a, const StepQueue& b) noexcept {
    if (a.size_ != b.size_) return false;
    for (std::uint32_t i = 0; i < a.size_; ++i)
      if (a.at(i) != b.at(i)) return false;
    return true;
  }

 private:
  Step at(std::uint32_t i) const noexcept { return ring_[(head_ + i) & (capacity_ - 1)]; }

  void grow() {
    const std::uint32_t larger = std::max<std::uint32_t>(64, 2 * capacity_);
    auto ring = std::make_unique<Step[]>(larger);
    for (std::uint32_t i = 0; i < size_; ++i) ring[i] = at(i);
    ring_ = std::move(ring);
    capacity_ = larger;
    head_ = 0;
  }

  std::unique_ptr<Step[]> ring_;
  std::uint32_t capacity_ = 0;  // a power of two, or nothing yet
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace pgreactor::protocol
