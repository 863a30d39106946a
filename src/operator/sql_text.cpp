#include "src/operator/sql_text.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <pgreactor/error.hpp>
#include <pgreactor/vocabulary/oid.hpp>

#include "src/operator/condition_text.hpp"
#include "src/operator/identifier.hpp"
#include "src/operator/operation_error.hpp"

namespace pgreactor::operators {
namespace {

void add_columns(Shape& shape, const std::vector<std::uint32_t>& columns) {
  shape.add_number(static_cast<std::uint32_t>(columns.size()));
  for (const std::uint32_t column : columns) shape.add_number(column);
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

/// Those that the role may read; all where that is none, for the server to refuse them.
std::vector<std::uint32_t> readable_columns(const Table& table) {
  std::vector<std::uint32_t> all(table.columns.size());
  std::iota(all.begin(), all.end(), 0u);
  std::vector<std::uint32_t> readable;
  std::copy_if(all.begin(), all.end(), std::back_inserter(readable),
               [&](std::uint32_t column) { return table.columns[column].may_be_read; });
  return readable.empty() ? all : readable;
}

/// All columns by name when none is named: a statement prepared for `*` breaks when one is added.
void append_wanted(std::string& sql, const Table& table,
                   const std::vector<std::uint32_t>& columns) {
  append_names(sql, table, columns.empty() ? readable_columns(table) : columns);
}

void append_where(std::string& sql, const Table& table, const Condition& where,
                  std::uint32_t& parameter) {
  if (where.is_empty()) return;
  sql.append(" WHERE ");
  append_condition(sql, table, where, parameter);
}

void append_order(std::string& sql, const Selection& selection) {
  for (std::size_t i = 0; i < selection.order.size(); ++i) {
    const OrderKey& key = selection.order[i];
    sql.append(i == 0 ? " ORDER BY " : ", ");
    append_column(sql, *selection.table, key.column);
    if (key.descending) sql.append(" DESC");
    if (key.nulls != Nulls::by_direction)
      sql.append(key.nulls == Nulls::first ? " NULLS FIRST" : " NULLS LAST");
  }
}

std::string_view lock_text(RowLock lock) noexcept {
  switch (lock) {
    case RowLock::none:
      return "";
    case RowLock::update:
      return " FOR UPDATE";
    case RowLock::no_key_update:
      return " FOR NO KEY UPDATE";
    case RowLock::share:
      return " FOR SHARE";
    case RowLock::key_share:
      return " FOR KEY SHARE";
  }
  return "";
}

std::string_view wait_text(LockWait wait) noexcept {
  switch (wait) {
    case LockWait::wait:
      return "";
    case LockWait::no_wait:
      return " NOWAIT";
    case LockWait::skip_locked:
      return " SKIP LOCKED";
  }
  return "";
}

void append_returning(std::string& sql, const Table& table, bool wanted,
                      const std::vector<std::uint32_t>& columns) {
  if (!wanted) return;
  sql.append(" RETURNING ");
  append_wanted(sql, table, columns);
}

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

/// A value per column; DEFAULT is part of the text.
void add_values(Shape& shape, const std::vector<Datum>& values,
                const std::vector<std::uint32_t>& columns) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool is_default = values[i].is_column_default();
    shape.add(is_default ? 'd' : 'v');
    if (!is_default) shape.add_value(values[i], columns[i]);
  }
}

/// What a column of JSON is given, as it would be given alone.
std::string document_of(const Datum& value, const TableColumn& column, std::size_t row) {
  if (const Json* const document = value.if_is<Json>()) return document->text();
  ByteBuffer out;
  const EncodeError error = ValueCodec<Datum>::append(out, value, column.type);
  if (error != EncodeError::none)
    throw QueryError("row " + std::to_string(row + 1) + ", " + shown_column(column) + ": " +
                     std::string(name_of(error)));
  return std::string(as_text(out.bytes().subspan(sizeof(std::int32_t))));  // less its length
}

/// An array per column. In it JSON is told from an array of the server's by being text.
void add_arrays(Shape& shape, const Insertion& insertion) {
  for (std::size_t i = 0; i < insertion.columns.size(); ++i) {
    const TableColumn& column = insertion.table->columns[insertion.columns[i]];
    const bool is_json = column.type == oid::json || column.type == oid::jsonb;
    Datum::Array array;
    array.reserve(insertion.rows.size());
    for (std::size_t row = 0; row < insertion.rows.size(); ++row) {
      const Datum& value = insertion.rows[row][i];
      if (!is_json || value.is_null() || value.kind() == Datum::Kind::text)
        array.push_back(value);
      else
        array.emplace_back(document_of(value, column, row));
    }
    shape.add_made(Datum(std::move(array)), insertion.columns[i]);
  }
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

}  // namespace

bool goes_as_arrays(const Insertion& insertion) {
  if (insertion.rows.size() <= most_listed_rows || insertion.columns.empty()) return false;
  for (const std::uint32_t column : insertion.columns)
    if (insertion.table->columns[column].type_category == 'A') return false;
  for (const std::vector<Datum>& row : insertion.rows)
    for (const Datum& value : row)
      if (value.is_column_default()) return false;
  return true;
}

void Shape::add_to_long_key(char code) {
  if (long_key_.empty()) long_key_.assign(short_key_.data(), key_size_);
  long_key_.push_back(code);
}

void Shape::add_text(std::string_view text) {
  add_number(static_cast<std::uint32_t>(text.size()));
  for (const char c : text) add(c);
}

void Shape::add_made(Datum value, std::uint32_t column) {
  if (made_count_ < few_made_.size())
    add_value(few_made_[made_count_++] = std::move(value), column);
  else
    add_value(many_made_.emplace_back(std::move(value)), column);
}

void add_shape(Shape& shape, const Selection& selection) {
  shape.add('S');
  add_columns(shape, selection.columns);
  add_condition(shape, *selection.table, selection.where);
  for (const OrderKey& key : selection.order) {
    shape.add('o');
    shape.add_number(key.column);
    shape.add(key.descending ? 'd' : 'a');
    shape.add(static_cast<char>('0' + static_cast<int>(key.nulls)));
  }
  if (selection.limit) {
    shape.add('l');
    shape.add_made(*selection.limit);
  }
  if (selection.offset != 0) {
    shape.add('f');
    shape.add_made(selection.offset);
  }
  shape.add(static_cast<char>('0' + static_cast<int>(selection.lock)));
  shape.add(static_cast<char>('0' + static_cast<int>(selection.lock_wait)));
}

std::string text_of(const Selection& selection) {
  std::string sql = "SELECT ";
  std::uint32_t parameter = 0;
  append_wanted(sql, *selection.table, selection.columns);
  sql.append(" FROM ");
  append_table(sql, *selection.table);
  append_where(sql, *selection.table, selection.where, parameter);
  append_order(sql, selection);
  if (selection.limit) {
    sql.append(" LIMIT ");
    append_parameter(sql, parameter);
  }
  if (selection.offset != 0) {
    sql.append(" OFFSET ");
    append_parameter(sql, parameter);
  }
  sql.append(lock_text(selection.lock));
  if (selection.lock != RowLock::none) sql.append(wait_text(selection.lock_wait));
  return sql;
}

void add_shape(Shape& shape, const Counted& counted) {
  const Selection& selection = counted.selection();
  shape.add('C');
  add_condition(shape, *selection.table, selection.where);
}

std::string text_of(const Counted& counted) {
  const Selection& selection = counted.selection();
  std::string sql = "SELECT count(*) FROM ";
  std::uint32_t parameter = 0;
  append_table(sql, *selection.table);
  append_where(sql, *selection.table, selection.where, parameter);
  return sql;
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
    add_arrays(shape, insertion);
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
    sql.append(" DEFAULT VALUES");
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

void add_shape(Shape& shape, const Alteration& alteration) {
  shape.add('U');
  add_columns(shape, alteration.columns);
  add_values(shape, alteration.values, alteration.columns);
  add_condition(shape, *alteration.table, alteration.where);
  shape.add(alteration.version_column ? 'n' : '.');
  if (alteration.version_column) shape.add_number(*alteration.version_column);
  shape.add(alteration.wants_records ? 'r' : '.');
  add_columns(shape, alteration.returning);
}

std::string text_of(const Alteration& alteration) {
  const Table& table = *alteration.table;
  std::string sql = "UPDATE ";
  std::uint32_t parameter = 0;
  append_table(sql, table);
  sql.append(" SET ");
  for (std::size_t i = 0; i < alteration.columns.size(); ++i) {
    if (i != 0) sql.append(", ");
    append_column(sql, table, alteration.columns[i]);
    sql.append(" = ");
    if (alteration.values[i].is_column_default())
      sql.append("DEFAULT");
    else
      append_parameter(sql, parameter);
  }
  if (alteration.version_column) {
    if (!alteration.columns.empty()) sql.append(", ");
    append_column(sql, table, *alteration.version_column);
    sql.append(" = ");
    append_column(sql, table, *alteration.version_column);
    sql.append(" + 1");
  }
  append_where(sql, table, alteration.where, parameter);
  append_returning(sql, table, alteration.wants_records, alteration.returning);
  return sql;
}

void add_shape(Shape& shape, const Removal& removal) {
  shape.add('D');
  add_condition(shape, *removal.table, removal.where);
  shape.add(removal.wants_records ? 'r' : '.');
  add_columns(shape, removal.returning);
}

std::string text_of(const Removal& removal) {
  std::string sql = "DELETE FROM ";
  std::uint32_t parameter = 0;
  append_table(sql, *removal.table);
  append_where(sql, *removal.table, removal.where, parameter);
  append_returning(sql, *removal.table, removal.wants_records, removal.returning);
  return sql;
}

}  // namespace pgreactor::operators
