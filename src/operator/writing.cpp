#include <algorithm>
#include <pgreactor/query_errors.hpp>
#include <pgreactor/table_operations.hpp>
#include <set>
#include <unordered_map>

#include "src/operator/column_sentences.hpp"
#include "src/operator/core.hpp"
#include "src/operator/operation_error.hpp"
#include "src/operator/resolve.hpp"
#include "src/operator/shown_name.hpp"

namespace pgreactor {

using operators::PreparedTable;

namespace {

/// The value of the primary key of one column among the columns that were returned.
std::optional<Datum> id_of(const Table& table, const Record& record) {
  const TableKey* const key = table.primary_key();
  if (key == nullptr || key->columns.size() != 1) return std::nullopt;
  const Datum* const value = record.find(table.columns[key->columns.front()].name);
  return value == nullptr ? std::nullopt : std::optional<Datum>(*value);
}

std::vector<Inserted> inserted_of(const Table& table, Written written) {
  const std::vector<std::optional<bool>> flags = written.inserted();
  std::vector<Record> records = std::move(written).records();
  std::vector<Inserted> rows;
  rows.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    std::optional<Datum> id = id_of(table, records[i]);
    rows.emplace_back(std::move(records[i]), std::move(id),
                      i < flags.size() ? flags[i] : std::nullopt);
  }
  return rows;
}

Inserted only_of(const Table& table, Written written) {
  if (written.records().empty()) return {Record(), std::nullopt, std::nullopt};
  std::vector<Inserted> rows = inserted_of(table, std::move(written));
  return std::move(rows.front());
}

/// What all insertions share.
Insertion empty_insertion(const PreparedTable& prepared, const OperationOptions& options) {
  Insertion insertion;
  insertion.table = prepared.table;
  insertion.overriding_identity = options.overriding_identity;
  insertion.wants_records = options.wants_records;
  insertion.returning = operators::columns_named(prepared, options.columns, options.strict_names);
  return insertion;
}

/// One row, taken out of the record once its names are known to fit: until then they may have to
/// be looked up again.
Insertion insertion_of_one(const PreparedTable& prepared, Record& data,
                           const OperationOptions& options) {
  Insertion insertion = empty_insertion(prepared, options);
  insertion.columns = operators::fields_of(prepared, data, options);
  insertion.rows.push_back(std::move(data).values());
  return insertion;
}

/// Rows under the columns that any of them has; where one has no such field, DEFAULT stands.
Insertion insertion_of(const PreparedTable& prepared, const std::vector<Record>& data,
                       const OperationOptions& options) {
  Insertion insertion = empty_insertion(prepared, options);
  std::vector<std::size_t> place(prepared.table->columns.size(), 0);  // plus one
  std::vector<std::vector<std::uint32_t>> fields;
  fields.reserve(data.size());
  for (const Record& record : data) {
    fields.push_back(operators::fields_of(prepared, record, options));
    for (const std::uint32_t column : fields.back()) {
      if (place[column] != 0) continue;
      insertion.columns.push_back(column);
      place[column] = insertion.columns.size();
    }
  }
  for (std::size_t i = 0; i < data.size(); ++i) {
    std::vector<Datum>& row = insertion.rows.emplace_back(insertion.columns.size(), column_default);
    for (std::size_t field = 0; field < fields[i].size(); ++field)
      row[place[fields[i][field]] - 1] = data[i].value(field);
  }
  return insertion;
}

std::string names_of(const Table& table, const std::vector<std::uint32_t>& columns) {
  std::string names;
  for (const std::uint32_t column : columns)
    names += (names.empty() ? "" : ", ") + operators::shown_name(table.columns[column].name);
  return "(" + names + ")";
}

bool can_arbitrate(const TableKey& key) noexcept {
  return key.kind != TableKey::Kind::exclusion && !key.is_partial && !key.has_expressions &&
         !key.is_deferrable;
}

/// Errors  SchemaError when no unique key has exactly these columns.
void check_key(const Table& table, const std::vector<std::uint32_t>& columns) {
  const std::set<std::uint32_t> wanted(columns.begin(), columns.end());
  std::string keys;
  for (const TableKey& key : table.keys) {
    if (!can_arbitrate(key)) continue;
    if (std::set<std::uint32_t>(key.columns.begin(), key.columns.end()) == wanted) return;
    keys += (keys.empty() ? "" : ", ") + names_of(table, key.columns);
  }
  throw SchemaError("upsert into " + operators::shown_table_of(table) + ": no unique key has the " +
                    "columns " + names_of(table, columns) + ". " +
                    (keys.empty() ? "The table has none." : "Unique keys: " + keys + "."));
}

/// What an upsert writes into a row that is there; the first key column where nothing is left, so
/// that the row comes back.
std::vector<std::uint32_t> updated_columns(const Insertion& insertion) {
  std::vector<std::uint32_t> columns;
  for (const std::uint32_t column : insertion.columns) {
    const bool is_key =
        std::find(insertion.key.begin(), insertion.key.end(), column) != insertion.key.end();
    const std::string& name = insertion.table->columns[column].name;
    if (!is_key && name != "id" && name != "created_at") columns.push_back(column);
  }
  if (columns.empty()) columns.push_back(insertion.key.front());
  return columns;
}

/// Leaves the last of the rows with the same key, in the place of the first.
void drop_repeated(Insertion& insertion) {
  std::vector<std::size_t> places;
  for (const std::uint32_t column : insertion.key)
    places.push_back(static_cast<std::size_t>(
        std::find(insertion.columns.begin(), insertion.columns.end(), column) -
        insertion.columns.begin()));
  std::unordered_map<std::string, std::size_t> seen;
  std::vector<std::vector<Datum>> rows;
  for (std::vector<Datum>& row : insertion.rows) {
    Datum::Array key;
    bool has_null = false;
    for (const std::size_t place : places) {
      key.push_back(row[place]);
      has_null = has_null || row[place].is_null();
    }
    // NULL is no key's equal.
    if (has_null) {
      rows.push_back(std::move(row));
      continue;
    }
    const auto [found, is_new] = seen.emplace(Datum(std::move(key)).to_string(), rows.size());
    if (is_new)
      rows.push_back(std::move(row));
    else
      rows[found->second] = std::move(row);
  }
  insertion.rows = std::move(rows);
}

Insertion upsertion_of(const PreparedTable& prepared, const std::vector<Record>& data,
                       const std::vector<std::string>& unique_columns,
                       const OperationOptions& options) {
  if (unique_columns.empty())
    throw QueryError("upsert into " + operators::shown_table_of(*prepared.table) +
                     ": no unique columns were named");
  Insertion insertion = insertion_of(prepared, data, options);
  insertion.key = operators::columns_named(prepared, unique_columns, options.strict_names);
  check_key(*prepared.table, insertion.key);
  for (const std::uint32_t column : insertion.key)
    if (std::find(insertion.columns.begin(), insertion.columns.end(), column) ==
        insertion.columns.end())
      throw QueryError("upsert into " + operators::shown_table_of(*prepared.table) +
                       ": the data has no value for the unique column '" +
                       operators::shown_name(prepared.columns.name(column)) + "'");
  insertion.on_conflict = options.on_conflict;
  insertion.update_columns = updated_columns(insertion);
  drop_repeated(insertion);
  return insertion;
}

bool never_holds(const Condition& condition);

/// Does it hold for every row, whatever the row? not_in() of an empty list does.
bool always_holds(const Condition& condition) {
  const auto always = [](const Condition& part) { return always_holds(part); };
  const std::span<const Condition> parts = condition.parts();
  switch (condition.kind()) {
    case Condition::Kind::all:
      return std::all_of(parts.begin(), parts.end(), always);
    case Condition::Kind::any:
      return std::any_of(parts.begin(), parts.end(), always);
    case Condition::Kind::negation:
      return never_holds(parts.front());
    case Condition::Kind::raw:
      return false;
    case Condition::Kind::comparison:
      break;
  }
  if (condition.comparison() != Comparison::not_in &&
      condition.comparison() != Comparison::not_equal)
    return false;
  const auto* const list = condition.values().front().if_is<Datum::Array>();
  return list != nullptr && list->empty();
}

bool never_holds(const Condition& condition) {
  const auto never = [](const Condition& part) { return never_holds(part); };
  const std::span<const Condition> parts = condition.parts();
  switch (condition.kind()) {
    case Condition::Kind::all:
      return std::any_of(parts.begin(), parts.end(), never);
    case Condition::Kind::any:
      return std::all_of(parts.begin(), parts.end(), never);
    case Condition::Kind::negation:
      return always_holds(parts.front());
    case Condition::Kind::raw:
      return false;
    case Condition::Kind::comparison:
      break;
  }
  if (condition.comparison() != Comparison::in && condition.comparison() != Comparison::equal)
    return false;
  const auto* const list = condition.values().front().if_is<Datum::Array>();
  return list != nullptr && list->empty();
}

/// An update or remove of every row has to be asked for in so many words.
void check_condition(const char* operation, const PreparedTable& prepared,
                     const OperationOptions& options) {
  if (options.all_rows || !always_holds(options.where)) return;
  throw QueryError(std::string(operation) + " " + operators::shown_table_of(*prepared.table) +
                   ": without a condition it would reach every row; the clause all_rows() says "
                   "that this is meant");
}

Alteration alteration_of(const PreparedTable& prepared, const Record& data,
                         const OperationOptions& options) {
  const std::string& table = prepared.table->name.table();
  if (data.empty())
    throw QueryError("update of " + operators::shown_name(table) + ": there is nothing to set");
  check_condition("update of", prepared, options);
  Alteration alteration;
  alteration.table = prepared.table;
  alteration.columns = operators::fields_of(prepared, data, options);
  for (const auto entry : data) alteration.values.push_back(entry.value());
  alteration.where = options.where;
  operators::resolve_condition(prepared, alteration.where, options.strict_names);
  if (options.expected_version) {
    const std::string name = options.version_column.value_or("version");
    const std::uint32_t column = operators::column_named(prepared, name, options.strict_names);
    if (std::find(alteration.columns.begin(), alteration.columns.end(), column) !=
        alteration.columns.end())
      throw QueryError("update of " + operators::shown_name(table) + ": the version column '" +
                       operators::shown_name(name) + "' goes up by itself and cannot be set");
    Condition version(std::string(), Test(Comparison::equal, *options.expected_version));
    version.set_column(column);
    alteration.version_column = column;
    alteration.where = std::move(alteration.where) && std::move(version);
  }
  alteration.max_affected = options.max_affected;
  alteration.wants_records = options.wants_records;
  alteration.returning = operators::columns_named(prepared, options.columns, options.strict_names);
  return alteration;
}

}  // namespace

