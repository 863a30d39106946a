#pragma once
#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "src/connection/ascii_text.hpp"

// The words and statements of a text as PostgreSQL's scanner finds them, looked through once and
// without a copy. Nothing here knows the session's settings: what standard_conforming_strings would
// decide is not certain.
namespace pgreactor::connection {

constexpr std::string_view blanks = " \t\r\n\f\v";

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr bool is_of_word(char c) noexcept {
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// The word that the text begins with, or nothing.
inline std::string_view word_of(std::string_view sql) noexcept {
  const auto end = std::find_if_not(sql.begin(), sql.end(), is_of_word);
  return sql.substr(0, static_cast<std::size_t>(end - sql.begin()));
}

inline bool is_any(std::string_view word,
                   std::initializer_list<std::string_view> lower_case) noexcept {
  const auto same = [](char in_text, char wanted) { return ascii_lower(in_text) == wanted; };
  return std::any_of(lower_case.begin(), lower_case.end(), [&](std::string_view wanted) {
    return std::equal(word.begin(), word.end(), wanted.begin(), wanted.end(), same);
  });
}

/// npos: it does not stand in the text from there on.
inline std::size_t position_of(std::string_view text, std::string_view lower_case,
                               std::size_t from) noexcept {
  const auto same = [](char in_text, char wanted) { return ascii_lower(in_text) == wanted; };
  const auto found = std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(),
                                 lower_case.begin(), lower_case.end(), same);
  return found == text.end() ? text.npos : static_cast<std::size_t>(found - text.begin());
}

/// As position_of(), and no part of a longer word, wherever it stands: what a string has in it may
/// be run, too. There "\nCREATE" begins with a line's end.
inline std::size_t position_of_word(std::string_view text, std::string_view lower_case,
                                    std::size_t from) noexcept {
  for (; (from = position_of(text, lower_case, from)) != text.npos; from += lower_case.size()) {
    const std::size_t end = from + lower_case.size();
    const bool begins =
        from == 0 || !is_of_word(text[from - 1]) || (from > 1 && text[from - 2] == '\\');
    if (begins && (end == text.size() || !is_of_word(text[end]))) return from;
  }
  return text.npos;
}

inline std::string_view without_blanks_before(std::string_view sql) noexcept {
  return sql.substr(std::min(sql.find_first_not_of(blanks), sql.size()));
}

inline bool begins_comment(std::string_view sql) noexcept {
  return sql.starts_with("--") || sql.starts_with("/*");
}

/// Behind the comment that the text begins with, which may have others in it; nothing where that
/// has no end.
inline std::optional<std::string_view> behind_comment(std::string_view sql) noexcept {
  if (sql.starts_with("--")) return sql.substr(std::min(sql.find_first_of("\r\n"), sql.size()));
  std::size_t at = 2;
  for (std::size_t depth = 1; depth != 0;) {
    at = sql.find_first_of("*/", at);
    if (at == sql.npos || at + 1 == sql.size()) return std::nullopt;
    const std::string_view two = sql.substr(at, 2);
    if (two == "/*") ++depth;
    if (two == "*/") --depth;
    at += two == "/*" || two == "*/" ? 2U : 1U;
  }
  return sql.substr(at);
}

/// Behind the quoted string or name that begins at `at`. npos where it has no end, or where that is
/// not certain: a backslash before a quote hides it if the string `has_escapes`, as E'\'' has, or
/// if standard_conforming_strings is off.
inline std::size_t end_of_quotes(std::string_view sql, std::size_t at, bool has_escapes) noexcept {
  const char quote = sql[at];
  for (bool escaped = false; ++at < sql.size();) {
    if (sql[at] == quote && escaped && !has_escapes) return sql.npos;
    if (sql[at] == quote && !escaped) {
      if (at + 1 == sql.size() || sql[at + 1] != quote) return at + 1;
      ++at;  // doubled, for one within
    }
    escaped = sql[at] == '\\' && !escaped;
  }
  return sql.npos;
}

/// The words that a text begins with, one after the other.
class Words {
 public:
  explicit Words(std::string_view sql) noexcept : sql_(sql) {}

