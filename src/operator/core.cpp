#include "src/operator/core.hpp"

#include <vector>

#include "src/operator/column_sentences.hpp"
#include "src/operator/identifier.hpp"
#include "src/operator/shown_name.hpp"
#include "src/operator/suggestions.hpp"

namespace pgreactor::operators {

QualifiedName table_named(std::string table, const std::optional<std::string>& schema) {
  const std::size_t dot = table.find('.');
  if (dot != std::string::npos && !schema) {
    std::string first = table.substr(0, dot);
    table.erase(0, dot + 1);
    check_identifier(first, "schema");
    check_identifier(table, "table");
    if (table.find('.') != std::string::npos)
      throw SchemaError("the name of a table '" + shown_name(first + "." + table) +
                        "': more than schema.table; give the schema by in_schema()");
    return {std::move(first), std::move(table)};
  }
  check_identifier(table, "table");
  if (schema) check_identifier(*schema, "schema");
  return {schema.value_or("public"), std::move(table)};
}

std::shared_ptr<const PreparedTable> Core::known(const QualifiedName& name) {
  auto table = catalogue().known(name);
  return table == nullptr ? nullptr : prepare(std::move(table));
}

namespace {
/// `uuid`, else `id`, else the primary key if it is of one column.
std::optional<std::uint32_t> uuid_column_of(const Table& table) {
  if (const auto uuid = table.find("uuid")) return uuid;
  if (const auto id = table.find("id")) return id;
  const TableKey* const key = table.primary_key();
  if (key != nullptr && key->columns.size() == 1) return key->columns.front();
  return std::nullopt;
}
}  // namespace

std::shared_ptr<const PreparedTable> Core::prepare(std::shared_ptr<const Table> table) {
  const auto found = prepared_.find(table.get());
  if (found != prepared_.end()) return found->second;
  std::vector<std::string_view> names;
  names.reserve(table->columns.size());
  for (const TableColumn& column : table->columns) names.emplace_back(column.name);
  // What the table was before goes.
  std::erase_if(prepared_,
                [&](const auto& entry) { return entry.second->table->name == table->name; });
  if (prepared_.size() >= most_tables) prepared_.clear();
  const Table* const address = table.get();
  const auto uuid_column = uuid_column_of(*table);
  auto prepared = std::make_shared<const PreparedTable>(
      PreparedTable{std::move(table), ColumnIndex(names), uuid_column});
  prepared_.emplace(address, prepared);
  return prepared;
}

Task<std::shared_ptr<const PreparedTable>> Core::find(QualifiedName name) {
  auto table = co_await catalogue().find(name);
  if (table == nullptr) co_await throw_no_table(std::move(name));
  co_return prepare(std::move(table));
}

Task<std::shared_ptr<const PreparedTable>> Core::find_again(QualifiedName name) {
  auto table = co_await catalogue().read_again(name);
  if (table == nullptr) co_await throw_no_table(std::move(name));
  co_return prepare(std::move(table));
}

Task<void> Core::throw_no_table(QualifiedName name) {
  const bool schema_is_there = co_await catalogue().has_schema(name.schema());
  if (!schema_is_there)
    throw SchemaError("Schema '" + shown_name(name.schema()) + "' not found (for the table '" +
                      shown_name(name.table()) + "').");
  const std::vector<std::string> tables = co_await catalogue().tables_of(name.schema());
  const std::vector<std::string_view> names(tables.begin(), tables.end());
  std::vector<std::string_view> meant;
  for (const std::uint32_t index : suggest(name.table(), names)) meant.push_back(names[index]);
  throw SchemaError("Table '" + shown_name(name.table()) + "' not found in schema '" +
                    shown_name(name.schema()) + "'." + did_you_mean(meant));
}

}  // namespace pgreactor::operators
