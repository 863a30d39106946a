#include "src/store_memory/like.hpp"

#include <algorithm>
#include <pgreactor/values/utf8.hpp>
#include <string>

#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

/// never: no more text would help, so an outer wildcard need not try further either. It keeps the
/// work of many wildcards polynomial.
enum class Match : std::uint8_t { yes, no, never };

void skip_character(std::string_view& text) {
  const bool ascii = static_cast<unsigned char>(text.front()) < 0x80;
  const std::size_t length = ascii ? 1 : detail::sequence_length(text);
  text.remove_prefix(std::max<std::size_t>(length, 1));
}

/// The byte that the pattern asks for here, after its escape if it has one.
char literal(std::string_view& pattern) {
  if (pattern.front() == '\\') {
    pattern.remove_prefix(1);
    if (pattern.empty()) raise("22025", "LIKE pattern must not end with escape character");
  }
  return pattern.front();
}

Match match(std::string_view text, std::string_view pattern);

/// From a '%' on: whatever is skipped, the rest has to match. As deep as there are '%'.
Match match_anywhere(std::string_view text, std::string_view pattern) {
  for (; !pattern.empty() && (pattern.front() == '%' || pattern.front() == '_');
       pattern.remove_prefix(1)) {
    if (pattern.front() == '%') continue;
    if (text.empty()) return Match::never;
    skip_character(text);
  }
  if (pattern.empty()) return Match::yes;
  std::string_view rest = pattern;
  const char first = literal(rest);
  for (; !text.empty(); skip_character(text)) {
    if (text.front() != first) continue;
    if (const Match found = match(text, pattern); found != Match::no) return found;
  }
  return Match::never;
}

Match match(std::string_view text, std::string_view pattern) {
  while (!text.empty() && !pattern.empty()) {
    if (pattern.front() == '%') return match_anywhere(text, pattern);
    if (pattern.front() == '_') {
      skip_character(text);
    } else {
      if (literal(pattern) != text.front()) return Match::no;
      text.remove_prefix(1);
    }
    pattern.remove_prefix(1);
  }
  if (!text.empty()) return Match::no;
  while (pattern.starts_with('%')) pattern.remove_prefix(1);
  return pattern.empty() ? Match::yes : Match::never;
}

std::string folded(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (static_cast<unsigned char>(c) >= 0x80) cannot("ILIKE with letters beyond ASCII");
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

bool like(std::string_view text, std::string_view pattern, Letters letters) {
  if (letters == Letters::as_they_are) return match(text, pattern) == Match::yes;
  return match(folded(text), folded(pattern)) == Match::yes;
}

}  // namespace pgreactor::store_memory
