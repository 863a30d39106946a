#include <pgreactor/db_operator.hpp>
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
  auto tables = std::make_unique<SqlCatalogue>(connector);
  auto store =
      std::make_unique<SqlStore>(connector, *tables, std::make_shared<operators::StatementTexts>(),
                                 [&connector] { return connector.begin(); });
  return std::make_shared<Core>(std::move(tables), std::move(store), &connector);
}

}  // namespace

DBOperator::DBOperator(Reactor& reactor) : DBOperator(std::make_unique<DBConnector>(reactor)) {}
DBOperator::DBOperator(Reactor& reactor, std::string_view conninfo)
    : DBOperator(std::make_unique<DBConnector>(reactor, conninfo)) {}
DBOperator::DBOperator(Reactor& reactor, ConnectionOptions options)
    : DBOperator(std::make_unique<DBConnector>(reactor, std::move(options))) {}
DBOperator::DBOperator(std::unique_ptr<DBConnector> connector)
    : TableOperations(core_over(*connector)), connector_(std::move(connector)) {}
DBOperator::~DBOperator() = default;

TableOperations DBOperator::on(Transaction& transaction) {
  auto tables =
      std::make_unique<SqlCatalogue>(transaction, static_cast<SqlCatalogue&>(core()->catalogue()));
  auto store = std::make_unique<SqlStore>(transaction, *tables,
                                          static_cast<SqlStore&>(core()->store()).texts(),
                                          [&transaction] { return transaction.begin(); });
  return TableOperations(std::make_shared<Core>(std::move(tables), std::move(store), &transaction));
}

Task<void> DBOperator::close(std::chrono::nanoseconds budget) { return connector_->close(budget); }

}  // namespace pgreactor
