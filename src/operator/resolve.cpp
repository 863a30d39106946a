#include "src/operator/resolve.hpp"

#include <algorithm>
#include <pgreactor/error.hpp>
#include <pgreactor/values/all.hpp>

#include "src/operator/column_errors.hpp"
#include "src/operator/shown_name.hpp"

namespace pgreactor::operators {
namespace {

TableName name_of(const PreparedTable& prepared) noexcept {
  return {prepared.table->name.schema(), prepared.table->name.table()};
}

/// A text that is no UUID would be refused by the server too, a round trip later.
void check_uuids(const PreparedTable& prepared, Condition& condition) {
  const TableColumn& column = prepared.table->columns[condition.column()];
  if (column.type != oid::uuid || !condition.path().empty()) return;
  for (Datum& value : condition.values()) {
    if (value.kind() == Datum::Kind::text) {
      value = uuid_of(value, column);
    } else if (const auto* const list = value.if_is<Datum::Array>()) {
      Datum::Array checked = *list;
      for (Datum& each : checked)
        if (each.kind() == Datum::Kind::text) each = uuid_of(each, column);
      value = std::move(checked);
    }
  }
}

bool compares_values(Comparison comparison) noexcept {
  return comparison <= Comparison::not_in || comparison == Comparison::is_distinct ||
         comparison == Comparison::is_not_distinct;
}

[[noreturn]] void refuse_written(const PreparedTable& prepared, const TableColumn& column,
                                 const char* why) {
  throw QueryError("column '" + shown_name(column.name) + "' of table '" +
                   shown_table(name_of(prepared)) + "' " + why);
}

}  // namespace

std::uint32_t column_named(const PreparedTable& prepared, std::string_view name, bool strict) {
  if (const auto exact = prepared.columns.exact(name)) return *exact;
  MatchOptions options;
  options.strict = strict;
  return required_column(name_of(prepared), name, prepared.columns, options);
}

std::vector<std::uint32_t> columns_named(const PreparedTable& prepared,
                                         const std::vector<std::string>& names, bool strict) {
  std::vector<std::uint32_t> columns;
  columns.reserve(names.size());
  for (const std::string& name : names) columns.push_back(column_named(prepared, name, strict));
  if (const auto shared = find_shared_column(columns))
    throw shared_column_error(name_of(prepared), names[shared->first], names[shared->second],
                              prepared.columns.name(shared->column));
  return columns;
}

void resolve_condition(const PreparedTable& prepared, Condition& condition, bool strict) {
  for (Condition& part : condition.parts()) resolve_condition(prepared, part, strict);
  if (condition.kind() != Condition::Kind::comparison) return;
  condition.set_column(column_named(prepared, condition.text(), strict));
  const bool is_list =
      condition.comparison() == Comparison::in || condition.comparison() == Comparison::not_in;
  if (is_list && condition.values().front().kind() != Datum::Kind::array)
    throw QueryError("the condition on '" + shown_name(condition.text()) + "' needs a list");
  if (compares_values(condition.comparison())) check_uuids(prepared, condition);
}

std::vector<OrderKey> order_named(const PreparedTable& prepared, const OperationOptions& options) {
  std::vector<OrderKey> order;
  order.reserve(options.order.size());
  for (const std::string& text : options.order) {
    OrderKey key;
    key.descending = text.starts_with('-');
    key.column = column_named(prepared, std::string_view(text).substr(key.descending ? 1 : 0),
                              options.strict_names);
    key.nulls = options.nulls;
    for (const OrderKey& before : order)
      if (before.column == key.column)
        throw QueryError("the order names the column '" +
                         shown_name(prepared.columns.name(key.column)) + "' twice");
    order.push_back(key);
  }
  return order;
}

std::vector<std::uint32_t> fields_of(const PreparedTable& prepared, const Record& record,
                                     const OperationOptions& options) {
  std::vector<std::uint32_t> columns;
  columns.reserve(record.size());
  // Most records name their columns in the table's order.
  std::uint32_t next = 0;
  for (const auto entry : record) {
    const bool is_next =
        next < prepared.columns.size() && prepared.columns.name(next) == entry.name();
    columns.push_back(is_next ? next : column_named(prepared, entry.name(), options.strict_names));
    next = columns.back() + 1;
  }
  if (const auto shared = find_shared_column(columns))
    throw shared_column_error(name_of(prepared), record.name(shared->first),
                              record.name(shared->second), prepared.columns.name(shared->column));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const TableColumn& column = prepared.table->columns[columns[i]];
    if (!column.is_generated && column.identity == Identity::none) continue;
    if (record.value(i).is_column_default()) continue;
    if (column.is_generated) refuse_written(prepared, column, "is generated: the server writes it");
    if (column.identity == Identity::always && !options.overriding_identity)
      refuse_written(prepared, column,
                     "is GENERATED ALWAYS AS IDENTITY: the clause overriding_identity() allows a "
                     "value of one's own");
  }
  return columns;
}

Datum uuid_of(const Datum& value, const TableColumn& column) {
  if (value.kind() != Datum::Kind::text) return value;
  std::string text = *value.if_is<std::string>();
  if (text.size() > 2 && text.front() == '{' && text.back() == '}')
    text = text.substr(1, text.size() - 2);
  constexpr std::size_t digits = 32;
  if (text.size() == digits)
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
  const Decoded<Uuid> uuid = Uuid::parse(text);
  if (!uuid)
    throw QueryError("column '" + shown_name(column.name) + "' is a uuid, and '" +
                     shown_name(value.to_string()) + "' is none");
  return *uuid;
}

Selection selection_of(const PreparedTable& prepared, const OperationOptions& options) {
  if (options.limit && *options.limit < 0)
    throw QueryError("limit(" + std::to_string(*options.limit) + ") is negative");
  if (options.offset < 0)
    throw QueryError("offset(" + std::to_string(options.offset) + ") is negative");
  Selection selection;
  selection.table = prepared.table;
  selection.columns = columns_named(prepared, options.columns, options.strict_names);
  selection.where = options.where;
  resolve_condition(prepared, selection.where, options.strict_names);
  selection.order = order_named(prepared, options);
  selection.limit = options.limit;
  selection.offset = options.offset;
  selection.lock = options.lock;
  selection.lock_wait = options.lock_wait;
  return selection;
}

}  // namespace pgreactor::operators
