#pragma once
#include <algorithm>
#include <cstddef>
#include <string_view>

// Looking into texts without regard to the case of ASCII letters, whatever the locale.
namespace pgreactor::connection {

constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// How often `lower_case` stands in `text`.
inline std::size_t count_of(std::string_view text, std::string_view lower_case) noexcept {
  const auto same = [](char in_text, char wanted) { return ascii_lower(in_text) == wanted; };
  std::size_t count = 0;
  for (auto from = text.begin();; ++count) {
    from = std::search(from, text.end(), lower_case.begin(), lower_case.end(), same);
    if (from == text.end()) return count;
    from += static_cast<std::ptrdiff_t>(lower_case.size());
  }
}

inline bool mentions(std::string_view text, std::string_view lower_case) noexcept {
  return count_of(text, lower_case) != 0;
}

}  // namespace pgreactor::connection
