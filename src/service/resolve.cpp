#include <algorithm>
#include <optional>
#include <pgreactor/attempt.hpp>
#include <pgreactor/db_connector.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/values/all.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor {
namespace {

constexpr std::chrono::milliseconds first_pause{2}, longest_pause{200};

// A standby is behind: that it has not come to a number yet says nothing.
constexpr std::string_view question =
    "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'in progress' "
    "ELSE pg_catalog.pg_xact_status($1::pg_catalog.text::pg_catalog.xid8) END";

// Whoever is in a transaction holds the lock of its number, so that only that session is met.
constexpr std::string_view ending =
    "SELECT pg_catalog.count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_locks "
    "WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted "
    "AND transactionid = $1::pg_catalog.text::pg_catalog.xid8::pg_catalog.xid";

// Null: nothing final yet.
std::optional<Outcome> meaning_of(const std::optional<std::string>& status) {
  if (!status) return Outcome::unknown;  // its record was cleaned up
  if (*status == "committed") return Outcome::committed;
  if (*status == "aborted") return Outcome::rolled_back;
  return std::nullopt;
}

}  // namespace

// Ends with an answer that is final; the caller's deadline ends it before. Each wait may be the one
// that the connector ends in, so that it is looked for again after every one.
Task<Outcome> DBConnector::ask_for_outcome(detail::SourceHandle source, std::string id,
                                           OldSession old_session) {
  const auto connector = [&]() -> DBConnector& { return static_cast<DBConnector&>(source.get()); };
  bool to_be_ended = old_session == OldSession::is_ended;
  std::chrono::nanoseconds pause = first_pause;
  while (true) {
    auto status = co_await as_attempt(
        connector().execute(question, id, fetch_val_as<std::optional<std::string>>));
    if (status) {
      const auto outcome = meaning_of(status.value());
      if (outcome) co_return *outcome;
      if (std::exchange(to_be_ended, false)) co_await connector().end_session_of(id);
    } else {
      const Error& error = status.error();
      // "transaction ID ... is in the future": this server never gave it out.
      if (error.sqlstate() == "22023") co_return Outcome::rolled_back;
      const bool may_pass = dynamic_cast<const ConnectionError*>(&error) != nullptr ||
                            dynamic_cast<const TimeoutError*>(&error) != nullptr;
      if (!may_pass || source.life() != detail::SourceLife::open)
        std::rethrow_exception(status.thrown());
    }
    co_await sleep_for(pause);
    pause = std::min<std::chrono::nanoseconds>(pause * 2, longest_pause);
  }
}

// That it may not be ended, or is gone by now, leaves the question as it is.
Task<void> DBConnector::end_session_of(std::string id) {
  static_cast<void>(co_await as_attempt(execute(ending, id)));
}

Task<Outcome> DBConnector::resolve(CommitToken token, std::chrono::nanoseconds at_most,
                                   OldSession old_session) {
  if (!token.is_known()) co_return Outcome::unknown;
  if (!token.id()) co_return Outcome::rolled_back;
  auto asked = co_await as_attempt(with_timeout(
      at_most, ask_for_outcome(source_handle(), std::to_string(*token.id()), old_session)));
  if (asked) co_return asked.value();
  if (dynamic_cast<const TimeoutError*>(&asked.error()) == nullptr)
    std::rethrow_exception(asked.thrown());
  co_return Outcome::unknown;
}

}  // namespace pgreactor
