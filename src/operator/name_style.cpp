#include "src/operator/name_style.hpp"

namespace pgreactor::operators {
namespace {

constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

/// Does a word begin at this place? There is a character before it.
bool begins_word(std::string_view name, std::size_t at) {
  const char before = name[at - 1];
  if (is_separator(before)) return true;
  if (!is_upper(name[at])) return false;
  if (!is_upper(before)) return true;
  const std::string_view rest = name.substr(at + 1);
  return !rest.empty() && is_lower(rest.front()) && rest != "s";
}

}  // namespace

std::string lower_case(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = lower(c);
  return text;
}

std::string style_key(std::string_view name) {
  std::string key(name.size(), '\0');
  std::size_t size = 0;
  for (const char c : name) {
    key[size] = lower(c);
    size += is_separator(c) ? 0U : 1U;
  }
  key.resize(size);
  return key;
}

std::string_view last_word(std::string_view name) noexcept {
  while (!name.empty() && is_separator(name.back())) name.remove_suffix(1);
  if (name.empty()) return name;
  std::size_t at = name.size() - 1;
  while (at > 0 && !begins_word(name, at)) --at;
  return name.substr(at);
}

}  // namespace pgreactor::operators
