#pragma once
#include <chrono>
#include <memory>
#include <pgreactor/batch.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/sql.hpp>
#include <pgreactor/statement.hpp>
#include <pgreactor/task.hpp>
#include <source_location>
#include <tuple>
#include <utility>

namespace pgreactor::detail {

inline std::source_location where_of(const Sql& sql) noexcept { return sql.where(); }
inline std::source_location where_of(const Statement&) noexcept { return {}; }

/// Adds what sets the server's statement_timeout for what follows under the same Sync.
/// Errors  TimeoutError when there is no time, QueryError when it is more than the server can
/// count.
PGREACTOR_API void add_server_timeout(Batch& batch, Executor& executor,
                                      std::chrono::nanoseconds limit);
/// Adds what takes that back, in a transaction, where it would last longer.
PGREACTOR_API void add_end_of_server_timeout(Batch& batch, Executor& executor);
/// The same as a TimeoutError if it is the server's word that its time was over.
[[noreturn]] PGREACTOR_API void rethrow_limited(const QueryError& error);

/// A statement with a server_timeout().
template <class Mode, class... Held>
Task<decltype(std::declval<BatchItem<Mode>&>().get())> run_limited(
    Executor& executor, std::shared_ptr<StatementEntry> statement, std::source_location where,
    std::tuple<Held...> values, std::chrono::nanoseconds limit,
    std::chrono::nanoseconds server_limit) {
  Batch batch(executor);
  add_server_timeout(batch, executor, server_limit);
  auto item = batch.add_held<Mode>(std::move(statement), where, std::move(values));
  add_end_of_server_timeout(batch, executor);
  try {
    co_await batch.run(Timeout(limit));
  } catch (const QueryError& error) {
    rethrow_limited(error);
  }
  co_return item.get();
}

}  // namespace pgreactor::detail
