#include "src/operator/sql_text.hpp"

#include "src/operator/condition_text.hpp"
#include "src/operator/sql_parts.hpp"

namespace pgreactor::operators {
namespace {

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

}  // namespace

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
