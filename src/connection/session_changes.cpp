#include "src/connection/session_changes.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <pgreactor/batch.hpp>
#include <string>
#include <string_view>

#include "protocol/result.hpp"
#include "src/connection/ascii_text.hpp"
#include "src/connection/connection.hpp"

// What the texts of statements and the tags of completed commands tell: changes of the session that
// outlive their transaction, ends of a transaction, and changes of the schema.
namespace pgreactor::connection {

using detail::BatchRequest;
using detail::Request;

namespace {

constexpr std::string_view blanks = " \t\r\n\f\v";

bool is_of_word(char c) noexcept {
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The word that the text begins with, or nothing.
std::string_view word_of(std::string_view sql) noexcept {
  const auto end = std::find_if_not(sql.begin(), sql.end(), is_of_word);
  return sql.substr(0, static_cast<std::size_t>(end - sql.begin()));
}

bool is_any(std::string_view word, std::initializer_list<std::string_view> lower_case) noexcept {
  const auto same = [](char in_text, char wanted) { return ascii_lower(in_text) == wanted; };
  return std::any_of(lower_case.begin(), lower_case.end(), [&](std::string_view wanted) {
    return std::equal(word.begin(), word.end(), wanted.begin(), wanted.end(), same);
  });
}

// npos: it does not stand in the text from there on.
std::size_t position_of(std::string_view text, std::string_view lower_case,
                        std::size_t from) noexcept {
  const auto same = [](char in_text, char wanted) { return ascii_lower(in_text) == wanted; };
  const auto found = std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(),
                                 lower_case.begin(), lower_case.end(), same);
  return found == text.end() ? text.npos : static_cast<std::size_t>(found - text.begin());
}

std::string_view without_blanks_before(std::string_view sql) noexcept {
  return sql.substr(std::min(sql.find_first_not_of(blanks), sql.size()));
}

bool begins_comment(std::string_view sql) noexcept {
  return sql.starts_with("--") || sql.starts_with("/*");
}

// Behind the comment that the text begins with, which may have others in it; nothing where that has
// no end.
std::optional<std::string_view> behind_comment(std::string_view sql) noexcept {
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

// The words that a text begins with, one after the other, as PostgreSQL's scanner finds them.
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

// "SET LOCAL ..." or "SET TRANSACTION ...", which end with their transaction.
bool ends_with_transaction(std::string_view sql) noexcept {
  Words words(sql);
  return is_any(words.next(), {"set"}) && is_any(words.next(), {"local", "transaction"});
}

// Behind the quoted string that begins at `at`. npos where that is not certain: it has a backslash,
// or touches what may be more of it, as when all of this stands within a string.
std::size_t end_of_quoted(std::string_view sql, std::size_t at) noexcept {
  const char quote = sql[at];
  for (++at; at < sql.size(); ++at) {
    if (sql[at] == '\\') return sql.npos;
    if (sql[at] != quote) continue;
    if (++at == sql.size()) return sql.npos;
    if (sql[at] == quote) continue;  // doubled, for one within
    return is_of_word(sql[at]) || sql[at] == '\'' || sql[at] == '"' ? sql.npos : at;
  }
  return sql.npos;
}

// Do dollar quotes, comments or the like begin here, which are not looked into?
bool is_intricate(std::string_view sql) noexcept {
  constexpr std::string_view digits = "0123456789";
  if (sql.front() == '$') return sql.size() < 2 || digits.find(sql[1]) == digits.npos;
  return sql.front() == '\\' || sql.front() == '[' || begins_comment(sql);
}

// Behind "(name, value, true)", which has to begin here; npos where it does not, for certain.
std::size_t end_of_local_setting(std::string_view sql) noexcept {
  const std::size_t begin = sql.find_first_not_of(blanks);
  if (begin == sql.npos || sql[begin] != '(') return sql.npos;
  std::size_t depth = 0, commas = 0, last = 0;
  for (std::size_t at = begin + 1; at < sql.size();) {
    const char c = sql[at];
    if (c == '\'' || c == '"') {
      at = end_of_quoted(sql, at);
      continue;
    }
    if (is_intricate(sql.substr(at))) return sql.npos;
    if (c == '(') ++depth;
    if (c == ',' && depth == 0) {
      ++commas;
      last = at + 1;
    }
    if (c == ')' && depth-- == 0) {
      std::string_view third = without_blanks_before(sql.substr(last, at - last));
      third = third.substr(0, third.find_last_not_of(blanks) + 1);
      // One within another would have to be looked at for itself.
      const bool nested = mentions(sql.substr(begin, at - begin), "set_config");
      return commas == 2 && is_any(third, {"true"}) && !nested ? at + 1 : sql.npos;
    }
    ++at;
  }
  return sql.npos;
}

bool leaves_setting(std::string_view sql) noexcept {
  constexpr std::string_view name = "set_config";
  for (std::size_t at = 0; (at = position_of(sql, name, at)) != sql.npos;) {
    at += name.size();
    const std::size_t length = end_of_local_setting(sql.substr(at));
    if (length == sql.npos) return true;
    at += length;
  }
  return false;
}

// "SELECT ... INTO TEMP x". What a comment hides is not looked for.
bool selects_into_temporary(std::string_view sql) noexcept {
  constexpr std::string_view into = "into";
  for (std::size_t at = 0; (at = position_of(sql, into, at)) != sql.npos;) {
    at += into.size();
    const std::string_view rest = without_blanks_before(sql.substr(at));
    if (begins_comment(rest)) return true;
    if (rest.size() == sql.size() - at) continue;  // "into" was a part of a word, or of a call
    const std::string_view word = word_of(rest);
    if (is_any(word, {"local", "global"})) return true;
    // A name has to follow: "INTO temp(" is a table of that name.
    const std::string_view behind = rest.substr(word.size());
    if (is_any(word, {"temp", "temporary"}) &&
        (behind.starts_with('"') || begins_comment(behind) ||
         without_blanks_before(behind).size() < behind.size()))
      return true;
  }
  return false;
}

// " temp", "*/temp" and the like.
bool has_temporary(std::string_view sql) noexcept {
  constexpr std::string_view temp = "temp";
  for (std::size_t at = 0; (at = position_of(sql, temp, at)) != sql.npos; at += temp.size())
    if (at != 0 && (blanks.find(sql[at - 1]) != blanks.npos || sql[at - 1] == '/')) return true;
  return false;
}

bool leaves_table(std::string_view sql) noexcept {
  if (!mentions(sql, "temp")) return false;
  const bool in_schema = mentions(sql, "pg_temp");
  if (selects_into_temporary(sql) || (in_schema && mentions(sql, "into"))) return true;
  return (in_schema || has_temporary(sql)) &&
         count_of(sql, "create") > count_of(sql, "on commit drop");
}

}  // namespace

bool leaves_something(std::string_view sql) noexcept {
  return leaves_setting(sql) || mentions(sql, "pg_advisory_lock") ||
         mentions(sql, "pg_try_advisory_lock") || leaves_table(sql);
}

bool commits(std::string_view sql) noexcept {
  Words words(sql);
  const std::string_view first = words.next(), second = words.next();
  return !words.is_certain() || is_any(first, {"commit", "end"}) ||
         (is_any(first, {"prepare"}) && is_any(second, {"transaction"}));
}

bool rolls_back(std::string_view sql) noexcept {
  Words words(sql);
  const bool undoes = is_any(words.next(), {"rollback", "abort"});
  std::string_view next = words.next();
  if (is_any(next, {"work", "transaction"})) next = words.next();
  return !words.is_certain() || (undoes && !is_any(next, {"to"}));
}

bool begins(std::string_view sql) noexcept { return is_any(Words(sql).next(), {"begin", "start"}); }

// In a script the words may stand anywhere; nobody looks for where its statements begin.
bool may_end_transaction(std::string_view script) noexcept {
  return mentions(script, "commit") || mentions(script, "end") || mentions(script, "prepare") ||
         mentions(script, "rollback") || mentions(script, "abort");
}

bool may_commit_in_part(std::string_view sql) noexcept {
  Words words(sql);
  const std::string_view first = words.next();
  if (!words.is_certain()) return true;
  // Those that go over many tables commit behind each of them.
  if (is_any(first, {"call", "do", "vacuum", "analyze", "analyse", "cluster", "reindex"}))
    return true;
  return is_any(first, {"create", "drop", "alter"}) && mentions(sql, "concurrently");
}

namespace {

// COPY is sent as a script is, so that its text may be one.
bool may_be_several(Request& request) noexcept {
  if (request.is_script()) return true;
  return request.is_streamed() &&
         static_cast<detail::StreamRequest&>(request).form() == detail::StreamRequest::Form::copy &&
         request.statement()->text().find(';') != std::string::npos;
}

bool ends_in_rollback(Request& request) noexcept {
  Request& last = request.is_batched() ? *static_cast<BatchRequest&>(request).last() : request;
  return rolls_back(last.statement()->text());
}

}  // namespace

// By its text, and when it is sent: what it leaves may stay though it fails, or is given up.
//
// A ROLLBACK commits nothing itself, but what comes behind it runs by itself. That shows in the
// status or, while the ROLLBACK has no answer, in what was submitted last. One that comes behind
// requests that wait could not be found again, and counts at once.
void Connection::note_what_it_does(Request& request) {
  const bool watched = in_transaction_ && !committed_by_text_;
  Request* before = nullptr;
  if (watched && waiting_count_ == 1) before = &static_cast<Request&>(waiting_.front());
  for (std::size_t i = watched && waiting_count_ == 0 ? slots_.size() : 0; i > 0 && !before; --i)
    before = slots_[i - 1].request;
  bool behind_rollback = before != nullptr && ends_in_rollback(*before);

  const auto note = [&](Request& each) {
    session_changed_ |= each.statement()->leaves_something();
    if (!in_transaction_ || committed_by_text_) return true;
    const std::string_view text = each.statement()->text();
    const bool several = may_be_several(each);
    const bool idle = transaction_status() == TransactionStatus::idle;
    const bool undoes = (idle || request.is_batched() || waiting_count_ != 0) && rolls_back(text);
    committed_by_text_ =
        behind_rollback || (several ? may_end_transaction(text) : each.statement()->commits()) ||
        (idle && (several || !(undoes || begins(text)))) || (undoes && waiting_count_ != 0);
    behind_rollback = undoes;
    return true;
  };
  if (request.is_batched())
    static_cast<BatchRequest&>(request).all_of(note);
  else
    note(request);
}

// Where the statement's text is not known, or is one of many, the safe side.
void Connection::note_session_change(Bytes command_complete, Request* request) noexcept {
  const auto complete = protocol::decode_command_complete(command_complete);
  if (!complete) return;
  // What undoes changes undoes those of the hook for new connections, too.
  constexpr std::array<std::string_view, 7> changing = {
      "SET", "RESET", "DISCARD ALL", "LISTEN", "PREPARE", "DECLARE CURSOR", "LOAD"};
  if (std::find(changing.begin(), changing.end(), complete->tag) == changing.end()) return;
  const bool is_known = complete->tag == "SET" && request != nullptr && !may_be_several(*request);
  if (is_known && ends_with_transaction(statement_of(*request).statement()->text())) return;
  session_changed_ = true;
}

namespace {

// CREATE TABLE and the like make what nobody knows yet. A procedure may do anything, but is called
// too often to be taken for a change.
bool changes_schema(std::string_view tag) noexcept {
  constexpr std::array<std::string_view, 7> beginnings = {
      "ALTER ", "DROP ", "GRANT", "REVOKE", "CREATE INDEX", "CREATE VIEW", "DO"};
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [tag](std::string_view beginning) { return tag.starts_with(beginning); });
}

}  // namespace

// The ready behind this statement, and those behind all that may end its transaction, have to be
// looked at: what has details is.
void Connection::note_schema_change(Bytes command_complete) {
  if (!schema_changed_) {
    const auto complete = protocol::decode_command_complete(command_complete);
    if (!complete || !changes_schema(complete->tag)) return;
    schema_changed_ = true;
  }
  slots_.front().changed_detail();
}

void Connection::tell_schema_change() noexcept {
  schema_changed_ = session_.transaction_status() != TransactionStatus::idle;
  if (owner_ != nullptr) owner_->on_schema_change(*this);
}

}  // namespace pgreactor::connection