Task<Inserted> TableOperations::insert_record(std::string table, Record data,
                                              OperationOptions options) {
  const Insertion insertion = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema),
      [&](const PreparedTable& prepared) { return insertion_of_one(prepared, data, options); });
  co_return only_of(*insertion.table, co_await core_->store().insert(insertion));
}

Task<std::vector<Inserted>> TableOperations::insert_records(std::string table,
                                                            std::vector<Record> data,
                                                            OperationOptions options) {
  const Insertion insertion = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema),
      [&](const PreparedTable& prepared) { return insertion_of(prepared, data, options); });
  if (insertion.rows.empty()) co_return std::vector<Inserted>();
  co_return inserted_of(*insertion.table, co_await core_->store().insert(insertion));
}

Task<Inserted> TableOperations::upsert_record(std::string table, Record data,
                                              std::vector<std::string> unique_columns,
                                              OperationOptions options) {
  std::vector<Record> rows;
  rows.push_back(std::move(data));
  const Insertion insertion = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema), [&](const PreparedTable& prepared) {
        return upsertion_of(prepared, rows, unique_columns, options);
      });
  co_return only_of(*insertion.table, co_await core_->store().insert(insertion));
}

Task<std::vector<Inserted>> TableOperations::upsert_records(std::string table,
                                                            std::vector<Record> data,
                                                            std::vector<std::string> unique_columns,
                                                            OperationOptions options) {
  if (data.empty()) co_return std::vector<Inserted>();
  const Insertion insertion = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema), [&](const PreparedTable& prepared) {
        return upsertion_of(prepared, data, unique_columns, options);
      });
  co_return inserted_of(*insertion.table, co_await core_->store().insert(insertion));
}

