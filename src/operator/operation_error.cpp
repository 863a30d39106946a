#include "src/operator/operation_error.hpp"

#include <charconv>
#include <cstddef>
#include <pgreactor/query_errors.hpp>
#include <string_view>
#include <system_error>

#include "src/operator/shown_name.hpp"

namespace pgreactor::operators {
namespace {

/// The parameter, from 0, that the server was reading when it failed: "unnamed portal parameter
/// $2". Source  postgres, src/backend/tcop/postgres.c, bind_param_error_callback
std::size_t parameter_read(const ServerReport& report) {
  constexpr std::string_view words = "portal parameter $";
  constexpr auto none = static_cast<std::size_t>(-1);
  const std::size_t found = report.where.find(words);
  if (found == std::string::npos) return none;
  std::size_t number = 0;
  const char* const first = report.where.data() + found + words.size();
  const char* const last = report.where.data() + report.where.size();
  const auto [end, error] = std::from_chars(first, last, number);
  return error == std::errc() && number != 0 ? number - 1 : none;
}

std::string place_of(const ParameterList& parameters, const Error& error) {
  if (error.report() == nullptr) return {};
  const TableColumn* const column = parameters.column(parameter_read(*error.report()));
  return column == nullptr ? std::string() : shown_column(*column) + ": ";
}

}  // namespace

std::string shown_table_of(const Table& table) {
  return shown_name(table.name.schema()) + "." + shown_name(table.name.table());
}

std::string shown_column(const TableColumn& column) {
  return "column '" + shown_name(column.name) + "' (" + column.type_name + ")";
}

bool may_be_stale(const Error& error) noexcept {
  const Sqlstate state = error.sqlstate();
  const std::string_view code = state.view();
  return code == "42703" || code == "42P01" || code == "42804" || code == "0A000" ||
         code == "42P10" || code == "3F000" || code == "42501";
}

void rethrow_named(const char* operation, const Table& table, const ParameterList& parameters,
                   const Error& error) {
  const std::string message = std::string(operation) + " " + shown_table_of(table) + ": " +
                              place_of(parameters, error) + error.what();
  if (dynamic_cast<const ColumnMatchError*>(&error) != nullptr) throw;
  if (error.sqlstate() == "42703")
    throw ColumnMatchError(message, error.outcome(),
                           std::make_shared<const ServerReport>(*error.report()));
  std::rethrow_exception(detail::with_message(std::current_exception(), error, message));
}

}  // namespace pgreactor::operators
