#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pgreactor::detail {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Reads the text of a value from left to right; never past its end.
class TextScanner {
 public:
  explicit TextScanner(std::string_view text) noexcept : rest_(text) {}

  bool at_end() const noexcept { return rest_.empty(); }
  bool starts_with_digit() const noexcept { return !rest_.empty() && is_digit(rest_.front()); }
  std::string_view rest() const noexcept { return rest_; }

  bool accept(char wanted) noexcept {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool accept(std::string_view wanted) noexcept {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }
  /// The next character; there must be one.
  char take() noexcept {
    assert(!rest_.empty());
    const char next = rest_.front();
    rest_.remove_prefix(1);
    return next;
  }
  /// A run of `least` to `most` decimal digits that no further digit follows; `most` is up to 18.
  std::optional<std::int64_t> number(std::size_t least, std::size_t most) noexcept {
    std::size_t count = 0;
    std::int64_t value = 0;
    while (count < rest_.size() && is_digit(rest_[count])) {
      if (count == most) return std::nullopt;
      value = value * 10 + (rest_[count++] - '0');
    }
    if (count < least) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }

 private:
  std::string_view rest_;
};

/// Appends `value` in decimal, with zeros in front up to `width` digits.
inline void append_padded(std::string& out, std::uint64_t value, std::size_t width) {
  constexpr std::size_t most = 20;  // digits of 2^64
  char digits[most];
  std::size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  if (width > count) out.append(width - count, '0');
  while (count != 0) out.push_back(digits[--count]);
}

}  // namespace pgreactor::detail
