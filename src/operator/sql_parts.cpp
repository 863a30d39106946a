#include "src/operator/sql_parts.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "src/operator/condition_text.hpp"
#include "src/operator/identifier.hpp"

namespace pgreactor::operators {
namespace {

/// Those that the role may read; all where that is none, for the server to refuse them.
std::vector<std::uint32_t> readable_columns(const Table& table) {
  std::vector<std::uint32_t> all(table.columns.size());
  std::iota(all.begin(), all.end(), 0u);
  std::vector<std::uint32_t> readable;
  std::copy_if(all.begin(), all.end(), std::back_inserter(readable),
               [&](std::uint32_t column) { return table.columns[column].may_be_read; });
  return readable.empty() ? all : readable;
}

}  // namespace

Oid parameter_type(const TableColumn& column) noexcept {
  return column.plain_type_name.starts_with("pg_catalog.") ? column.type : oid::unspecified;
}

void add_columns(Shape& shape, const std::vector<std::uint32_t>& columns) {
  shape.add_number(static_cast<std::uint32_t>(columns.size()));
  for (const std::uint32_t column : columns) shape.add_number(column);
}

void add_values(Shape& shape, const std::vector<Datum>& values,
                const std::vector<std::uint32_t>& columns) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_default = values[i].is_column_default();
    shape.add(is_default ? 'd' : 'v');
    if (!is_default) shape.add_value(values[i], columns[i]);
  }
}

void append_table(std::string& sql, const Table& table) {
  sql.append(Identifier(table.name.schema(), "schema").quoted());
  sql.push_back('.');
  sql.append(Identifier(table.name.table(), "table").quoted());
}

void append_names(std::string& sql, const Table& table, const std::vector<std::uint32_t>& columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i != 0) sql.append(", ");
    append_column(sql, table, columns[i]);
  }
}

void append_wanted(std::string& sql, const Table& table,
                   const std::vector<std::uint32_t>& columns) {
  append_names(sql, table, columns.empty() ? readable_columns(table) : columns);
}

void append_returning(std::string& sql, const Table& table, bool wanted,
                      const std::vector<std::uint32_t>& columns) {
  if (!wanted) return;
  sql.append(" RETURNING ");
  append_wanted(sql, table, columns);
}

}  // namespace pgreactor::operators
