#include <algorithm>
#include <memory>
#include <pgreactor/memory_transaction.hpp>
#include <pgreactor/query_errors.hpp>
#include <pgreactor/table_operations.hpp>
#include <set>
#include <unordered_map>

#include "src/operator/core.hpp"
#include "src/operator/operation_error.hpp"
#include "src/operator/resolve.hpp"
#include "src/operator/shown_name.hpp"
#include "src/operator/sql_store.hpp"
#include "src/operator/writing.hpp"

namespace pgreactor {

using operators::PreparedTable;

namespace {

using Columns = std::vector<std::uint32_t>;

bool has_column(const Columns& columns, std::uint32_t column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

std::string names_of(const Table& table, const Columns& columns) {
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
void check_key(const Table& table, const Columns& columns) {
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
Columns updated_columns(const Insertion& insertion) {
  Columns columns;
  for (const std::uint32_t column : insertion.columns) {
    const std::string& name = insertion.table->columns[column].name;
    if (!has_column(insertion.key, column) && name != "id" && name != "created_at")
      columns.push_back(column);
  }
  if (columns.empty()) columns.push_back(insertion.key.front());
  return columns;
}

/// What all upserts of a call share. Errors  SchemaError as check_key(); QueryError,
/// ColumnMatchError.
Insertion upsertion_by(const PreparedTable& prepared,
                       const std::vector<std::string>& unique_columns,
                       const OperationOptions& options) {
  if (unique_columns.empty())
    throw QueryError("upsert into " + operators::shown_table_of(*prepared.table) +
                     ": no unique columns were named");
  Insertion insertion = operators::empty_insertion(prepared, options);
  insertion.key = operators::columns_named(prepared, unique_columns, options.strict_names);
  check_key(*prepared.table, insertion.key);
  insertion.on_conflict = options.on_conflict;
  return insertion;
}

/// A key whose column is left out would be the column's default, of which the caller said nothing.
/// Errors  QueryError
void check_has_key(const Insertion& insertion, const Columns& columns, const std::string& data) {
  for (const std::uint32_t column : insertion.key)
    if (!has_column(columns, column))
      throw QueryError("upsert into " + operators::shown_table_of(*insertion.table) + ": " + data +
                       " has no value for the unique column '" +
                       operators::shown_name(insertion.table->columns[column].name) + "'");
}

/// One row, taken out of the record at the end: until then its names may have to be looked up
/// again.
Insertion upsertion_of_one(const PreparedTable& prepared, Record& data,
                           const std::vector<std::string>& unique_columns,
                           const OperationOptions& options) {
  Insertion insertion = upsertion_by(prepared, unique_columns, options);
  insertion.columns = operators::fields_of(prepared, data, options);
  check_has_key(insertion, insertion.columns, "the data");
  insertion.update_columns = updated_columns(insertion);
  insertion.rows.push_back(std::move(data).values());
  return insertion;
}

const Datum& value_in(const Record& record, const Columns& columns, std::uint32_t column) {
  const auto place = std::find(columns.begin(), columns.end(), column);
  return record.value(static_cast<std::size_t>(place - columns.begin()));
}

/// The values of a key, as text. Nothing where it is no other's equal: NULL never is, and what
/// column_default will be, only the server knows.
std::optional<std::string> key_text_of(const Record& record, const Columns& columns,
                                       const Columns& key) {
  Datum::Array values;
  values.reserve(key.size());
  for (const std::uint32_t column : key) {
    const Datum& value = value_in(record, columns, column);
    if (value.is_null() || value.is_column_default()) return std::nullopt;
    values.push_back(value);
  }
  return Datum(std::move(values)).to_string();
}

/// Which records are written: the last of those with the same key, in the place of the first.
std::vector<std::size_t> last_of_each_key(const std::vector<Record>& data,
                                          const std::vector<Columns>& columns, const Columns& key) {
  std::vector<std::size_t> written;
  written.reserve(data.size());
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < data.size(); ++i) {
    std::optional<std::string> text = key_text_of(data[i], columns[i], key);
    if (text) {
      const auto [found, is_new] = seen.emplace(std::move(*text), written.size());
      if (!is_new) {
        written[found->second] = i;
        continue;
      }
    }
    written.push_back(i);
  }
  return written;
}

std::vector<Datum> row_of(const Record& record, const Columns& columns, const Columns& wanted) {
  std::vector<Datum> row;
  row.reserve(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i)
    row.push_back(columns[i] == wanted[i] ? record.value(i) : value_in(record, columns, wanted[i]));
  return row;
}

Columns sorted(Columns columns) {
  std::sort(columns.begin(), columns.end());
  return columns;
}

/// In whatever order? Most records are like the one before.
bool have_same_columns(const Columns& left, const Columns& right) {
  return left == right || (left.size() == right.size() && sorted(left) == sorted(right));
}

/// An upsertion for each run of records that have the same columns: a record does not touch what it
/// leaves out, and a statement has one list of what it sets. Only those that stand together, since
/// a record may refer to one before it.
std::vector<Insertion> upsertions_of(const PreparedTable& prepared, const std::vector<Record>& data,
                                     const std::vector<std::string>& unique_columns,
                                     const OperationOptions& options) {
  const Insertion common = upsertion_by(prepared, unique_columns, options);
  std::vector<Columns> columns;
  columns.reserve(data.size());
  for (const Record& record : data) {
    columns.push_back(operators::fields_of(prepared, record, options));
    if (columns.size() > 1 && columns.back() == columns[columns.size() - 2]) continue;
    check_has_key(common, columns.back(), "record " + std::to_string(columns.size()));
  }
  std::vector<Insertion> upsertions;
  for (const std::size_t i : last_of_each_key(data, columns, common.key)) {
    if (upsertions.empty() || !have_same_columns(upsertions.back().columns, columns[i])) {
      Insertion& next = upsertions.emplace_back(common);
      next.columns = columns[i];
      next.update_columns = updated_columns(next);
    }
    Insertion& last = upsertions.back();
    last.rows.push_back(row_of(data[i], columns[i], last.columns));
  }
  return upsertions;
}

/// The tables as a transaction on what they stand on sees them. Owner  both outlive it.
std::unique_ptr<TableStore> store_within(Transaction& transaction, operators::Core& core) {
  if (transaction.memory() != nullptr) return transaction.memory()->tables();
  return std::make_unique<operators::SqlStore>(
      transaction, core.catalogue(), static_cast<operators::SqlStore&>(core.store()).texts(),
      [&transaction] { return transaction.begin(); });
}

/// All of them or none.
Task<std::vector<Inserted>> write_all(operators::Core& core,
                                      const std::vector<Insertion>& upsertions) {
  const auto begin = [&core] { return core.begin(); };
  const auto body = [&](Transaction& transaction) -> Task<std::vector<Inserted>> {
    std::vector<Inserted> rows;
    const std::unique_ptr<TableStore> store = store_within(transaction, core);
    for (const Insertion& upsertion : upsertions) {
      Written written = co_await store->insert(upsertion);
      for (Inserted& row : operators::inserted_of(*upsertion.table, std::move(written)))
        rows.push_back(std::move(row));
    }
    co_return rows;
  };
  co_return co_await operators::in_transaction(core.executor(), begin, body);
}

}  // namespace

Task<Inserted> TableOperations::upsert_record(std::string table, Record data,
                                              std::vector<std::string> unique_columns,
                                              OperationOptions options) {
  const Insertion insertion = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema), [&](const PreparedTable& prepared) {
        return upsertion_of_one(prepared, data, unique_columns, options);
      });
  co_return operators::only_of(*insertion.table, co_await core_->store().insert(insertion));
}

Task<std::vector<Inserted>> TableOperations::upsert_records(std::string table,
                                                            std::vector<Record> data,
                                                            std::vector<std::string> unique_columns,
                                                            OperationOptions options) {
  if (data.empty()) co_return std::vector<Inserted>();
  const std::vector<Insertion> upsertions = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema), [&](const PreparedTable& prepared) {
        return upsertions_of(prepared, data, unique_columns, options);
      });
  if (upsertions.size() > 1) co_return co_await write_all(*core_, upsertions);
  const Insertion& insertion = upsertions.front();
  co_return operators::inserted_of(*insertion.table, co_await core_->store().insert(insertion));
}

}  // namespace pgreactor
