#include "src/connection/session_changes.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "protocol/result.hpp"
#include "src/connection/ascii_text.hpp"
#include "src/connection/connection.hpp"

// What the tags of completed commands tell: changes of the session that outlive their transaction,
// and changes of the schema.
namespace pgreactor::connection {

using detail::Request;

// Of the session's statements none are left.
void Connection::note_discarded(std::string_view tag) noexcept {
  if (tag == "DISCARD ALL" || tag == "DEALLOCATE ALL") statements_.remove_prepared();
  if (tag == "DISCARD ALL") session_changed_ = false;
}

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

// Where the statement's text is not known, or is one of many, the safe side.
void Connection::note_session_change(Bytes command_complete, Request* request) noexcept {
  if (request != nullptr && statement_of(*request).statement()->leaves_something())
    session_changed_ = true;
  const auto complete = protocol::decode_command_complete(command_complete);
  if (!complete) return;
  constexpr std::array<std::string_view, 5> changing = {"SET", "LISTEN", "PREPARE",
                                                        "DECLARE CURSOR", "LOAD"};
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
