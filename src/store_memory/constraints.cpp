#include "src/store_memory/constraints.hpp"

#include <pgreactor/values/utf8.hpp>

#include "src/store_memory/violations.hpp"
#include "src/store_memory/work.hpp"

namespace pgreactor::store_memory {
namespace {

/// A value as the server shows it in "Failing row contains": 64 bytes at most.
std::string clipped(const Datum& value) {
  constexpr std::size_t most = 64;
  if (value.is_null()) return "null";
  std::string text = value.to_string();
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

ServerReport row_report(const StoredTable& table, const std::vector<Datum>& row,
                        std::string_view sqlstate, std::string message) {
  ServerReport report = report_of(sqlstate, std::move(message));
  report.schema = table.table->name.schema();
  report.table = table.table->name.table();
  for (const Datum& value : row)
    report.detail += (report.detail.empty() ? "" : ", ") + clipped(value);
  report.detail = "Failing row contains (" + report.detail + ").";
  return report;
}

}  // namespace

std::string key_text(const std::vector<std::string>& columns, const std::vector<Datum>& values) {
  std::string names, shown;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i != 0) {
      names += ", ";
      shown += ", ";
    }
    names += columns[i];
    shown += values[i].is_null() ? "null" : values[i].to_string();
  }
  return "Key (" + names + ")=(" + shown + ")";
}

void check_row(const StoredTable& table, const std::vector<Datum>& row) {
  const std::string relation = "relation \"" + table.table->name.table() + "\"";
  for (std::size_t i = 0; i < row.size(); ++i) {
    const TableColumn& column = table.table->columns[i];
    if (!column.not_null || !row[i].is_null()) continue;
    ServerReport report = row_report(table, row, "23502",
                                     "null value in column \"" + column.name + "\" of " + relation +
                                         " violates not-null constraint");
    report.column = column.name;
    raise(std::move(report));
  }
  if (table.declaration->checks().empty()) return;
  const Record record = record_of(table, row, {});
  for (const auto& [name, holds] : table.declaration->checks()) {
    if (holds(record) != false) continue;
    std::string message = "new row for " + relation;
    message.append(" violates check constraint \"").append(name).append("\"");
    ServerReport report = row_report(table, row, "23514", std::move(message));
    report.constraint = name;
    raise(std::move(report));
  }
}

void check_unique(const Database& database, const StoredTable& table, const StoredRow& row) {
  for (const TableKey& key : table.table->keys) {
    const std::vector<Datum> values = values_of(row, key.columns);
    if (has_null(values) && !key.nulls_not_distinct) continue;
    check_unclaimed(database, table, key, values);
    for (const StoredRow& other : table.rows) {
      if (other == row || !table.has_key(other, key, values)) continue;
      check_settled(database, other);
      if (key.is_deferrable)
        cannot("when a duplicate in the deferrable key " + key.name + " fails");
      ServerReport report =
          report_of("23505", "duplicate key value violates unique constraint \"" + key.name + "\"");
      std::vector<std::string> names;
      for (const std::uint32_t column : key.columns)
        names.push_back(table.table->columns[column].name);
      report.detail = key_text(names, values) + " already exists.";
      report.schema = table.table->name.schema();
      report.table = table.table->name.table();
      report.constraint = key.name;
      raise(std::move(report));
    }
  }
}

Record record_of(const StoredTable& table, const std::vector<Datum>& row,
                 const std::vector<std::uint32_t>& columns) {
  std::vector<std::string> names;
  std::vector<Datum> values;
  const std::size_t count = columns.empty() ? row.size() : columns.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t column = columns.empty() ? i : columns[i];
    names.push_back(table.table->columns.at(column).name);
    values.push_back(row[column]);
  }
  return {detail::shape_named(std::move(names)), std::move(values)};
}

}  // namespace pgreactor::store_memory
