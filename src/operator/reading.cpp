#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <pgreactor/memory_tables.hpp>
#include <pgreactor/query_errors.hpp>
#include <pgreactor/table_operations.hpp>
#include <pgreactor/values/all.hpp>

#include "src/operator/core.hpp"
#include "src/operator/datum_execution.hpp"
#include "src/operator/identifier.hpp"
#include "src/operator/resolve.hpp"
#include "src/operator/shown_name.hpp"

namespace pgreactor {

using operators::PreparedTable;

namespace {

/// The first row by the primary key, so that of several it is always the same.
void order_by_key(const PreparedTable& prepared, Selection& selection) {
  if (!selection.order.empty()) return;
  const TableKey* const key = prepared.table->primary_key();
  if (key == nullptr) return;
  for (const std::uint32_t column : key->columns) {
    OrderKey order;
    order.column = column;
    selection.order.push_back(order);
  }
}

bool is_unique(const Table& table, std::uint32_t column) noexcept {
  return std::any_of(table.keys.begin(), table.keys.end(), [column](const TableKey& key) {
    return key.kind != TableKey::Kind::exclusion && !key.is_partial && !key.has_expressions &&
           key.columns.size() == 1 && key.columns.front() == column;
  });
}

/// `column` = `value`, beside what the caller's clauses say.
Selection selection_by(const PreparedTable& prepared, std::uint32_t column, const Datum& value,
                       const OperationOptions& options) {
  Selection selection = operators::selection_of(prepared, options);
  Condition condition(std::string(), Test(Comparison::equal, value));
  condition.set_column(column);
  selection.where = selection.where.is_empty() ? std::move(condition)
                                               : std::move(selection.where) && std::move(condition);
  if (!is_unique(*prepared.table, column)) order_by_key(prepared, selection);
  selection.limit = 1;
  return selection;
}

std::uint32_t uuid_column(const PreparedTable& prepared) {
  if (prepared.uuid_column) return *prepared.uuid_column;
  throw SchemaError("get_by_uuid: table '" + operators::shown_name(prepared.table->name.table()) +
                    "' has no column uuid or id and no primary key of one column");
}

/// Does a text begin with a word of SQL, and go on?
bool is_sql(std::string_view text) {
  static constexpr std::array<std::string_view, 7> words = {"SELECT", "WITH",   "VALUES", "TABLE",
                                                            "INSERT", "UPDATE", "DELETE"};
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return false;
  text.remove_prefix(begin);
  const std::size_t end = text.find_first_of(" \t\r\n(");
  if (end == std::string_view::npos) return false;
  std::string word(text.substr(0, end));
  for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// `max_rows`, where the limit does not keep the rows below that by itself.
std::optional<std::int64_t> guarded_limit(std::optional<std::uint64_t> max_rows,
                                          std::optional<std::int64_t> limit) noexcept {
  constexpr auto longest = std::numeric_limits<std::int64_t>::max() - 1;
  if (!max_rows || *max_rows > static_cast<std::uint64_t>(longest)) return std::nullopt;
  const auto most = static_cast<std::int64_t>(*max_rows);
  if (limit && *limit <= most) return std::nullopt;
  return most;
}

}  // namespace

Task<std::vector<Record>> TableOperations::fetch_records(std::string table,
                                                         OperationOptions options) {
  Selection selection = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema),
      [&](const PreparedTable& prepared) { return operators::selection_of(prepared, options); });
  if (selection.limit == 0) co_return std::vector<Record>();
  const std::optional<std::int64_t> most = guarded_limit(core_->max_rows(), selection.limit);
  if (most) selection.limit = *most + 1;
  std::vector<Record> records = co_await core_->store().select(selection);
  if (most && records.size() > static_cast<std::size_t>(*most))
    throw QueryError("fetch from " + operators::shown_name(selection.table->name.table()) +
                     ": more than " + std::to_string(*most) +
                     " rows, which is max_rows; limit() or a narrower condition makes them fewer");
  co_return records;
}

