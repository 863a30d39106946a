#pragma once
#include <cstdint>
#include <memory>
#include <pgreactor/detail/portal_request.hpp>
#include <pgreactor/execution.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/result.hpp>
#include <pgreactor/task.hpp>
#include <utility>

namespace pgreactor {

/// The rows of one statement, so many at a time: other statements of the transaction, and other
/// cursors, run in between, which a RowStream does not allow. Made by Transaction::cursor.
///
///   pg::Cursor cursor = co_await tx.cursor("SELECT id FROM jobs WHERE state = $1", "new");
///   for (;;) {
///     const pg::Result jobs = co_await cursor.fetch(100);
///     if (jobs.empty()) break;
///     for (const auto job : jobs) co_await tx.execute("UPDATE jobs ...", job.get<int>("id"));
///   }
///
/// Shape   the rows are those that the statement saw when it was begun, by the first fetch().
/// Owner   lives on the server until close(), or the end of its transaction or savepoint; whoever
///         drops it earlier leaves it to that. A fetch() that was given up ends the transaction, as
///         any statement does.
/// Source  postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY, portals
class PGREACTOR_API Cursor {
 public:
  /// For the library.
  explicit Cursor(std::shared_ptr<detail::Portal> portal) noexcept : portal_(std::move(portal)) {}

  /// The next rows, fewer than `most` only at the end, and none behind it, for which the server is
  /// not asked. One round trip, the first one too.
  /// Errors  as Executor::execute; QueryError: `most` is 0 or above 2^31 - 1, the cursor was closed
  ///         or its transaction has ended; with SQLSTATE 34000 when a SAVEPOINT of the caller's
  ///         words, in which it was opened, was rolled back.
  [[nodiscard]] Task<Result> fetch(std::uint32_t most, Timeout limit = Timeout(detail::no_timeout));

  /// Forgets it, here and on the server. Does nothing when it is closed already.
  [[nodiscard]] Task<void> close();

  /// Has fetch() given all rows?
  bool at_end() const noexcept { return portal_->state == detail::Portal::State::at_end; }

 private:
  std::shared_ptr<detail::Portal> portal_;
};

}  // namespace pgreactor
