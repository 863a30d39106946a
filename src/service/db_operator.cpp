#include <cstdlib>
#include <pgreactor/db_operator.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/memory_store.hpp>
#include <string>
#include <utility>

#include "src/catalogue/sql_catalogue.hpp"
#include "src/operator/core.hpp"
#include "src/operator/sql_store.hpp"

namespace pgreactor {
namespace {

using catalogue::SqlCatalogue;
using operators::Core;
using operators::SqlStore;

std::shared_ptr<Core> core_over(DBConnector& connector) {
  const auto begin = [&connector] { return connector.begin(); };
  auto tables = std::make_unique<SqlCatalogue>(connector, connector.schema_changes());
  auto store = std::make_unique<SqlStore>(connector, *tables,
                                          std::make_shared<operators::StatementTexts>(), begin);
  return std::make_shared<Core>(std::move(tables), std::move(store), &connector, begin);
}

std::shared_ptr<Core> core_over(Transaction& transaction, Core& outer) {
  const auto begin = [&transaction] { return transaction.begin(); };
  auto tables =
      std::make_unique<SqlCatalogue>(transaction, static_cast<SqlCatalogue&>(outer.catalogue()));
  auto store = std::make_unique<SqlStore>(transaction, *tables,
                                          static_cast<SqlStore&>(outer.store()).texts(), begin);
  return std::make_shared<Core>(std::move(tables), std::move(store), &transaction, begin);
}

std::shared_ptr<Core> core_over_memory(Transaction& transaction) {
  return std::make_shared<Core>(nullptr, transaction.memory()->tables(), &transaction,
                                [&transaction] { return transaction.begin(); });
}

/// Tests that write must not meet a database that is not theirs.
ConnectionOptions checked(ConnectionOptions options, TestMode mode) {
  if (mode != TestMode::e2e) return options;
  std::string name = options.database;
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (name.find("test") == std::string::npos)
    throw ConfigurationError("dbname", "test mode e2e refuses the database '" + options.database +
                                           "': its name does not say test");
  return options;
}

}  // namespace

/// What stands in mode mock where else a connector does: tables, and an executor that refuses SQL.
class DBOperator::Memory final : public Executor {
 public:
  explicit Memory(MemoryTables tables) : own_(make_memory_store(std::move(tables))) {}

  /// Called once: it owns the store then.
  std::shared_ptr<Core> core() {
    return std::make_shared<Core>(nullptr, std::move(own_), this,
                                  [this] { return begin(TransactionOptions()); });
  }
  Task<Transaction> begin(TransactionOptions options) {
    if (options.token() != nullptr) *options.token() = CommitToken();
    co_return Transaction(store_.begin(options));
  }
  bool has_begun(const Transaction& transaction) const noexcept {
    return transaction.memory() != nullptr && transaction.memory()->has_begun_on(store_);
  }

  void submit(detail::Request&) override { refuse_sql("a statement that was prepared elsewhere"); }
  std::shared_ptr<detail::StatementEntry> statement_for(std::string_view text) override {
    refuse_sql(text);
  }
  Task<std::unique_ptr<detail::Lease>> lease() override {
    throw MockModeError("in mock mode there is no connection");
  }

 private:
  std::unique_ptr<MemoryStore> own_;
  MemoryStore& store_ = *own_;
};

TestMode test_mode(std::string_view name) {
  if (name == "production") return TestMode::production;
  if (name == "e2e") return TestMode::e2e;
  if (name == "mock") return TestMode::mock;
  throw ConfigurationError("test_mode",
                           "'" + std::string(name) + "' is none of production, e2e, mock");
}

TestMode test_mode_of_environment() {
  const char* const name = std::getenv("PGREACTOR_TEST_MODE");
  return name == nullptr || *name == '\0' ? TestMode::production : test_mode(name);
}

DBOperator::DBOperator(Reactor& reactor) : DBOperator(reactor, test_mode_of_environment()) {}
DBOperator::DBOperator(Reactor& reactor, TestMode mode)
    : DBOperator(
          reactor,
          mode == TestMode::mock ? ConnectionOptions() : ConnectionOptions::from_environment(),
          mode) {}
DBOperator::DBOperator(Reactor& reactor, std::string_view conninfo, TestMode mode)
    : DBOperator(reactor, ConnectionOptions::parse(conninfo), mode) {}
DBOperator::DBOperator(Reactor& reactor, ConnectionOptions options, TestMode mode)
    : DBOperator(
          mode == TestMode::mock
              ? nullptr
              : std::make_unique<DBConnector>(reactor, checked(std::move(options), mode)),
          mode == TestMode::mock ? std::make_unique<Memory>(tables_of_environment()) : nullptr,
          mode) {}
DBOperator::DBOperator(Reactor&, MemoryTables tables)
    : DBOperator(nullptr, std::make_unique<Memory>(std::move(tables)), TestMode::mock) {}
DBOperator::DBOperator(std::unique_ptr<DBConnector> connector, std::unique_ptr<Memory> memory,
                       TestMode mode)
    : TableOperations(connector == nullptr ? memory->core() : core_over(*connector)),
      TransactionSource(connector.get()),
      connector_(std::move(connector)),
      memory_(std::move(memory)),
      mode_(mode) {}
DBOperator::~DBOperator() = default;

DBConnector& DBOperator::connector() {
  if (connector_ == nullptr)
    throw MockModeError("in mock mode there is no database behind the operator");
  return *connector_;
}

bool DBOperator::has_begun(const Transaction& transaction) const noexcept {
  return connector_ != nullptr ? connector_->has_begun(transaction)
                               : memory_->has_begun(transaction);
}

Task<Transaction> DBOperator::begin_here(TransactionOptions options, std::source_location where) {
  return connector_ != nullptr ? connector_->begin(options, where) : memory_->begin(options);
}

TableOperations DBOperator::on(Transaction& transaction) {
  if (!has_begun(transaction)) throw QueryError("the transaction did not begin on this operator");
  auto within =
      memory_ != nullptr ? core_over_memory(transaction) : core_over(transaction, *core());
  within->set_max_rows(core()->max_rows());
  return TableOperations(std::move(within));
}

void DBOperator::set_max_rows(std::optional<std::uint64_t> count) noexcept {
  core()->set_max_rows(count);
}

Task<void> DBOperator::close(std::chrono::nanoseconds budget) {
  if (connector_ != nullptr) co_await connector_->close(budget);
}

}  // namespace pgreactor
