#include "src/connection/session_changes.hpp"

#include <algorithm>
#include <array>
#include <pgreactor/batch.hpp>
#include <string_view>

#include "protocol/result.hpp"
#include "src/connection/ascii_text.hpp"
#include "src/connection/connection.hpp"
#include "src/connection/sql_words.hpp"

// What the texts of statements and the tags of completed commands tell: changes of the session that
// outlive their transaction, ends of a transaction, and changes of the schema.
namespace pgreactor::connection {

using detail::BatchRequest;
using detail::Request;

namespace {

// "SET LOCAL ..." or "SET TRANSACTION ...", which end with their transaction.
bool ends_with_transaction(std::string_view sql) noexcept {
  Words words(sql);
  return is_any(words.next(), {"set"}) && is_any(words.next(), {"local", "transaction"});
}

// Behind the quoted string that begins at `at`. npos where that is not certain: it touches what may
// be more of it, as when all of this stands within a string.
std::size_t end_of_argument(std::string_view sql, std::size_t at) noexcept {
  const std::size_t end = end_of_quotes(sql, at, false);
  if (end >= sql.size()) return sql.npos;
  return is_of_word(sql[end]) || sql[end] == '\'' || sql[end] == '"' ? sql.npos : end;
}

// Do dollar quotes, comments or the like begin here, which are not looked into?
bool is_intricate(std::string_view sql) noexcept {
  if (sql.front() == '$') return sql.size() < 2 || !is_digit(sql[1]);
  return sql.front() == '\\' || begins_comment(sql);
}

// Behind "(name, value, true)", which has to begin here; npos where it does not, for certain.
std::size_t end_of_local_setting(std::string_view sql) noexcept {
  const std::size_t begin = sql.find_first_not_of(blanks);
  if (begin == sql.npos || sql[begin] != '(') return sql.npos;
  std::size_t depth = 0, commas = 0, last = 0;
  for (std::size_t at = begin + 1; at < sql.size();) {
    const char c = sql[at];
    if (c == '\'' || c == '"') {
      at = end_of_argument(sql, at);
      continue;
    }
    if (is_intricate(sql.substr(at))) return sql.npos;
    if (c == '(' || c == '[') ++depth;
    if (c == ']' && depth-- == 0) return sql.npos;
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

// Behind a word there is no looking farther, lest many of them before one comment each look through
// all of it.
constexpr std::size_t farthest = 256;

// Was there no telling what the words are that `sql` begins with?
bool is_doubtful(Words& words, std::string_view sql) noexcept {
  return (words.rest().empty() && sql.size() > farthest) || !words.is_certain();
}

// "CREATE OR REPLACE TEMP VIEW a" and the like, from its first word on.
bool creates_temporary(std::string_view sql) noexcept {
  Words words(sql.substr(0, farthest));
  words.next();
  std::string_view word = words.next();
  while (is_any(word, {"or", "replace", "local", "global"})) word = words.next();
  return is_any(word, {"temp", "temporary"}) || is_doubtful(words, sql);
}

// "INTO TEMP a", from its first word on. A name has to follow: "INTO temp (" and "INTO temp FROM"
// are about a table, or a variable, of that name.
bool is_into_temporary(std::string_view sql) noexcept {
  Words words(sql.substr(0, farthest));
  words.next();
  std::string_view word = words.next();
  if (is_any(word, {"local", "global"})) word = words.next();
  if (!is_any(word, {"temp", "temporary"})) return is_doubtful(words, sql);
  const std::string_view name = words.next();
  const bool is_name = name.empty() ? words.rest().starts_with('"')
                                    : !is_any(name, {"values", "select", "default", "from"});
  return is_name || is_doubtful(words, sql);
}

// "INSERT INTO" and "MERGE INTO" fill what is there.
bool ends_in_filling(std::string_view before) noexcept {
  before = before.substr(0, before.find_last_not_of(blanks) + 1);
  const auto end = std::find_if_not(before.rbegin(), before.rend(), is_of_word);
  const auto length = static_cast<std::size_t>(end - before.rbegin());
  return is_any(before.substr(before.size() - length), {"insert", "merge"});
}

// "SELECT ... INTO TEMP x", or "INTO pg_temp.x".
bool selects_into_temporary(std::string_view sql, bool in_schema) noexcept {
  constexpr std::string_view into = "into";
  for (std::size_t at = 0; (at = position_of_word(sql, into, at)) != sql.npos; at += into.size()) {
    if (ends_in_filling(sql.substr(0, at))) continue;
    if (in_schema || is_into_temporary(sql.substr(at))) return true;
  }
  return false;
}

// Where the schema of temporary tables is mentioned, anything may be created in it.
std::size_t temporary_creations(std::string_view sql, bool in_schema) noexcept {
  constexpr std::string_view create = "create";
  std::size_t count = 0, at = 0;
  for (; (at = position_of_word(sql, create, at)) != sql.npos; at += create.size())
    if (in_schema || creates_temporary(sql.substr(at))) ++count;
  return count;
}

bool leaves_table(std::string_view sql) noexcept {
  if (!mentions(sql, "temp")) return false;
  const bool in_schema = mentions(sql, "pg_temp");
  return selects_into_temporary(sql, in_schema) ||
         temporary_creations(sql, in_schema) > count_of(sql, "on commit drop");
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

// A body of BEGIN ATOMIC has statements of its own, the last of which looks like an END.
bool may_end_transaction(std::string_view script) noexcept {
  Statements statements(script);
  for (auto sql = statements.next(); !sql.empty(); sql = statements.next())
    if (commits(sql) || rolls_back(sql)) return true;
  return !statements.is_certain();
}

bool may_be_several(std::string_view sql) noexcept {
  Statements statements(sql);
  statements.next();
  return !statements.next().empty() || !statements.is_certain();
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
bool runs_several(Request& request) noexcept {
  if (request.is_script()) return true;
  return request.is_streamed() &&
         static_cast<detail::StreamRequest&>(request).form() == detail::StreamRequest::Form::copy &&
         may_be_several(request.statement()->text());
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
    const bool several = runs_several(each);
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
  const bool is_known = complete->tag == "SET" && request != nullptr && !runs_several(*request);
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