Task<std::optional<Record>> TableOperations::fetch_first(std::string table,
                                                         OperationOptions options) {
  options.limit = options.only_one ? 2 : 1;
  const Selection selection = co_await core_->resolve(
      operators::table_named(table, options.schema),
      [&](const PreparedTable& prepared) { return operators::selection_of(prepared, options); });
  if (!options.only_one) co_return co_await core_->store().select_first(selection);
  std::vector<Record> records = co_await core_->store().select(selection);
  if (records.size() > 1)
    throw QueryError("fetch_one from " + operators::shown_name(table) +
                     ": more than one row matches");
  if (records.empty()) co_return std::nullopt;
  co_return std::move(records.front());
}

Task<std::optional<Record>> TableOperations::fetch_one(std::string table_or_sql) {
  if (is_sql(table_or_sql)) return fetch_first_of(std::move(table_or_sql), {});
  return fetch_first(std::move(table_or_sql), OperationOptions());
}

Task<std::optional<Record>> TableOperations::fetch_first_of(std::string sql,
                                                            std::vector<Datum> values) {
  std::vector<const Datum*> pointers;
  pointers.reserve(values.size());
  for (const Datum& value : values) pointers.push_back(&value);
  const Statement statement = executor().prepare(Sql(std::move(sql)));
  const Result result =
      co_await operators::DatumExecution(executor(), statement, operators::ParameterList{pointers});
  if (result.empty()) co_return std::nullopt;
  co_return Record(result.shared_shape(), result.front());
}

Task<std::optional<Record>> TableOperations::get_uuid(std::string table, Datum uuid,
                                                      OperationOptions options) {
  const Selection selection = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema), [&](const PreparedTable& prepared) {
        const std::uint32_t column = uuid_column(prepared);
        const TableColumn& wanted = prepared.table->columns[column];
        const bool parse = wanted.type == oid::uuid;
        return selection_by(prepared, column, parse ? operators::uuid_of(uuid, wanted) : uuid,
                            options);
      });
  co_return co_await core_->store().select_first(selection);
}

Task<std::optional<Record>> TableOperations::get_column(std::string table, std::string column,
                                                        Datum value, OperationOptions options) {
  const Selection selection = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema), [&](const PreparedTable& prepared) {
        const std::uint32_t found = operators::column_named(prepared, column, options.strict_names);
        const TableColumn& wanted = prepared.table->columns[found];
        const bool parse = wanted.type == oid::uuid;
        return selection_by(prepared, found, parse ? operators::uuid_of(value, wanted) : value,
                            options);
      });
  co_return co_await core_->store().select_first(selection);
}

Task<std::uint64_t> TableOperations::count_records(std::string table, OperationOptions options) {
  const Selection selection = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema),
      [&](const PreparedTable& prepared) { return operators::selection_of(prepared, options); });
  co_return co_await core_->store().count(selection);
}

Task<bool> TableOperations::has_table(std::string table, OperationOptions options) {
  const auto found = co_await core_->catalogue().read_again(
      operators::table_named(std::move(table), options.schema));
  co_return found != nullptr;
}

Task<std::shared_ptr<const Table>> TableOperations::read_table(std::string table,
                                                               OperationOptions options) {
  const auto found =
      co_await core_->find_again(operators::table_named(std::move(table), options.schema));
  co_return found->table;
}

Task<bool> TableOperations::schema_exists(std::string schema) {
  return core_->catalogue().has_schema(std::move(schema));
}

Task<void> TableOperations::create_schema(std::string schema) {
  return core_->store().create_schema(std::move(schema));
}

Task<Transaction> TableOperations::begin_in(std::string schema) {
  static_cast<void>(executor());
  const operators::Identifier identifier(schema, "schema");
  Transaction transaction = co_await core_->begin();
  const bool is_there = co_await transaction.execute(
      "SELECT set_config('search_path', $1, true) IS NOT NULL"
      " AND EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $2)",
      identifier.quoted(), schema, fetch_val_as<bool>);
  if (!is_there) {
    co_await transaction.rollback();
    throw SchemaError("Schema '" + operators::shown_name(schema) + "' not found.");
  }
  co_return transaction;
}

Executor& TableOperations::executor() {
  if (core_->executor() == nullptr)
    throw MockModeError("SQL cannot be run in mock mode: there is no database behind it");
  return *core_->executor();
}

const Datum& Inserted::id() const {
  if (!id_)
    throw QueryError(
        "the row has no id: its table has no primary key of one column, or it was not returned");
  return *id_;
}

}  // namespace pgreactor