  /// Empty where no word stands.
  std::string_view next() noexcept {
    skip();
    const std::string_view word = word_of(sql_);
    sql_.remove_prefix(word.size());
    is_first_ = false;
    return word;
  }
  /// What has not been read, without the blanks and comments before it.
  std::string_view rest() noexcept {
    skip();
    return sql_;
  }
  /// False once there was a comment without an end: what follows is anybody's guess.
  bool is_certain() const noexcept { return certain_; }

 private:
  void skip() noexcept {
    for (;;) {
      sql_ = without_blanks_before(sql_);
      if (is_first_ && sql_.starts_with(';')) {  // an empty statement, of which nothing is left
        sql_.remove_prefix(1);
      } else if (begins_comment(sql_)) {
        const auto behind = behind_comment(sql_);
        certain_ &= behind.has_value();
        sql_ = behind.value_or(std::string_view());
      } else {
        return;
      }
    }
  }

  std::string_view sql_;
  bool is_first_ = true;
  bool certain_ = true;
};

/// The statements of a script, one after the other.
class Statements {
 public:
  explicit Statements(std::string_view script) noexcept : rest_(script) {}

  /// The script from its next statement on, and all behind that; empty where none is left that
  /// could be found.
  std::string_view next() noexcept {
    Words words(rest_);
    const std::string_view statement = words.rest();
    certain_ &= words.is_certain();
    rest_ = statement;
    while (!rest_.empty() && rest_.front() != ';') pass_over_token();
    return statement;
  }
  /// False once something had no certain end: more statements may follow.
  bool is_certain() const noexcept { return certain_; }

 private:
  void pass_over_token() noexcept {
    if (begins_comment(rest_)) return continue_at(behind_comment(rest_));
    const char c = rest_.front();
    if (c == '\'' || c == '"') return pass_over_quotes(0);
    if (c == '$') return pass_over_dollar();
    if (is_of_word(c)) return pass_over_word();
    rest_.remove_prefix(1);
  }

  // One with a dollar in it begins no dollar quotes there. Behind a number, versions of the server
  // differ about that.
  void pass_over_word() noexcept {
    const auto is_of_name = [](char c) { return is_of_word(c) || c == '$'; };
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_of_name);
    const auto word = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    if (is_digit(word.front()) && word.find('$') != word.npos) return continue_at(std::nullopt);
    if (is_any(word, {"e"}) && rest_.substr(1).starts_with('\'')) return pass_over_quotes(1);
    rest_.remove_prefix(word.size());
  }

  void pass_over_quotes(std::size_t at) noexcept {
    const std::size_t end = end_of_quotes(rest_, at, at != 0);
    if (end == rest_.npos) return continue_at(std::nullopt);
    rest_.remove_prefix(end);
  }

  // $$...$$ and $a$...$a$, or a parameter.
  void pass_over_dollar() noexcept {
    const std::string_view tag = word_of(rest_.substr(1));
    const std::string_view delimiter = rest_.substr(0, tag.size() + 2);
    if (!delimiter.ends_with('$') || delimiter.size() < 2 || is_digit(delimiter[1])) {
      rest_.remove_prefix(1);
      return;
    }
    const std::size_t end = rest_.find(delimiter, delimiter.size());
    if (end == rest_.npos) return continue_at(std::nullopt);
    rest_.remove_prefix(end + delimiter.size());
  }

  void continue_at(std::optional<std::string_view> behind) noexcept {
    certain_ &= behind.has_value();
    rest_ = behind.value_or(std::string_view());
  }

  std::string_view rest_;
  bool certain_ = true;
};

}  // namespace pgreactor::connection
