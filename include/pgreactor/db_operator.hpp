#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/db_connector.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/formatting.hpp>
#include <pgreactor/memory_tables.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/table_operations.hpp>
#include <pgreactor/transaction_source.hpp>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor {

/// What an operator is used for. e2e refuses a database whose name does not say "test", whatever
/// its case: end-to-end tests write. mock has no database, but tables in memory: see MemoryTables.
enum class TestMode : std::uint8_t { production, e2e, mock };

/// "production", "e2e", "mock". Errors  ConfigurationError for other words.
PGREACTOR_API TestMode test_mode(std::string_view name);
/// That of the variable PGREACTOR_TEST_MODE, production without it.
PGREACTOR_API TestMode test_mode_of_environment();

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
class PGREACTOR_API DBOperator : public TableOperations, public TransactionSource {
 public:
  /// Connects as DBConnector does; where no mode is given, by that of PGREACTOR_TEST_MODE. Mode
  /// mock connects to nothing: its tables are those of the file that PGREACTOR_MOCK_TABLES names,
  /// or none.
  /// Errors  ConfigurationError: also for a mode that refuses the database, and for a file that
  ///         cannot be read. SchemaError as tables_from_file.
  explicit DBOperator(Reactor& reactor);
  DBOperator(Reactor& reactor, TestMode mode);
  DBOperator(Reactor& reactor, std::string_view conninfo,
             TestMode mode = test_mode_of_environment());
  DBOperator(Reactor& reactor, ConnectionOptions options,
             TestMode mode = test_mode_of_environment());
  /// In mode mock: the standard methods on these tables, which are empty at first, and
  /// transactions, without any server.
  ///
  ///   pg::DBOperator db(reactor, pg::tables_from_file("tests/data/tables.json"));
  ///
  /// Errors  of the methods: the SQLSTATEs that a server would give; MockModeError for what memory
  ///         cannot answer, such as SQL.
  DBOperator(Reactor& reactor, MemoryTables tables);
  DBOperator(const DBOperator&) = delete;
  DBOperator& operator=(const DBOperator&) = delete;
  ~DBOperator() override;

  /// The same operations within a transaction. Owner  the transaction outlives them.
  /// Errors  QueryError: it did not begin on this operator or its connector.
  TableOperations on(Transaction& transaction);

  /// As DBConnector::close.
  Task<void> close(std::chrono::nanoseconds budget = std::chrono::seconds(2));

  /// Errors  MockModeError in mode mock.
  DBConnector& connector();
  TestMode mode() const noexcept { return mode_; }
  bool has_begun(const Transaction& transaction) const noexcept override;

  /// A guard against reading a whole table by mistake: fetch() throws a QueryError instead of
  /// giving more rows than this. None at first. Of operations on transactions, for those made
  /// later.
  void set_max_rows(std::optional<std::uint64_t> count) noexcept;

  /// Where log_data() writes to, and how much of it; nowhere until this is called.
  void set_log(DataLog log) { log_ = std::move(log); }
  /// See pgreactor/formatting.hpp for this and the five below.
  void log_data(std::string_view message, const Formattable& value) const noexcept {
    log_.log_data(message, value);
  }
  static std::string format_for_logging(const Formattable& value, std::size_t max_length = 500) {
    return pgreactor::format_for_logging(value, max_length);
  }
  static std::string format_variable(const Formattable& value, std::size_t max_length = 10'000) {
    return pgreactor::format_variable(value, max_length);
  }
  static std::string prepare_variables_for_storage(const Formattable& variables) {
    return pgreactor::prepare_variables_for_storage(variables);
  }
  static std::string format_response_for_storage(const Formattable& response) {
    return pgreactor::format_response_for_storage(response);
  }
  static std::string clean_response_for_storage(std::string_view text) {
    return pgreactor::clean_response_for_storage(text);
  }

 private:
  class Memory;
  DBOperator(std::unique_ptr<DBConnector> connector, std::unique_ptr<Memory> memory, TestMode mode);
  Task<Transaction> begin_here(TransactionOptions options, std::source_location where) override;

  std::unique_ptr<DBConnector> connector_;  // null in mode mock
  std::unique_ptr<Memory> memory_;          // null in all others
  TestMode mode_;
  DataLog log_;
};

}  // namespace pgreactor
