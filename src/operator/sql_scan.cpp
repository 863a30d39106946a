#include "src/operator/sql_scan.hpp"

#include <algorithm>

namespace pgreactor::operators {
namespace {

constexpr std::string_view line_ends = "\n\r";
constexpr std::string_view white_space = " \t\n\r\f\v";

bool begins_name(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool continues_tag(char c) noexcept { return begins_name(c) || (c >= '0' && c <= '9'); }

std::size_t end_of_word(std::string_view sql, std::size_t at) noexcept {
  while (at < sql.size() && (continues_tag(sql[at]) || sql[at] == '$')) ++at;
  return at;
}

std::size_t end_of_line(std::string_view sql, std::size_t at) noexcept {
  return std::min(sql.find_first_of(line_ends, at), sql.size());
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

/// The quote that goes on with the literal before `at`: behind blanks and comments to the end
/// of a line, among which a line ends. `at` when there is none.
std::size_t continuing_quote(std::string_view sql, std::size_t at) noexcept {
  bool is_next_line = false;
  for (std::size_t next = at; next < sql.size();) {
    if (sql[next] == '\'') return is_next_line ? next : at;
    if (sql.substr(next, 2) == "--") {
      next = end_of_line(sql, next);
      continue;
    }
    if (white_space.find(sql[next]) == std::string_view::npos) return at;
    is_next_line = is_next_line || line_ends.find(sql[next]) != std::string_view::npos;
    ++next;
  }
  return at;
}

/// E'...' from its quote on, with what goes on with it, in which backslashes mean the same.
std::size_t end_of_escaped(std::string_view sql, std::size_t quote) noexcept {
  std::size_t end = end_of_quoted(sql, quote, '\'', true);
  for (quote = continuing_quote(sql, end); quote != end; quote = continuing_quote(sql, end))
    end = end_of_quoted(sql, quote, '\'', true);
  return end;
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
  std::size_t end = at + 1;
  if (end < sql.size() && begins_name(sql[end]))
    while (end < sql.size() && continues_tag(sql[end])) ++end;
  if (end >= sql.size() || sql[end] != '$') return at;
  const std::string_view tag = sql.substr(at, end + 1 - at);
  const std::size_t close = sql.find(tag, end + 1);
  return close == std::string_view::npos ? sql.size() : close + tag.size();
}

}  // namespace

std::size_t end_of_verbatim(std::string_view sql, std::size_t at) noexcept {
  const std::string_view two = sql.substr(at, 2);
  if (two == "--") return end_of_line(sql, at);
  if (two == "e'" || two == "E'") return end_of_escaped(sql, at + 1);
  if (two == "/*") return end_of_comment(sql, at);
  switch (sql[at]) {
    case '\'':
      return end_of_quoted(sql, at, '\'', false);
    case '"':
      return end_of_quoted(sql, at, '"', false);
    case '$':
      return end_of_dollar_quoted(sql, at);
    default:
      return begins_name(sql[at]) ? end_of_word(sql, at) : at;
  }
}

}  // namespace pgreactor::operators
