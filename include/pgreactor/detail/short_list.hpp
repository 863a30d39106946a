#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace pgreactor::detail {

/// A list that is mostly short: the first `Few` elements need no memory of their own.
/// Owner  owns its elements, which move when it grows.
template <class T, std::size_t Few>
class ShortList {
 public:
  void push_back(T element) {
    if (many_.empty() && size_ < Few) {
      few_[size_++] = std::move(element);
      return;
    }
    if (many_.empty()) {
      many_.reserve(2 * Few);
      for (T& each : few_) many_.push_back(std::move(each));
    }
    many_.push_back(std::move(element));
  }

  std::size_t size() const noexcept { return many_.empty() ? size_ : many_.size(); }
  std::span<const T> elements() const noexcept {
    return many_.empty() ? std::span<const T>(few_.data(), size_) : std::span<const T>(many_);
  }
  std::span<T> elements() noexcept {
    return many_.empty() ? std::span<T>(few_.data(), size_) : std::span<T>(many_);
  }

 private:
  std::array<T, Few> few_{};
  std::size_t size_ = 0;  // of few_, while many_ is empty
  std::vector<T> many_;   // all of them, once they are more
};

}  // namespace pgreactor::detail
