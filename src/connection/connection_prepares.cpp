#include <pgreactor/error.hpp>
#include <string>
#include <utility>

#include "protocol/result.hpp"
#include "src/connection/connection.hpp"
#include "src/connection/errors.hpp"
#include "src/connection/session_changes.hpp"

// What becomes of prepared statements: known from now on, out of date, or gone (P9).
namespace pgreactor::connection {

using detail::Request;

namespace {

// And not about the transaction, or the time, in which it was prepared.
bool is_about_statement(const std::shared_ptr<const ServerReport>& failure) noexcept {
  return failure == nullptr || (failure->sqlstate != "25P02" && failure->sqlstate != "57014");
}

}  // namespace

void Connection::finish_prepare(const Slot& slot) {
  // A named statement outlives a failure behind its Parse, and even a transaction's rollback.
  const SlotDetails& details = slot.detail();
  if (slot.discarded) return statements_.remove(*details.entry);
  if (slot.described && !unnamed_)
    return statements_.set_prepared(*details.entry, details.description);
  statements_.remove(*details.entry);
  if (slot.described) return;
  // A Describe that failed behind its Parse, by a cancel for one, leaves the name with the server.
  if (slot.parsed && !unnamed_) send_close(*details.entry);
  // What was known of it may be out of date; if not, those who wait learn it by asking.
  if (slot.kind == Slot::Kind::prepare_and_run) {
    if (is_about_statement(details.failure)) details.entry->describe(nullptr);
    return;
  }
  for (std::size_t left = waiting_count_; left > 0 && waiting_count_ != 0; --left) {
    auto& request = static_cast<Request&>(waiting_.front());
    Request* const waiting = statement_with(request, details.entry);
    if (waiting == nullptr) {
      request.unlink();
      waiting_.push(request);
      continue;
    }
    auto thrown = query_failed(details.failure, *waiting);
    request.unlink();
    --waiting_count_;
    end_with(request, std::move(thrown));
  }
}

// Has the server lost the statement, or is what we know of it out of date? It did not run then.
bool Connection::is_stale(const Slot& failed) {
  // Described otherwise than was known, it was asked for its columns in formats for others.
  if (failed.kind == Slot::Kind::prepare_and_run)
    return !failed.described ||
           (failed.redescribed && failed.detail().failure->sqlstate == "08P01");
  if (failed.kind != Slot::Kind::run) return false;
  const ServerReport& failure = *failed.detail().failure;
  if (failure.sqlstate == "26000")  // or is it the word on another, which this one executes?
    return failure.message.find(statement_of(*failed.request).statement()->name()) !=
           std::string::npos;
  return failure.sqlstate == "0A000" && failure.routine == "RevalidateCachedQuery";
}

// Once, outside a transaction, and not in a new order for one who has the connection alone (P9).
bool Connection::may_repeat(const Slot& failed) const {
  return session_.transaction_status() == TransactionStatus::idle && !failed.committed &&
         (!exclusive_ || (slots_.size() == 1 && waiting_count_ == 0)) && !may_have_run(failed) &&
         failed.request->begin_again();
}

// A procedure may itself have executed what was out of date, after it had committed a part of its
// work. What the server does not know, or reads otherwise than we do, it does not run.
bool Connection::may_have_run(const Slot& stale) {
  return stale.detail().failure->sqlstate == "0A000" &&
         may_commit_in_part(statement_of(*stale.request).statement()->text());
}

// The next use prepares it anew.
void Connection::forget(const Slot& stale) {
  const Entry& entry = statement_of(*stale.request).statement();
  // One that failed before it in the pipeline has it prepared already: a second Parse of the name
  // would be refused, and then every one after it.
  if (stale.kind == Slot::Kind::run &&
      statements_.use(*entry) == PreparedStatements::State::preparing)
    return;
  statements_.remove(*entry);
  // Lost by this session: what others know of it holds.
  const auto& failure = stale.detail().failure;
  if (failure->sqlstate == "26000") return;
  if (is_about_statement(failure)) entry->describe(nullptr);
  if (stale.kind == Slot::Kind::run || (stale.parsed && !unnamed_)) send_close(*entry);
}

void Connection::send_again(const Slot& stale) noexcept {
  Request& request = *stale.request;
  request.set_owner(nullptr);
  try {
    forget(stale);
    if (fenced_ || !try_to_send(request)) hold(request);
  } catch (...) {
    end_with(request, std::current_exception());
  }
}

// Of the session's statements none are left, not even this one.
void Connection::note_discarded(Bytes command_complete) noexcept {
  const auto complete = protocol::decode_command_complete(command_complete);
  if (!complete || (complete->tag != "DISCARD ALL" && complete->tag != "DEALLOCATE ALL")) return;
  statements_.remove_prepared();
  slots_.front().discarded = true;
}

}  // namespace pgreactor::connection
