#include "src/store_memory/change.hpp"

#include <algorithm>

#include "src/store_memory/constraints.hpp"
#include "src/store_memory/filling.hpp"
#include "src/store_memory/row_locks.hpp"
#include "src/store_memory/violations.hpp"
#include "src/store_memory/work.hpp"

namespace pgreactor::store_memory {
namespace {

bool has_row(const StoredTable& table, const std::vector<std::uint32_t>& columns,
             const std::vector<Datum>& values) {
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [&](const StoredRow& row) { return table.has_values(row, columns, values); });
}

[[noreturn]] void violated(const StoredTable& table, const ForeignKey& key, std::string message,
                           std::string detail) {
  ServerReport report = report_of("23503", std::move(message));
  report.detail = std::move(detail);
  report.schema = table.table->name.schema();
  report.table = table.table->name.table();
  report.constraint = key.name;
  raise(std::move(report));
}

}  // namespace

StoredRow Change::insert(StoredTable& table, std::vector<Datum> row) {
  check_row(table, row);
  auto added = std::make_shared<const std::vector<Datum>>(std::move(row));
  check_unique(database_, table, added);
  table.rows.push_back(added);
  events_.push_back({&table, nullptr, added});
  return added;
}

StoredRow Change::replace(StoredTable& table, const StoredRow& old, std::vector<Datum> row) {
  generate(table, row);
  check_row(table, row);
  auto now = std::make_shared<const std::vector<Datum>>(std::move(row));
  events_.push_back({&table, old, now});
  check_settled(database_, old);
  check_free(database_, events_.back());
  std::replace(table.rows.begin(), table.rows.end(), StoredRow(old), StoredRow(now));
  check_unique(database_, table, now);
  return now;
}

void Change::erase(StoredTable& table, const StoredRow& old) {
  events_.push_back({&table, old, nullptr});
  check_settled(database_, old);
  check_free(database_, events_.back());
  std::erase(table.rows, StoredRow(old));
}

// Actions make further events, which end: each takes a row away or gives it other values.
void Change::settle() {
  for (std::size_t i = 0; i < events_.size(); ++i) act_on(RowChange(events_[i]));
  for (const Reference& reference : references_) check_reference(reference);
  for (const RowChange& event : events_) check_targets(event);
  check_apart(database_, events_);
}

void Change::keep() {
  accept(database_, events_);
  before_.let_go();
}

void Change::act_on(const RowChange& event) {
  if (event.before == nullptr) return;
  for (StoredTable& referencing : database_.tables()) {
    for (const ForeignKey& key : referencing.table->foreign_keys) {
      if (key.target != event.table->table->name) continue;
      const auto columns = target_columns(key, *event.table);
      std::vector<Datum> values = values_of(event.before, columns);
      // A key that is still there, in this row or in another, has lost nobody.
      if (has_null(values) || has_row(*event.table, columns, values)) continue;
      act({&referencing, &key, event.table, std::move(values)}, event);
    }
  }
}

void Change::act(const Reference& reference, const RowChange& event) {
  const ForeignKey& key = *reference.key;
  StoredTable& referencing = *reference.referencing;
  const bool is_delete = event.after == nullptr;
  const ForeignKey::Action action = is_delete ? key.on_delete : key.on_update;
  references_.push_back(reference);
  if (action == ForeignKey::Action::no_action || action == ForeignKey::Action::restrict) return;
  std::vector<Datum> replacement;
  if (action == ForeignKey::Action::cascade && !is_delete)
    replacement = values_of(event.after, target_columns(key, *event.table));
  const std::vector<StoredRow> rows = referencing.rows;
  for (const StoredRow& row : rows) {
    if (!referencing.has_values(row, key.columns, reference.values)) continue;
    if (action == ForeignKey::Action::cascade && is_delete) {
      erase(referencing, row);
      continue;
    }
    std::vector<Datum> changed = *row;
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
      Datum& value = changed[key.columns[i]];
      if (action == ForeignKey::Action::cascade)
        value = replacement[i];
      else if (action == ForeignKey::Action::set_default)
        value = default_of(referencing, key.columns[i]);
      else
        value = Datum();
    }
    replace(referencing, row, std::move(changed));
  }
}

void Change::check_reference(const Reference& reference) const {
  const ForeignKey& key = *reference.key;
  StoredTable& referencing = *reference.referencing;
  if (!has_row(referencing, key.columns, reference.values)) return;
  if (has_row(*reference.target, target_columns(key, *reference.target), reference.values)) return;
  for (const StoredRow& row : referencing.rows) {
    if (!referencing.has_values(row, key.columns, reference.values)) continue;
    check_settled(database_, row);
    check_free(database_, referencing, row, RowLock::key_share);
  }
  const std::string& table = referencing.table->name.table();
  violated(referencing, key,
           "update or delete on table \"" + reference.target->table->name.table() +
               "\" violates foreign key constraint \"" + key.name + "\" on table \"" + table + "\"",
           key_text(key.target_columns, reference.values) + " is still referenced from table \"" +
               table + "\".");
}

void Change::check_targets(const RowChange& event) const {
  const StoredTable& table = *event.table;
  // A row that a later event has replaced is checked there.
  if (event.after == nullptr ||
      std::find(table.rows.begin(), table.rows.end(), event.after) == table.rows.end())
    return;
  for (const ForeignKey& key : table.table->foreign_keys) {
    const std::vector<Datum> values = values_of(event.after, key.columns);
    const StoredTable& target = database_.at(key.target);
    if (has_null(values) || has_row(target, target_columns(key, target), values)) continue;
    std::vector<std::string> names;
    for (const std::uint32_t column : key.columns)
      names.push_back(table.table->columns[column].name);
    violated(table, key,
             "insert or update on table \"" + table.table->name.table() +
                 "\" violates foreign key constraint \"" + key.name + "\"",
             key_text(names, values) + " is not present in table \"" + target.table->name.table() +
                 "\".");
  }
}

}  // namespace pgreactor::store_memory
