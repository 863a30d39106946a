#include "src/connection/session_changes.hpp"

#include <algorithm>
#include <array>
#include <pgreactor/batch.hpp>
#include <string>
#include <string_view>

#include "protocol/result.hpp"
#include "src/connection/ascii_text.hpp"
#include "src/connection/connection.hpp"

// What the tags of completed commands tell: changes of the session that outlive their transaction,
// and changes of the schema.
namespace pgreactor::connection {

using detail::Request;

namespace {

// "SET LOCAL ..." or "SET TRANSACTION ...", which end with their transaction.
bool ends_with_transaction(std::string_view sql) noexcept {
  const auto next_word_is = [&sql](std::string_view word) {
    sql.remove_prefix(std::min(sql.find_first_not_of(" \t\r\n"), sql.size()));
    const bool same =
        sql.size() > word.size() && std::equal(word.begin(), word.end(), sql.begin(),
                                               [](char a, char b) { return a == ascii_lower(b); });
    if (same) sql.remove_prefix(word.size());
    return same;
  };
  return next_word_is("set") && (next_word_is("local") || next_word_is("transaction"));
}

}  // namespace

bool leaves_something(std::string_view sql) noexcept {
  // current_setting() may end in ", true)" too, and must not stand in for a set_config() that does
  // not.
  const std::size_t settings = count_of(sql, "set_config") + count_of(sql, "current_setting");
  const std::size_t ended_by_true = count_of(sql, ", true)") + count_of(sql, ",true)");
  if (mentions(sql, "set_config") && settings > ended_by_true) return true;
  if (mentions(sql, "pg_advisory_lock") || mentions(sql, "pg_try_advisory_lock")) return true;
  if (mentions(sql, "into temp ") || mentions(sql, "into temporary ")) return true;
  return (mentions(sql, " temp") || mentions(sql, "pg_temp")) &&
         count_of(sql, "create") > count_of(sql, "on commit drop");
}

namespace {

// The first two words, in lower case; comments before them are left out.
std::array<std::string, 2> first_words(std::string_view sql) {
  std::array<std::string, 2> words;
  for (std::string& word : words) {
    for (;;) {
      sql.remove_prefix(std::min(sql.find_first_not_of(" \t\r\n"), sql.size()));
      const std::string_view end = sql.starts_with("--") ? "\n" : sql.starts_with("/*") ? "*/" : "";
      if (end.empty()) break;
      sql.remove_prefix(std::min(sql.find(end), sql.size() - end.size()) + end.size());
    }
    const auto is_letter = [](char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; };
    while (!sql.empty() && is_letter(sql.front())) {
      word.push_back(ascii_lower(sql.front()));
      sql.remove_prefix(1);
    }
  }
  return words;
}

}  // namespace

bool commits(std::string_view sql) {
  const auto [first, second] = first_words(sql);
  return first == "commit" || first == "end" || (first == "prepare" && second == "transaction");
}

bool may_commit_in_part(std::string_view sql) {
  const auto [first, second] = first_words(sql);
  if (first == "call" || first == "do") return true;
  return (first == "create" || first == "drop" || first == "reindex" || first == "alter") &&
         mentions(sql, "concurrently");
}

// By its text, and when it is sent: what it leaves may stay though it fails, or is given up.
void Connection::note_what_it_does(Request& request) {
  const auto note = [this](Request& each) {
    session_changed_ |= each.statement()->leaves_something();
    if (in_transaction_ && !committed_by_text_)
      committed_by_text_ = each.is_script() ? mentions(each.statement()->text(), "commit") ||
                                                  mentions(each.statement()->text(), "end") ||
                                                  mentions(each.statement()->text(), "prepare")
                                            : each.statement()->commits();
    return true;
  };
  if (request.is_batched())
    static_cast<detail::BatchRequest&>(request).all_of(note);
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
  const bool is_known = complete->tag == "SET" && request != nullptr && !request->is_script();
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
