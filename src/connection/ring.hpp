#pragma once
#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

namespace pgreactor::connection {

/// First in, first out, in a vector whose size is a power of two: entries by value, none moved
/// except when it grows.
template <class T>
class Ring {
 public:
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  T& front() noexcept {
    assert(!empty());
    return entries_[head_];
  }
  T& operator[](std::size_t index) noexcept {
    assert(index < size_);
    return entries_[(head_ + index) & (entries_.size() - 1)];
  }
  /// Makes sure that the next push() cannot fail.
  void reserve_one() {
    if (size_ == entries_.size()) [[unlikely]]
      grow();
  }
  /// The new last entry, a T{} to be filled in place.
  T& push() {
    reserve_one();
    return entries_[(head_ + size_++) & (entries_.size() - 1)];
  }
  void pop() noexcept {
    assert(!empty());
    entries_[head_] = T{};
    head_ = (head_ + 1) & (entries_.size() - 1);
    --size_;
  }

 private:
  void grow() {
    std::vector<T> larger(entries_.empty() ? 8 : 2 * entries_.size());
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    entries_ = std::move(larger);
    head_ = 0;
  }
  std::vector<T> entries_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace pgreactor::connection
