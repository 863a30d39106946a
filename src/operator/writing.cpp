#include "src/operator/writing.hpp"

#include <algorithm>
#include <pgreactor/query_errors.hpp>
#include <pgreactor/table_operations.hpp>

#include "src/operator/column_sentences.hpp"
#include "src/operator/core.hpp"
#include "src/operator/operation_error.hpp"
#include "src/operator/resolve.hpp"
#include "src/operator/shown_name.hpp"

namespace pgreactor {

using operators::PreparedTable;

namespace operators {
namespace {

/// The value of the primary key of one column among the columns that were returned.
std::optional<Datum> id_of(const Table& table, const Record& record) {
  const TableKey* const key = table.primary_key();
  if (key == nullptr || key->columns.size() != 1) return std::nullopt;
  const Datum* const value = record.find(table.columns[key->columns.front()].name);
  return value == nullptr ? std::nullopt : std::optional<Datum>(*value);
}

}  // namespace

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

Insertion empty_insertion(const PreparedTable& prepared, const OperationOptions& options) {
  Insertion insertion;
  insertion.table = prepared.table;
  insertion.overriding_identity = options.overriding_identity;
  insertion.wants_records = options.wants_records;
  insertion.returning = columns_named(prepared, options.columns, options.strict_names);
  return insertion;
}

}  // namespace operators

namespace {

/// One row, taken out of the record once its names are known to fit: until then they may have to
/// be looked up again.
Insertion insertion_of_one(const PreparedTable& prepared, Record& data,
                           const OperationOptions& options) {
  Insertion insertion = operators::empty_insertion(prepared, options);
  insertion.columns = operators::fields_of(prepared, data, options);
  insertion.rows.push_back(std::move(data).values());
  return insertion;
}

/// Rows under the columns that any of them has; where one has no such field, DEFAULT stands.
Insertion insertion_of(const PreparedTable& prepared, const std::vector<Record>& data,
                       const OperationOptions& options) {
  Insertion insertion = operators::empty_insertion(prepared, options);
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
  co_return operators::only_of(*insertion.table, co_await core_->store().insert(insertion));
}

Task<std::vector<Inserted>> TableOperations::insert_records(std::string table,
                                                            std::vector<Record> data,
                                                            OperationOptions options) {
  const Insertion insertion = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema),
      [&](const PreparedTable& prepared) { return insertion_of(prepared, data, options); });
  if (insertion.rows.empty()) co_return std::vector<Inserted>();
  co_return operators::inserted_of(*insertion.table, co_await core_->store().insert(insertion));
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
