#include "src/operator/sql_scan.hpp"

#include <algorithm>

namespace pgreactor::operators {
namespace {

bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Behind the quote that closes; doubled ones stand for themselves, as do those behind a backslash.
std::size_t end_of_quoted(std::string_view sql, std::size_t at, char quote, bool escapes) noexcept {
  for (++at; at < sql.size(); ++at) {
    if (escapes && sql[at] == '\\') {
      ++at;
    } else if (sql[at] == quote) {
      if (at + 1 >= sql.size() || sql[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return sql.size();
}

/// E'...': an e that ends no word.
bool has_escapes(std::string_view sql, std::size_t quote) noexcept {
  if (quote == 0 || (sql[quote - 1] != 'e' && sql[quote - 1] != 'E')) return false;
  return quote == 1 || !is_word(sql[quote - 2]);
}

/// Comments nest.
std::size_t end_of_comment(std::string_view sql, std::size_t at) noexcept {
  std::size_t depth = 0;
  while (at + 1 < sql.size()) {
    const std::string_view two = sql.substr(at, 2);
    if (two == "/*" || two == "*/") {
      depth = two == "/*" ? depth + 1 : depth - 1;
      at += 2;
      if (depth == 0) return at;
    } else {
      ++at;
    }
  }
  return sql.size();
}

/// $tag$ ... $tag$; `at` when no tag begins there.
std::size_t end_of_dollar_quoted(std::string_view sql, std::size_t at) noexcept {
  if (at != 0 && continues_name(sql[at - 1])) return at;
  std::size_t end = at + 1;
  while (end < sql.size() && is_word(sql[end])) ++end;
  const bool digit_first = end > at + 1 && sql[at + 1] >= '0' && sql[at + 1] <= '9';
  if (end >= sql.size() || sql[end] != '$' || digit_first) return at;
  const std::string_view tag = sql.substr(at, end + 1 - at);
  const std::size_t close = sql.find(tag, end + 1);
  return close == std::string_view::npos ? sql.size() : close + tag.size();
}

}  // namespace

bool continues_name(char c) noexcept { return is_word(c) || c == '$'; }

std::size_t end_of_verbatim(std::string_view sql, std::size_t at) noexcept {
  const std::string_view two = sql.substr(at, 2);
  if (two == "--") return std::min(sql.find('\n', at), sql.size());
  if (two == "/*") return end_of_comment(sql, at);
  switch (sql[at]) {
    case '\'':
      return end_of_quoted(sql, at, '\'', has_escapes(sql, at));
    case '"':
      return end_of_quoted(sql, at, '"', false);
    case '$':
      return end_of_dollar_quoted(sql, at);
    default:
      return at;
  }
}

}  // namespace pgreactor::operators
