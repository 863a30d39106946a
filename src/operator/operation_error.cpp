#include "src/operator/operation_error.hpp"

#include <pgreactor/query_errors.hpp>
#include <string_view>

#include "src/operator/shown_name.hpp"

namespace pgreactor::operators {

std::string shown_table_of(const Table& table) {
  return shown_name(table.name.schema()) + "." + shown_name(table.name.table());
}

bool may_be_stale(const Error& error) noexcept {
  const Sqlstate state = error.sqlstate();
  const std::string_view code = state.view();
  return code == "42703" || code == "42P01" || code == "42804" || code == "0A000" ||
         code == "42P10" || code == "3F000";
}

void rethrow_named(const char* operation, const Table& table, const Error& error) {
  const std::string message =
      std::string(operation) + " " + shown_table_of(table) + ": " + error.what();
  const Outcome outcome = error.outcome();
  std::shared_ptr<const ServerReport> report;
  if (error.report() != nullptr) report = std::make_shared<const ServerReport>(*error.report());
  if (dynamic_cast<const ColumnMatchError*>(&error) != nullptr) throw;
  if (dynamic_cast<const ConnectionError*>(&error) != nullptr)
    throw ConnectionError(message, outcome, report);
  if (dynamic_cast<const SchemaError*>(&error) != nullptr)
    throw SchemaError(message, outcome, report);
  const bool usable = error.connection_usable();
  if (dynamic_cast<const TimeoutError*>(&error) != nullptr)
    throw TimeoutError(message, outcome, report, usable);
  if (dynamic_cast<const CancelledError*>(&error) != nullptr)
    throw CancelledError(message, outcome, report, usable);
  if (dynamic_cast<const ConflictError*>(&error) != nullptr)
    throw ConflictError(message, outcome, report, usable);
  if (report == nullptr) throw QueryError(message, outcome, report, usable);
  if (report->sqlstate.view() == "42703") throw ColumnMatchError(message, outcome, report);
  std::rethrow_exception(detail::server_error(message, outcome, report));
}

}  // namespace pgreactor::operators
