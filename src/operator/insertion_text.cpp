#include <pgreactor/error.hpp>
#include <pgreactor/values/all.hpp>

#include "src/operator/condition_text.hpp"
#include "src/operator/operation_error.hpp"
#include "src/operator/sql_parts.hpp"
#include "src/operator/sql_text.hpp"

// The insertions of sql_text.hpp.
namespace pgreactor::operators {
namespace {

void append_row(std::string& sql, const std::vector<Datum>& row, std::uint32_t& parameter) {
  sql.push_back('(');
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i != 0) sql.append(", ");
    if (row[i].is_column_default())
      sql.append("DEFAULT");
    else
      append_parameter(sql, parameter);
  }
  sql.push_back(')');
}

/// The array that has the values of a column, row by row, as the server reads it. Each goes into it
/// as it would go alone, or not at all.
/// Errors  QueryError with row and column.
std::string array_text(const Insertion& insertion, std::size_t place) {
  const TableColumn& column = insertion.table->columns[insertion.columns[place]];
  const Oid type = parameter_type(column);
  const char delimiter = array_delimiter(column.type);
  std::string text = "{";
  ByteBuffer element;
  for (std::size_t row = 0; row < insertion.rows.size(); ++row) {
    if (row != 0) text.push_back(delimiter);
    const Datum& value = insertion.rows[row][place];
    if (value.is_null()) {
      text.append("NULL");
      continue;
    }
    element.truncate(0);
    const EncodeError error = ValueCodec<Datum>::encode(element, value, type);
    if (error != EncodeError::none)
      throw QueryError("row " + std::to_string(row + 1) + ", " + shown_column(column) + ": " +
                       std::string(name_of(error)));
    detail::append_element_text(text, as_text(element.bytes()), delimiter);
  }
  text.push_back('}');
  return text;
}

void append_conflict(std::string& sql, const Insertion& insertion) {
  if (insertion.on_conflict == OnConflict::fail) return;
  const Table& table = *insertion.table;
  sql.append(" ON CONFLICT (");
  append_names(sql, table, insertion.key);
  sql.append(") DO ");
  if (insertion.on_conflict == OnConflict::nothing) {
    sql.append("NOTHING");
    return;
  }
  sql.append("UPDATE SET ");
  for (std::size_t i = 0; i < insertion.update_columns.size(); ++i) {
    if (i != 0) sql.append(", ");
    append_column(sql, table, insertion.update_columns[i]);
    sql.append(" = EXCLUDED.");
    append_column(sql, table, insertion.update_columns[i]);
  }
}

/// SELECT u.c1, u.c2 FROM unnest($1::type1[], $2::type2[]) WITH ORDINALITY ... in the rows' order.
/// The types have no modifier: a cast to varchar(3) would cut.
void append_unnested(std::string& sql, const Insertion& insertion, std::uint32_t& parameter) {
  const std::size_t count = insertion.columns.size();
  const auto names = [&] {
    for (std::size_t i = 0; i < count; ++i) sql.append("c").append(std::to_string(i)).append(", ");
  };
  sql.append("SELECT ");
  names();
  sql.resize(sql.size() - 2);
  sql.append(" FROM unnest(");
  for (std::size_t i = 0; i < count; ++i) {
    if (i != 0) sql.append(", ");
    append_parameter(sql, parameter);
    sql.append("::").append(insertion.table->columns[insertion.columns[i]].plain_type_name);
    sql.append("[]");
  }
  sql.append(") WITH ORDINALITY AS u (");
  names();
  sql.append("n) ORDER BY n");
}

void append_rows(std::string& sql, const Insertion& insertion, std::uint32_t& parameter) {
  if (goes_as_arrays(insertion)) return append_unnested(sql, insertion, parameter);
  sql.append("VALUES ");
  for (std::size_t i = 0; i < insertion.rows.size(); ++i) {
    if (i != 0) sql.append(", ");
    append_row(sql, insertion.rows[i], parameter);
  }
}

/// Rows of defaults alone, of which DEFAULT VALUES makes one. A SELECT of no columns needs none
/// that may be written, nor one at all.
void append_defaults(std::string& sql, std::size_t rows) {
  if (rows <= 1)
    sql.append(" DEFAULT VALUES");
  else
    sql.append(" SELECT FROM pg_catalog.generate_series(1, ")
        .append(std::to_string(rows))
        .append(")");
}

}  // namespace

bool goes_as_arrays(const Insertion& insertion) {
  if (insertion.rows.size() <= most_listed_rows || insertion.columns.empty()) return false;
  for (const std::uint32_t column : insertion.columns) {
    const char category = insertion.table->columns[column].type_category;
    if (category == 'A' || category == 'C') return false;
  }
  for (const std::vector<Datum>& row : insertion.rows)
    for (const Datum& value : row)
      if (value.is_column_default()) return false;
  return true;
}

bool tells_inserted(const Insertion& insertion) noexcept {
  return insertion.on_conflict != OnConflict::fail && insertion.wants_records &&
         insertion.table->kind == TableKind::table;
}

void add_shape(Shape& shape, const Insertion& insertion) {
  shape.add('I');
  add_columns(shape, insertion.columns);
  if (goes_as_arrays(insertion)) {
    shape.add('u');
    for (std::size_t i = 0; i < insertion.columns.size(); ++i)
      shape.add_made(array_text(insertion, i), insertion.columns[i]);
  } else {
    shape.add_number(static_cast<std::uint32_t>(insertion.rows.size()));
    for (const std::vector<Datum>& row : insertion.rows) add_values(shape, row, insertion.columns);
  }
  shape.add(static_cast<char>('0' + static_cast<int>(insertion.on_conflict)));
  add_columns(shape, insertion.key);
  add_columns(shape, insertion.update_columns);
  shape.add(insertion.overriding_identity ? 'i' : '.');
  shape.add(insertion.wants_records ? 'r' : '.');
  add_columns(shape, insertion.returning);
}

std::string copy_text_of(const Insertion& insertion) {
  std::string sql = "COPY ";
  append_table(sql, *insertion.table);
  sql.append(" (");
  append_names(sql, *insertion.table, insertion.columns);
  sql.append(") FROM STDIN (FORMAT binary)");
  return sql;
}

std::string text_of(const Insertion& insertion) {
  std::string sql = "INSERT INTO ";
  std::uint32_t parameter = 0;
  append_table(sql, *insertion.table);
  if (insertion.columns.empty()) {
    append_defaults(sql, insertion.rows.size());
  } else {
    sql.append(" (");
    append_names(sql, *insertion.table, insertion.columns);
    sql.append(insertion.overriding_identity ? ") OVERRIDING SYSTEM VALUE " : ") ");
    append_rows(sql, insertion, parameter);
  }
  append_conflict(sql, insertion);
  append_returning(sql, *insertion.table, insertion.wants_records, insertion.returning);
  // A row that was there before has been locked or updated by this transaction: xmax is set.
  if (tells_inserted(insertion)) sql.append(", (xmax = 0)");
  return sql;
}

}  // namespace pgreactor::operators
