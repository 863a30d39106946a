#include "src/store_memory/violations.hpp"

#include <exception>
#include <memory>
#include <pgreactor/memory_tables.hpp>
#include <pgreactor/query_errors.hpp>

namespace pgreactor::store_memory {

ServerReport report_of(std::string_view sqlstate, std::string message) {
  ServerReport report;
  report.severity = "ERROR";
  report.localized_severity = "ERROR";
  report.sqlstate = sqlstate;
  report.message = std::move(message);
  return report;
}

void raise(ServerReport report) {
  std::string sentence =
      report.severity + " " + std::string(report.sqlstate.view()) + ": " + report.message;
  if (!report.detail.empty()) sentence += " (" + report.detail + ")";
  if (!report.hint.empty()) sentence += " Hint: " + report.hint;
  std::rethrow_exception(detail::server_error(
      sentence, Outcome::rolled_back, std::make_shared<const ServerReport>(std::move(report))));
}

void raise(std::string_view sqlstate, std::string message) {
  raise(report_of(sqlstate, std::move(message)));
}

void too_many_rows(std::size_t rows, std::uint64_t most) {
  throw ConflictError(
      std::to_string(rows) + " rows would be affected, at most " + std::to_string(most) + " may be",
      Outcome::rolled_back);
}

void cannot(const std::string& what) {
  throw MockModeError("mock mode cannot answer this: " + what);
}

}  // namespace pgreactor::store_memory
