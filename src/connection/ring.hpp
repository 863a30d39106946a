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
  T& push(T entry) {
    if (size_ == entries_.size()) grow();
    T& place = entries_[(head_ + size_) & (entries_.size() - 1)];
    place = std::move(entry);
    ++size_;
    return place;
  }
  void pop() noexcept {
    assert(!empty());
    entries_[head_] = T{};
    head_ = (head_ + 1) & (entries_.size() - 1);
    --size_;
  }
  void pop_back() noexcept {
    assert(!empty());
    --size_;
    entries_[(head_ + size_) & (entries_.size() - 1)] = T{};
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
