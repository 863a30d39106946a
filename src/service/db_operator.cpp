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
  auto tables = std::make_unique<SqlCatalogue>(connector);
  auto store = std::make_unique<SqlStore>(connector, *tables,
                                          std::make_shared<operators::StatementTexts>(), begin);
  return std::make_shared<Core>(std::move(tables), std::move(store), &connector, begin);
}

std::shared_ptr<Core> core_over(MemoryTables tables) {
  return std::make_shared<Core>(nullptr, make_memory_store(std::move(tables)), nullptr, nullptr);
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
    : DBOperator(reactor, ConnectionOptions::from_environment(), mode) {}
DBOperator::DBOperator(Reactor& reactor, std::string_view conninfo, TestMode mode)
    : DBOperator(reactor, ConnectionOptions::parse(conninfo), mode) {}
DBOperator::DBOperator(Reactor& reactor, ConnectionOptions options, TestMode mode)
    : DBOperator(mode == TestMode::mock
                     ? nullptr
                     : std::make_unique<DBConnector>(reactor, checked(std::move(options), mode)),
                 mode) {}
DBOperator::DBOperator(std::unique_ptr<DBConnector> connector, TestMode mode)
    : TableOperations(connector == nullptr ? core_over(MemoryTables()) : core_over(*connector)),
      connector_(std::move(connector)),
      mode_(mode) {}
DBOperator::DBOperator(Reactor&, MemoryTables tables)
    : TableOperations(core_over(std::move(tables))), mode_(TestMode::mock) {}
DBOperator::~DBOperator() = default;

DBConnector& DBOperator::connector() {
  if (connector_ == nullptr)
    throw MockModeError("in mock mode there is no database behind the operator");
  return *connector_;
}

TableOperations DBOperator::on(Transaction& transaction) {
  static_cast<void>(connector());
  const auto begin = [&transaction] { return transaction.begin(); };
  auto tables =
      std::make_unique<SqlCatalogue>(transaction, static_cast<SqlCatalogue&>(core()->catalogue()));
  auto store = std::make_unique<SqlStore>(transaction, *tables,
                                          static_cast<SqlStore&>(core()->store()).texts(), begin);
  return TableOperations(
      std::make_shared<Core>(std::move(tables), std::move(store), &transaction, begin));
}

Task<void> DBOperator::close(std::chrono::nanoseconds budget) {
  if (connector_ != nullptr) co_await connector_->close(budget);
}

}  // namespace pgreactor
