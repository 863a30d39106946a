#pragma once
#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <pgreactor/attempt.hpp>
#include <pgreactor/blocking.hpp>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/db_operator.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/with_db_connection.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

// The operator layer for programs that would rather block than co_await. Any thread but the loop's
// own may call; what is asked at the same time shares the loop and the pool.
namespace pgreactor::blocking {

/// A connection in a transaction, for a body that blocks. For one thread at a time.
class Connection {
 public:
  Connection(LoopThread& loop, Transaction& transaction) noexcept
      : loop_(loop), transaction_(transaction) {}

  /// As Executor::execute, and its kin.
  template <class... Arguments>
  auto execute(Sql sql, Arguments&&... arguments) {
    return loop_.call([&] {
      return transaction_.execute(std::move(sql), std::forward<Arguments>(arguments)...);
    });
  }
  template <class... Arguments>
  auto fetch(Sql sql, Arguments&&... arguments) {
    return execute(std::move(sql), std::forward<Arguments>(arguments)..., fetch_all);
  }
  template <class... Arguments>
  auto fetch_one(Sql sql, Arguments&&... arguments) {
    return execute(std::move(sql), std::forward<Arguments>(arguments)..., fetch_row);
  }
  template <class... Arguments>
  auto fetch_val(Sql sql, Arguments&&... arguments) {
    return execute(std::move(sql), std::forward<Arguments>(arguments)..., pgreactor::fetch_val);
  }
  template <class... Arguments>
  auto fetch_dict(Sql sql, Arguments&&... arguments) {
    return execute(std::move(sql), std::forward<Arguments>(arguments)..., pgreactor::fetch_dict);
  }
  template <class... Arguments>
  auto fetch_dicts(Sql sql, Arguments&&... arguments) {
    return fetch(std::move(sql), std::forward<Arguments>(arguments)...);
  }

  LoopThread& loop() noexcept { return loop_; }
  Transaction& transaction() noexcept { return transaction_; }

 private:
  LoopThread& loop_;
  Transaction& transaction_;
};

/// pgreactor::TableOperations, each method of which blocks until its result is there.
class PGREACTOR_API TableOperations {
 public:
  TableOperations(const TableOperations&) = delete;
  TableOperations& operator=(const TableOperations&) = delete;

