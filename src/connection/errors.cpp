#include "src/connection/errors.hpp"

#include <pgreactor/query_errors.hpp>
#include <pgreactor/row.hpp>

#include "src/connection/script_request.hpp"
#include "src/connection/type_names.hpp"

namespace pgreactor {
namespace connection {
namespace {

constexpr std::size_t most_sql_shown = 120;  // characters

// " [SELECT ... at file.cpp:12]": enough to find the statement, never its values.
std::string place_of(const detail::Request& request) {
  const std::string& sql = request.statement()->text();
  std::string place = " [" + sql.substr(0, most_sql_shown);
  if (sql.size() > most_sql_shown) place += "...";
  if (request.where().line() != 0) place += " at " + line_of(request.where());
  return place + "]";
}

}  // namespace

std::string line_of(const std::source_location& where) {
  if (where.line() == 0) return {};
  std::string_view file = where.file_name();
  if (const auto slash = file.rfind('/'); slash != std::string_view::npos)
    file.remove_prefix(slash + 1);
  return std::string(file) + ":" + std::to_string(where.line());
}

std::string sentence_of(const ServerReport& report) {
  std::string sentence =
      report.severity + " " + std::string(report.sqlstate.view()) + ": " + report.message;
  if (!report.detail.empty()) sentence += " (" + report.detail + ")";
  if (!report.hint.empty()) sentence += " Hint: " + report.hint;
  return sentence;
}

std::exception_ptr query_failed(const std::shared_ptr<const ServerReport>& report,
                                const detail::Request& request) {
  std::string message = sentence_of(*report) + place_of(request);
  Outcome outcome = Outcome::rolled_back;
  if (request.is_script()) {
    const auto& script = static_cast<const detail::ScriptRequest&>(request);
    message = "statement " + std::to_string(script.ended() + 1) + " of a script: " + message;
    if (script.committed()) outcome = Outcome::unknown;
  }
  return detail::server_error(message, outcome, report);
}

std::exception_ptr transaction_refused(const detail::Request& request) {
  return std::make_exception_ptr(QueryError(
      "the statement began a transaction on a connection that others share; it was rolled "
      "back. Use transaction() or begin()" +
          place_of(request),
      Outcome::rolled_back, nullptr, false));
}

std::exception_ptr copy_in_script(const detail::Request& request) {
  return std::make_exception_ptr(QueryError(
      "a script cannot COPY ... TO STDOUT: use copy_out()" + place_of(request), Outcome::unknown));
}

std::exception_ptr connection_lost(const std::string& peer, std::string_view cause, Outcome outcome,
                                   const std::shared_ptr<const ServerReport>& report,
                                   std::shared_ptr<const std::string> events) {
  std::string message = "the connection to " + peer + " was lost: ";
  message += report ? sentence_of(*report) : std::string(cause);
  message += " (outcome: " + std::string(name_of(outcome)) + ")";
  return std::make_exception_ptr(ConnectionError(message, outcome, report, std::move(events)));
}

ForkError inherited(const std::string& what, Outcome outcome) {
  return ForkError("this process is a child made by fork(), and the " + what +
                       " is its parent's: make a connector in the child",
                   outcome);
}

void throw_parameter_count(const detail::Request& request, std::size_t wanted) {
  const std::size_t given = request.parameter_count();
  throw QueryError("the query has " + std::to_string(wanted) +
                   (wanted == 1 ? " parameter but " : " parameters but ") + std::to_string(given) +
                   (given == 1 ? " argument was given" : " arguments were given") +
                   place_of(request));
}

void throw_parameter_error(const detail::Request& request, const detail::ParameterFailure& failure,
                           std::span<const Oid> types) {
  std::string message;
  if (failure.index < types.size()) {
    message = "parameter $" + std::to_string(failure.index + 1) + " (" +
              type_name(types[failure.index]) + "): ";
  }
  throw QueryError(message + std::string(name_of(failure.error)) + place_of(request));
}

void throw_text_error(const detail::StatementEntry& entry, EncodeError error) {
  throw QueryError("the statement's text: " + std::string(name_of(error)) + " [" +
                   entry.text().substr(0, most_sql_shown) + "]");
}

}  // namespace connection

namespace detail {

void throw_decode_error(const Column& column, DecodeError error) {
  throw QueryError("column '" + column.name + "' (" + type_name(column.type) +
                   "): " + std::string(name_of(error)));
}

void throw_no_column(const ResultShape& shape, std::size_t index) {
  throw QueryError("column " + std::to_string(index) + " of a row that has " +
                   std::to_string(shape.size()));
}

void throw_no_column(const ResultShape& shape, std::string_view name) {
  std::string names;
  for (const Column& column : shape.columns()) names += (names.empty() ? "" : ", ") + column.name;
  throw QueryError("no column '" + std::string(name) + "' in the row, which has: " + names);
}

void throw_no_more_fields() {
  throw QueryError("a field was asked for behind the last of the row");
}

void throw_column_count(std::size_t columns, std::size_t wanted) {
  throw QueryError("a row of " + std::to_string(columns) + " columns was asked for " +
                   std::to_string(wanted) + " values");
}

}  // namespace detail
}  // namespace pgreactor
