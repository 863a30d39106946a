#include "src/store_memory/statements.hpp"

#include <algorithm>
#include <utility>

#include "src/store_memory/change.hpp"
#include "src/store_memory/comparing.hpp"
#include "src/store_memory/constraints.hpp"
#include "src/store_memory/filling.hpp"
#include "src/store_memory/predicate.hpp"
#include "src/store_memory/row_locks.hpp"
#include "src/store_memory/violations.hpp"
#include "src/store_memory/work.hpp"

namespace pgreactor::store_memory {
namespace {

std::vector<StoredRow> rows_where(const StoredTable& table, const Condition& where) {
  const Predicate predicate(where, *table.declaration);
  std::vector<StoredRow> found;
  for (const StoredRow& row : table.rows)
    if (predicate.holds(*row)) found.push_back(row);
  return found;
}

std::weak_ordering order_by(const StoredTable& table, const OrderKey& key, const StoredRow& a,
                            const StoredRow& b) {
  const Datum& left = (*a)[key.column];
  const Datum& right = (*b)[key.column];
  if (left.is_null() || right.is_null()) {
    const bool nulls_first =
        key.nulls == Nulls::first || (key.nulls == Nulls::by_direction && key.descending);
    const auto rank = [nulls_first](bool null) { return null == nulls_first ? 0 : 1; };
    return rank(left.is_null()) <=> rank(right.is_null());
  }
  const ValueType type = type_of(*table.declaration, key.column);
  if (type.type == oid::bpchar_array) cannot("the order of character[]");
  const auto order = type.type == oid::bpchar
                         ? without_blanks(left.to_string()) <=> without_blanks(right.to_string())
                         : compare(left, right, type.labels);
  return key.descending ? 0 <=> order : order;
}

/// Rows that are equal in every key stay in the order in which they are stored.
void sort_rows(std::vector<StoredRow>& rows, const StoredTable& table,
               const std::vector<OrderKey>& keys) {
  for (const OrderKey& key : keys) check_collation(*table.declaration, key.column);
  std::vector<std::pair<StoredRow, std::size_t>> placed;
  for (StoredRow& row : rows) placed.emplace_back(std::move(row), placed.size());
  std::sort(placed.begin(), placed.end(), [&](const auto& a, const auto& b) {
    for (const OrderKey& key : keys)
      if (const auto order = order_by(table, key, a.first, b.first); order != 0) return order < 0;
    return a.second < b.second;
  });
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = std::move(placed[i].first);
}

/// After all that the statement does: a server counts the rows that it has written.
void check_count(std::size_t rows, const std::optional<std::uint64_t>& most) {
  if (most && rows > *most) too_many_rows(rows, *most);
}

/// The constraint that an insertion's conflict clause is about. Errors  QueryError 42P10.
const TableKey& conflict_key(const StoredTable& table, const Insertion& insertion) {
  std::vector<std::uint32_t> wanted = insertion.key;
  std::sort(wanted.begin(), wanted.end());
  for (const TableKey& key : table.table->keys) {
    std::vector<std::uint32_t> columns = key.columns;
    std::sort(columns.begin(), columns.end());
    if (columns != wanted) continue;
    if (key.is_deferrable)
      raise("55000",
            "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as "
            "arbiters");
    return key;
  }
  raise("42P10",
        "there is no unique or exclusion constraint matching the ON CONFLICT specification");
}

/// One insertion: its rows one after the other, each with what became of it.
class Inserting {
 public:
  Inserting(Database& database, const Insertion& insertion)
      : database_(database),
        table_(database.at(insertion.table->name)),
        insertion_(insertion),
        change_(database) {
    if (insertion.on_conflict != OnConflict::fail) key_ = &conflict_key(table_, insertion);
  }

  Written run() {
    for (const std::vector<Datum>& values : insertion_.rows)
      add(filled(table_, insertion_, values));
    change_.settle();
    change_.keep();
    std::vector<Record> records;
    if (insertion_.wants_records)
      for (const StoredRow& row : results_)
        records.push_back(record_of(table_, *row, insertion_.returning));
    Written written(std::move(records), affected_);
    if (insertion_.on_conflict != OnConflict::fail && insertion_.wants_records)
      written.set_inserted(std::move(inserted_));
    return written;
  }

