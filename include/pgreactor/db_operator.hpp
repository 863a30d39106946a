#pragma once
#include <chrono>
#include <memory>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/db_connector.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/table_operations.hpp>
#include <string_view>
#include <utility>

namespace pgreactor {

/// The standard methods over a pool of its own, and transactions on it.
///
///   pg::Reactor reactor;
///   pg::DBOperator db(reactor);  // DATABASE_URL or PG*
///   auto user = co_await db.get_by_uuid("users", "550e8400-e29b-41d4-a716-446655440000");
///   co_await db.transaction([&](pg::Transaction& tx) -> pg::Task<void> {
///     co_await db.on(tx).insert("posts", pg::record("user_id", user->get<pg::Uuid>("id")));
///     co_await tx.execute("UPDATE totals SET posts = posts + 1");
///   });
///   co_await db.close();
///
/// Owner   the reactor outlives it, and all calls are made on the reactor's thread.
class PGREACTOR_API DBOperator : public TableOperations {
 public:
  /// Connects as DBConnector does.
  explicit DBOperator(Reactor& reactor);
  DBOperator(Reactor& reactor, std::string_view conninfo);
  DBOperator(Reactor& reactor, ConnectionOptions options);
  DBOperator(const DBOperator&) = delete;
  DBOperator& operator=(const DBOperator&) = delete;
  ~DBOperator();

  /// The same operations within a transaction. Owner  the transaction outlives them.
  TableOperations on(Transaction& transaction);

  /// As DBConnector::transaction.
  template <class... Arguments>
  auto transaction(Arguments&&... arguments) {
    return connector_->transaction(std::forward<Arguments>(arguments)...);
  }
  Task<Transaction> begin(TransactionOptions options = {}) { return connector_->begin(options); }
  /// As DBConnector::close.
  Task<void> close(std::chrono::nanoseconds budget = std::chrono::seconds(2));

  DBConnector& connector() noexcept { return *connector_; }

 private:
  explicit DBOperator(std::unique_ptr<DBConnector> connector);

  std::unique_ptr<DBConnector> connector_;
};

}  // namespace pgreactor