Task<std::vector<Record>> TableOperations::update_records(std::string table, Record data,
                                                          OperationOptions options) {
  const Alteration alteration = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema),
      [&](const PreparedTable& prepared) { return alteration_of(prepared, data, options); });
  Written written = co_await core_->store().update(alteration);
  if (options.expected_version && written.affected() == 0) {
    OperationOptions probe = options;
    probe.schema = alteration.table->name.schema();
    const std::uint64_t there =
        co_await count_records(alteration.table->name.table(), std::move(probe));
    const std::string what = "update of " + operators::shown_table_of(*alteration.table) + ": ";
    if (there == 0) throw NotFoundError(what + "no row matches", Outcome::committed);
    throw ConflictError(what + "the row is not of version " +
                            std::to_string(*options.expected_version) + " any more",
                        Outcome::committed);
  }
  co_return std::move(written).records();
}

Task<std::uint64_t> TableOperations::remove_records(std::string table, OperationOptions options) {
  const Removal removal = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema), [&](const PreparedTable& prepared) {
        check_condition("remove from", prepared, options);
        Removal request;
        request.table = prepared.table;
        request.where = options.where;
        operators::resolve_condition(prepared, request.where, options.strict_names);
        request.max_affected = options.max_affected;
        return request;
      });
  const Written written = co_await core_->store().remove(removal);
  co_return written.affected();
}

}  // namespace pgreactor
