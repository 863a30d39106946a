#include <algorithm>
#include <array>
#include <string_view>

#include "protocol/result.hpp"
#include "src/connection/connection.hpp"

// What the tags of completed commands tell of the session: changes that outlive their transaction.
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
    const bool same = sql.size() > word.size() &&
                      std::equal(word.begin(), word.end(), sql.begin(),
                                 [](char a, char b) { return a == (b | ('a' ^ 'A')); });
    if (same) sql.remove_prefix(word.size());
    return same;
  };
  return next_word_is("set") && (next_word_is("local") || next_word_is("transaction"));
}

}  // namespace

// Where the statement's text is not known, or is one of many, the safe side.
void Connection::note_session_change(Bytes command_complete, Request* request) noexcept {
  const auto complete = protocol::decode_command_complete(command_complete);
  if (!complete) return;
  constexpr std::array<std::string_view, 5> changing = {"SET", "LISTEN", "PREPARE",
                                                        "DECLARE CURSOR", "LOAD"};
  if (std::find(changing.begin(), changing.end(), complete->tag) == changing.end()) return;
  const bool is_known = complete->tag == "SET" && request != nullptr && !request->is_script();
  if (is_known && ends_with_transaction(statement_of(*request).statement()->text())) return;
  session_changed_ = true;
}

}  // namespace pgreactor::connection
