#include "src/store_memory/violations.hpp"

#include <memory>
#include <pgreactor/error.hpp>
#include <pgreactor/memory_tables.hpp>

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
  throw QueryError(sentence, Outcome::rolled_back,
                   std::make_shared<const ServerReport>(std::move(report)));
}

void raise(std::string_view sqlstate, std::string message) {
  raise(report_of(sqlstate, std::move(message)));
}

void cannot(const std::string& what) {
  throw MockModeError("mock mode cannot answer this: " + what);
}

}  // namespace pgreactor::store_memory
