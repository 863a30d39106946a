#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor {

/// A password or key. No stream, formatter or comparison accepts it; its bytes are overwritten when
/// it ends (A17). Only `reveal()` gives them out, so that every such place can be searched for.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      text_ = other.text_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      text_ = std::move(other.text_);
      other.wipe();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  bool empty() const noexcept { return text_.empty(); }
  std::string_view reveal() const noexcept { return text_; }

 private:
  void wipe() noexcept {
    // A short text that was moved from still stands in the object itself, beyond its size.
    text_.resize(text_.capacity());
    // volatile: the compiler may not drop stores to memory that is about to be released
    for (volatile char& c : text_) c = '\0';
    text_.clear();
  }
  std::string text_;
};

}  // namespace pgreactor