 private:
  void add(std::vector<Datum> row) {
    const StoredRow standing = conflicting(row);
    if (standing == nullptr) {
      note(change_.insert(table_, std::move(row)), true);
      return;
    }
    check_row(table_, row);
    check_settled(database_, standing);
    if (insertion_.on_conflict == OnConflict::nothing) {
      results_.push_back(standing);
      inserted_.emplace_back(false);
      return;
    }
    if (std::find(written_.begin(), written_.end(), standing) != written_.end())
      raise("21000", "ON CONFLICT DO UPDATE command cannot affect row a second time");
    std::vector<Datum> changed = *standing;
    for (const std::uint32_t column : insertion_.update_columns) changed.at(column) = row[column];
    note(change_.replace(table_, standing, std::move(changed)), false);
  }

  StoredRow conflicting(const std::vector<Datum>& row) const {
    if (key_ == nullptr) return nullptr;
    std::vector<Datum> values;
    for (const std::uint32_t column : key_->columns) values.push_back(row[column]);
    for (const StoredRow& each : table_.rows)
      if (table_.has_key(each, *key_, values)) return each;
    return nullptr;
  }

  void note(StoredRow row, bool is_new) {
    written_.push_back(row);
    results_.push_back(std::move(row));
    inserted_.emplace_back(is_new);
    ++affected_;
  }

  Database& database_;
  StoredTable& table_;
  const Insertion& insertion_;
  Change change_;
  const TableKey* key_ = nullptr;  ///< whose conflicts are taken
  std::vector<StoredRow> written_;
  std::vector<StoredRow> results_;
  std::vector<std::optional<bool>> inserted_;
  std::uint64_t affected_ = 0;
};

/// `lock` is the selection's, or none.
std::vector<StoredRow> window(Database& database, const Selection& selection, RowLock lock) {
  if (selection.limit.value_or(0) < 0) raise("2201W", "LIMIT must not be negative");
  if (selection.offset < 0) raise("2201X", "OFFSET must not be negative");
  StoredTable& table = database.at(selection.table->name);
  std::vector<StoredRow> rows = rows_where(table, selection.where);
  if (!selection.order.empty()) sort_rows(rows, table, selection.order);
  if (lock != RowLock::none) rows = locked_rows(database, table, rows, selection);
  const auto skipped =
      std::min<std::uint64_t>(rows.size(), static_cast<std::uint64_t>(selection.offset));
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(skipped));
  if (selection.limit && std::cmp_greater(rows.size(), *selection.limit))
    rows.resize(static_cast<std::size_t>(*selection.limit));
  return rows;
}

std::vector<Record> records_of(const StoredTable& table, const std::vector<StoredRow>& rows,
                               const std::vector<std::uint32_t>& columns) {
  std::vector<Record> records;
  records.reserve(rows.size());
  for (const StoredRow& row : rows) records.push_back(record_of(table, *row, columns));
  return records;
}

Written written(const StoredTable& table, const std::vector<StoredRow>& rows, bool wants_records,
                const std::vector<std::uint32_t>& returning) {
  return {wants_records ? records_of(table, rows, returning) : std::vector<Record>(), rows.size()};
}

}  // namespace

std::vector<Record> run(Database& database, const Selection& selection) {
  const StoredTable& table = database.at(selection.table->name);
  return records_of(table, window(database, selection, selection.lock), selection.columns);
}

std::uint64_t count(Database& database, const Selection& selection) {
  return window(database, selection, RowLock::none).size();
}

Written run(Database& database, const Insertion& insertion) {
  Inserting inserting(database, insertion);
  return inserting.run();
}

Written run(Database& database, const Alteration& alteration) {
  StoredTable& table = database.at(alteration.table->name);
  const std::vector<Datum> values = values_to_set(table, alteration);
  const std::vector<StoredRow> rows = rows_where(table, alteration.where);
  Change change(database);
  std::vector<StoredRow> results;
  for (const StoredRow& row : rows)
    results.push_back(change.replace(table, row, altered(table, alteration, values, row)));
  change.settle();
  check_count(rows.size(), alteration.max_affected);
  change.keep();
  return written(table, results, alteration.wants_records, alteration.returning);
}

Written run(Database& database, const Removal& removal) {
  StoredTable& table = database.at(removal.table->name);
  const std::vector<StoredRow> rows = rows_where(table, removal.where);
  Change change(database);
  for (const StoredRow& row : rows) change.erase(table, row);
  change.settle();
  check_count(rows.size(), removal.max_affected);
  change.keep();
  return written(table, rows, removal.wants_records, removal.returning);
}

}  // namespace pgreactor::store_memory
