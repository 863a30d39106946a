#include "src/store_memory/database.hpp"

#include <algorithm>

#include "src/store_memory/comparison.hpp"
#include "src/store_memory/predicate.hpp"
#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {

bool StoredTable::are_equal(std::uint32_t column, const Datum& a, const Datum& b) const {
  std::vector<Datum> other(1, b);
  return holds_for(Comparison::is_not_distinct, a, other, type_of(*declaration, column)) == true;
}

bool StoredTable::has_values(const StoredRow& row, const std::vector<std::uint32_t>& columns,
                             const std::vector<Datum>& values) const {
  return !has_null(values) && !has_null(values_of(row, columns)) && are_alike(row, columns, values);
}

bool StoredTable::has_key(const StoredRow& row, const TableKey& key,
                          const std::vector<Datum>& values) const {
  return key.nulls_not_distinct ? are_alike(row, key.columns, values)
                                : has_values(row, key.columns, values);
}

bool StoredTable::are_alike(const StoredRow& row, const std::vector<std::uint32_t>& columns,
                            const std::vector<Datum>& values) const {
  const TableColumn* decisive = nullptr;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Datum& held = (*row)[columns[i]];
    if (are_equal(columns[i], held, values[i])) continue;
    const TableColumn& column = table->columns[columns[i]];
    if (column.has_default_collation || held.is_null() || values[i].is_null()) return false;
    decisive = &column;
  }
  if (decisive != nullptr)
    cannot("whether values of column " + decisive->name + " are equal, " +
           "which has a collation of its own");
  return true;
}

Database::Database(MemoryTables tables) : declarations_(std::move(tables)) {
  Oid next_oid = 20'000;
  schemas_.insert("public");
  for (const auto& declaration : declarations_.all()) {
    auto table = std::make_shared<Table>(declaration->table());
    table->oid = next_oid++;
    StoredTable stored;
    stored.declaration = declaration.get();
    stored.sequences.resize(table->columns.size());
    schemas_.insert(table->name.schema());
    stored.table = std::move(table);
    tables_.push_back(std::move(stored));
  }
  for (const StoredTable& each : tables_) {
    for (const ForeignKey& key : each.table->foreign_keys) {
      const StoredTable* const target = find(key.target);
      const bool is_there =
          target != nullptr &&
          std::all_of(key.target_columns.begin(), key.target_columns.end(),
                      [&](const std::string& name) { return target->table->find(name); });
      if (!is_there) throw SchemaError("foreign key " + key.name + ": its target is not declared");
    }
  }
}

StoredTable* Database::find(const QualifiedName& name) noexcept {
  for (StoredTable& each : tables_)
    if (each.table->name == name) return &each;
  return nullptr;
}

StoredTable& Database::at(const QualifiedName& name) {
  StoredTable* const found = find(name);
  if (found == nullptr)
    raise("42P01", "relation \"" + name.schema() + "." + name.table() + "\" does not exist");
  const TableKind kind = found->table->kind;
  if (kind == TableKind::view || kind == TableKind::materialized_view)
    cannot("the rows of " + name.schema() + "." + name.table() + ", which is a view");
  return *found;
}

SavedRows::SavedRows(Database& database) : database_(database) {
  for (const StoredTable& table : database_.tables()) rows_.push_back(table.rows);
}

SavedRows::~SavedRows() {
  if (!is_kept_) return;
  for (std::size_t i = 0; i < rows_.size(); ++i) database_.tables()[i].rows.swap(rows_[i]);
}

std::vector<Datum> values_of(const StoredRow& row, const std::vector<std::uint32_t>& columns) {
  std::vector<Datum> values;
  values.reserve(columns.size());
  for (const std::uint32_t column : columns) values.push_back((*row)[column]);
  return values;
}

std::vector<std::uint32_t> target_columns(const ForeignKey& key, const StoredTable& target) {
  std::vector<std::uint32_t> columns;
  for (const std::string& name : key.target_columns)
    columns.push_back(target.table->find(name).value());
  return columns;
}

bool has_null(const std::vector<Datum>& values) noexcept {
  return std::any_of(values.begin(), values.end(),
                     [](const Datum& each) { return each.is_null(); });
}

}  // namespace pgreactor::store_memory