  template <class... Arguments>
  auto fetch(Arguments&&... arguments) {
    return loop_.call([&] { return operations_->fetch(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto fetch_one(Arguments&&... arguments) {
    return loop_.call(
        [&] { return operations_->fetch_one(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto get_by_uuid(Arguments&&... arguments) {
    return loop_.call(
        [&] { return operations_->get_by_uuid(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto get_by_name(Arguments&&... arguments) {
    return loop_.call(
        [&] { return operations_->get_by_name(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto get_by_column(Arguments&&... arguments) {
    return loop_.call(
        [&] { return operations_->get_by_column(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto insert(Arguments&&... arguments) {
    return loop_.call([&] { return operations_->insert(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto insert_many(Arguments&&... arguments) {
    return loop_.call(
        [&] { return operations_->insert_many(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto update(Arguments&&... arguments) {
    return loop_.call([&] { return operations_->update(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto upsert(Arguments&&... arguments) {
    return loop_.call([&] { return operations_->upsert(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto upsert_many(Arguments&&... arguments) {
    return loop_.call(
        [&] { return operations_->upsert_many(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto remove(Arguments&&... arguments) {
    return loop_.call([&] { return operations_->remove(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto count(Arguments&&... arguments) {
    return loop_.call([&] { return operations_->count(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto fetch_page(Arguments&&... arguments) {
    return loop_.call(
        [&] { return operations_->fetch_page(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto table_exists(Arguments&&... arguments) {
    return loop_.call(
        [&] { return operations_->table_exists(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto describe_table(Arguments&&... arguments) {
    return loop_.call(
        [&] { return operations_->describe_table(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto schema_exists(Arguments&&... arguments) {
    return loop_.call(
        [&] { return operations_->schema_exists(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto create_schema(Arguments&&... arguments) {
    return loop_.call(
        [&] { return operations_->create_schema(std::forward<Arguments>(arguments)...); });
  }
  template <class... Arguments>
  auto execute_raw(Sql sql, Arguments&&... arguments) {
    return loop_.call([&] {
      return operations_->execute_raw(std::move(sql), std::forward<Arguments>(arguments)...);
    });
  }

  LoopThread& loop() noexcept { return loop_; }

 protected:
  /// Owner  both outlive it.
  explicit TableOperations(LoopThread& loop) noexcept : loop_(loop) {}
  ~TableOperations() = default;

  LoopThread& loop_;
  pgreactor::TableOperations* operations_ = nullptr;  // set by whoever has them
};

/// The operations within a transaction: see DBOperator::on. For one thread at a time.
class PGREACTOR_API TransactionOperations final : public TableOperations {
 public:
  TransactionOperations(pgreactor::DBOperator& db, Connection& connection);
  ~TransactionOperations();

 private:
  std::optional<pgreactor::TableOperations> own_;  // ends on the loop thread
};

/// pgreactor::DBOperator, each method of which blocks until its result is there.
///
///   pg::blocking::DBOperator db;
///   auto user = db.insert("users", pg::record("name", "Jane"));
///   db.transaction([&](pg::blocking::Connection& conn) {
///     db.on(conn).insert("posts", pg::record("user_id", user.id()));
///     conn.execute("UPDATE totals SET users = users + 1");
///   });
///
/// Errors  as there; std::logic_error on the loop thread itself, rather than a dead-lock.
class PGREACTOR_API DBOperator final : public TableOperations {
 public:
  /// With a loop thread of its own. Connects as pgreactor::DBOperator does, in the mode of
  /// PGREACTOR_TEST_MODE where nothing is given.
  DBOperator();
  explicit DBOperator(std::string_view conninfo);
  explicit DBOperator(ConnectionOptions options);
  /// In mode mock, on these tables.
  explicit DBOperator(MemoryTables tables);
  /// On a loop thread that outlives it.
  DBOperator(LoopThread& loop, ConnectionOptions options);
  DBOperator(LoopThread& loop, MemoryTables tables);
  ~DBOperator();

  /// Calls body(connection) on this thread, in a transaction: commits when it returns, rolls back
  /// when it throws, and gives what it returned.
  template <class F>
  std::invoke_result_t<F&, Connection&> transaction(F&& body) {
    using Returned = std::invoke_result_t<F&, Connection&>;
    OpenTransaction open(*this);
    Connection connection(loop_, open.get());
    if constexpr (std::is_void_v<Returned>) {
      std::invoke(body, connection);
      open.commit();
    } else {
      Returned result = std::invoke(body, connection);
      open.commit();
      return result;
    }
  }

  /// The same operations within the connection's transaction, which outlives them.
  TransactionOperations on(Connection& connection) { return {*db_, connection}; }

  void set_max_rows(std::optional<std::uint64_t> count);
  /// As DBConnector::close.
  void close(std::chrono::nanoseconds budget = std::chrono::seconds(2));

 private:
  /// Lives on the loop thread, whoever holds it; one that was not committed is rolled back.
  class PGREACTOR_API OpenTransaction {
   public:
    explicit OpenTransaction(DBOperator& db);
    OpenTransaction(const OpenTransaction&) = delete;
    OpenTransaction& operator=(const OpenTransaction&) = delete;
    ~OpenTransaction();
    Transaction& get() noexcept { return *transaction_; }
    void commit();

   private:
    Task<void> begin();
    Task<void> end();

    DBOperator& db_;
    std::optional<Transaction> transaction_;
  };

  explicit DBOperator(std::unique_ptr<LoopThread> own) noexcept;
  /// Makes the operator on the loop thread.
  void make(const std::function<std::unique_ptr<pgreactor::DBOperator>(Reactor&)>& how);

  std::unique_ptr<LoopThread> own_loop_;
  std::unique_ptr<pgreactor::DBOperator> db_;  // ends on the loop thread
};

/// The operator that with_db_connection() uses when it is given none: made at its first use, as
/// DBOperator() is, and kept until the program ends.
PGREACTOR_API DBOperator& default_operator();

/// pgreactor::with_db_connection for a plain thread without a loop, such as a job queue's worker.
/// Each call runs a copy of the function, so that several threads may call it.
///
///   int process_task(pg::blocking::Connection& conn, int task_id);
///   const auto task = pg::blocking::with_db_connection(process_task);
///   queue.on("process", [&](int id) { return task(id); });
template <std::copy_constructible F>
auto with_db_connection(DBOperator& db, F f) {
  return [&db, f = std::move(f)]<class... Arguments>(Arguments&&... arguments) {
    F own = f;
    return db.transaction([&](Connection& connection) {
      return detail::call_with_connection(own, connection, arguments...);
    });
  };
}
template <std::copy_constructible F>
auto with_db_connection(F f) {
  return [f = std::move(f)]<class... Arguments>(Arguments&&... arguments) {
    F own = f;
    return default_operator().transaction([&](Connection& connection) {
      return detail::call_with_connection(own, connection, arguments...);
    });
  };
}

}  // namespace pgreactor::blocking
