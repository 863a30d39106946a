#include <algorithm>
#include <pgreactor/memory_tables.hpp>

#include "src/store_memory/column_type.hpp"

namespace pgreactor {
namespace {

/// The first OID that the server gives to what users create.
constexpr Oid first_own_oid = 16'384;

std::string shown(const QualifiedName& name) { return name.schema() + "." + name.table(); }

[[noreturn]] void refuse(const QualifiedName& table, const std::string& why) {
  throw SchemaError("table " + shown(table) + ": " + why);
}

}  // namespace

MemoryTable::MemoryTable(QualifiedName name) { table_.name = std::move(name); }

TableColumn& MemoryTable::last() {
  if (table_.columns.empty()) refuse(table_.name, "a clause stands before the first column");
  return table_.columns.back();
}

void MemoryTable::add(TableColumn column) {
  if (table_.find(column.name)) refuse(table_.name, "column " + column.name + " stands twice");
  table_.columns.push_back(std::move(column));
  sources_.emplace_back();
  generators_.emplace_back();
}

MemoryTable& MemoryTable::column(std::string name, std::string_view type) {
  const auto known = store_memory::column_type(type);
  if (!known)
    refuse(table_.name, "column " + name + ": mock mode has no type '" + std::string(type) +
                            "' (an enum needs its labels)");
  TableColumn added;
  added.name = std::move(name);
  added.type = known->type;
  added.type_name = known->name;
  added.type_modifier = known->modifier;
  added.type_category = known->category;
  added.not_null = known->is_serial;
  add(std::move(added));
  if (known->is_serial) set_source(ColumnSource(ColumnSource::Kind::sequence));
  return *this;
}

MemoryTable& MemoryTable::enum_column(std::string name, std::string type_name,
                                      std::vector<std::string> labels) {
  if (labels.empty()) refuse(table_.name, "the enum of column " + name + " has no labels");
  TableColumn added;
  added.name = std::move(name);
  // Which number an enum has is the server's affair; here it need only be none of the known types.
  added.type = first_own_oid;
  added.type_name = std::move(type_name);
  added.type_category = 'E';
  added.labels = std::move(labels);
  add(std::move(added));
  return *this;
}

MemoryTable& MemoryTable::not_null() {
  last().not_null = true;
  return *this;
}

void MemoryTable::set_source(ColumnSource source) {
  last().has_default = true;
  sources_.back() = std::move(source);
}

MemoryTable& MemoryTable::default_value(Datum constant) {
  set_source(ColumnSource(std::move(constant)));
  return *this;
}

MemoryTable& MemoryTable::default_now() {
  set_source(ColumnSource(ColumnSource::Kind::now));
  return *this;
}

MemoryTable& MemoryTable::default_random_uuid() {
  set_source(ColumnSource(ColumnSource::Kind::random_uuid));
  return *this;
}

MemoryTable& MemoryTable::default_sequence() {
  const Oid type = last().type;
  if (type != oid::int2 && type != oid::int4 && type != oid::int8)
    refuse(table_.name, "column " + last().name + " is no integer, as one of a sequence has to be");
  set_source(ColumnSource(ColumnSource::Kind::sequence));
  return *this;
}

MemoryTable& MemoryTable::default_unknown() {
  set_source(ColumnSource(ColumnSource::Kind::unknown));
  return *this;
}

MemoryTable& MemoryTable::generated_unknown() {
  last().is_generated = true;
  last().has_default = true;
  return *this;
}

MemoryTable& MemoryTable::generated(GeneratedValue value) {
  generated_unknown();
  return generated(last().name, std::move(value));
}

MemoryTable& MemoryTable::generated(std::string_view column, GeneratedValue value) {
  const auto position = table_.find(column);
  if (!position || !table_.columns[*position].is_generated)
    refuse(table_.name, "there is no generated column " + std::string(column));
  if (!value) refuse(table_.name, "the generated column " + std::string(column) + " has no value");
  generators_[*position] = std::move(value);
  return *this;
}

MemoryTable& MemoryTable::identity(Identity identity) {
  last().identity = identity;
  last().not_null = true;
  return default_sequence();
}

MemoryTable& MemoryTable::primary_key() { return primary_key({last().name}); }

MemoryTable& MemoryTable::unique() { return unique({last().name}); }

MemoryTable& MemoryTable::references(QualifiedName target, std::string column,
                                     ForeignKey::Action on_delete, ForeignKey::Action on_update) {
  std::vector<std::string> target_columns;
  target_columns.push_back(std::move(column));
  return foreign_key({last().name}, std::move(target), std::move(target_columns), on_delete,
                     on_update);
}

std::vector<std::uint32_t> MemoryTable::positions(const std::vector<std::string>& columns) const {
  if (columns.empty()) refuse(table_.name, "a key has no columns");
  std::vector<std::uint32_t> found;
  found.reserve(columns.size());
  for (const std::string& column : columns) {
    const auto position = table_.find(column);
    if (!position) refuse(table_.name, "there is no column " + column);
    found.push_back(*position);
  }
  return found;
}

std::string MemoryTable::name_for(const std::vector<std::string>& columns,
                                  std::string_view ending) const {
  std::string name = table_.name.table();
  for (const std::string& column : columns) name += "_" + column;
  return name.append("_").append(ending);
}

MemoryTable& MemoryTable::primary_key(const std::vector<std::string>& columns, std::string name) {
  if (table_.primary_key() != nullptr) refuse(table_.name, "there is a primary key already");
  TableKey key;
  key.name = name.empty() ? table_.name.table() + "_pkey" : std::move(name);
  key.kind = TableKey::Kind::primary;
  key.columns = positions(columns);
  for (const std::uint32_t column : key.columns) table_.columns[column].not_null = true;
  table_.keys.insert(table_.keys.begin(), std::move(key));
  return *this;
}

MemoryTable& MemoryTable::unique(const std::vector<std::string>& columns, std::string name) {
  TableKey key;
  key.columns = positions(columns);
  key.name = name.empty() ? name_for(columns, "key") : std::move(name);
  table_.keys.push_back(std::move(key));
  return *this;
}

MemoryTable& MemoryTable::foreign_key(const std::vector<std::string>& columns, QualifiedName target,
                                      std::vector<std::string> target_columns,
                                      ForeignKey::Action on_delete, ForeignKey::Action on_update,
                                      std::string name) {
  ForeignKey key;
  key.columns = positions(columns);
  if (target_columns.size() != columns.size())
    refuse(table_.name, "a foreign key has other columns than its target");
  key.name = name.empty() ? name_for(columns, "fkey") : std::move(name);
  key.target = std::move(target);
  key.target_columns = std::move(target_columns);
  key.on_delete = on_delete;
  key.on_update = on_update;
  table_.foreign_keys.push_back(std::move(key));
  return *this;
}

TableKey& MemoryTable::key_named(std::string_view name) {
  for (TableKey& each : table_.keys)
    if (each.name == name) return each;
  refuse(table_.name, "there is no key " + std::string(name));
}

MemoryTable& MemoryTable::deferrable(std::string_view key) {
  key_named(key).is_deferrable = true;
  return *this;
}

MemoryTable& MemoryTable::nulls_not_distinct(std::string_view key) {
  key_named(key).nulls_not_distinct = true;
  return *this;
}

MemoryTable& MemoryTable::collated() {
  last().has_default_collation = false;
  return *this;
}

MemoryTable& MemoryTable::kind(TableKind kind) {
  table_.kind = kind;
  return *this;
}

MemoryTable& MemoryTable::check(std::string name, RowCheck holds) {
  if (!holds) refuse(table_.name, "check " + name + " has no predicate");
  checks_.emplace_back(std::move(name), std::move(holds));
  return *this;
}

MemoryTable& MemoryTables::table(std::string schema, std::string name) {
  QualifiedName qualified(std::move(schema), std::move(name));
  for (const auto& each : tables_)
    if (each->table().name == qualified) refuse(qualified, "it is declared twice");
  return *tables_.emplace_back(std::make_unique<MemoryTable>(std::move(qualified)));
}

MemoryTable& MemoryTables::at(std::string_view schema, std::string_view name) {
  for (const auto& each : tables_) {
    const QualifiedName& own = each->table().name;
    if (own.schema() == schema && own.table() == name) return *each;
  }
  refuse(QualifiedName(std::string(schema), std::string(name)), "it is not declared");
}

}  // namespace pgreactor
