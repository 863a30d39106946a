#include "src/operator/sql_store.hpp"

#include <algorithm>
#include <pgreactor/batch.hpp>
#include <pgreactor/query_errors.hpp>
#include <pgreactor/values/all.hpp>
#include <utility>

#include "src/operator/copy_rows.hpp"
#include "src/operator/datum_execution.hpp"
#include "src/operator/identifier.hpp"
#include "src/operator/operation_error.hpp"
#include "src/operator/sql_text.hpp"
#include "src/operator/writing.hpp"

namespace pgreactor::operators {
namespace {

// A message counts its parameters by an unsigned 16-bit number.
constexpr std::size_t most_parameters = 65'535;

std::vector<Record> records_of(const Result& result) {
  std::vector<Record> records;
  records.reserve(result.size());
  for (const RowView row : result) records.emplace_back(result.shared_shape(), row);
  return records;
}

/// Takes the flag behind the columns that were asked for.
Written with_inserted(const Result& result) {
  std::vector<Column> columns = result.shape().columns();
  columns.pop_back();
  const auto shape = std::make_shared<const ResultShape>(std::move(columns));
  std::vector<Record> records;
  std::vector<std::optional<bool>> inserted;
  for (const RowView row : result) {
    std::vector<Datum> values;
    values.reserve(shape->size());
    for (std::size_t i = 0; i < shape->size(); ++i) {
      const auto value = row[i].as<std::optional<Datum>>();
      values.push_back(value.value_or(Datum()));
    }
    records.emplace_back(shape, std::move(values));
    inserted.emplace_back(row[shape->size()].as<bool>());
  }
  Written written(std::move(records), result.affected_rows());
  written.set_inserted(std::move(inserted));
  return written;
}

Written written_of(const Insertion& insertion, const Result& result) {
  if (tells_inserted(insertion)) return with_inserted(result);
  if (insertion.on_conflict == OnConflict::fail)
    return Written(records_of(result), result.affected_rows());
  Written written(records_of(result), result.affected_rows());
  written.set_inserted(std::vector<std::optional<bool>>(result.size()));
  return written;
}
template <class Request>
Written written_of(const Request&, const Result& result) {
  return Written(records_of(result), result.affected_rows());
}

Insertion part_of(const Insertion& whole, std::size_t from, std::size_t count) {
  Insertion part = whole;
  part.rows.assign(whole.rows.begin() + static_cast<std::ptrdiff_t>(from),
                   whole.rows.begin() + static_cast<std::ptrdiff_t>(from + count));
  return part;
}

void append(std::vector<Record>& records, std::vector<std::optional<bool>>& inserted,
            Written part) {
  inserted.insert(inserted.end(), part.inserted().begin(), part.inserted().end());
  for (Record& record : std::move(part).records()) records.push_back(std::move(record));
}

}  // namespace

void SqlStore::rethrow(const char* operation, const Table& table, const std::optional<Shape>& shape,
                       const Error& error) {
  if (may_be_stale(error)) catalogue_.forget(table.name);
  rethrow_named(operation, table, shape ? shape->parameters(table) : ParameterList(), error);
}

Task<std::vector<Record>> SqlStore::select(const Selection& selection) {
  std::optional<Shape> shape;
  try {
    shape.emplace(selection);
    const Statement& statement =
        texts_->find(executor_, selection.table, *shape, [&] { return text_of(selection); });
    const Result result =
        co_await DatumExecution(executor_, statement, shape->parameters(*selection.table));
    co_return records_of(result);
  } catch (const Error& error) {
    rethrow("fetch from", *selection.table, shape, error);
  }
}

Task<std::optional<Record>> SqlStore::select_first(const Selection& selection) {
  std::optional<Shape> shape;
  try {
    shape.emplace(selection);
    const Statement& statement =
        texts_->find(executor_, selection.table, *shape, [&] { return text_of(selection); });
    const auto row =
        co_await DatumRowExecution(executor_, statement, shape->parameters(*selection.table));
    if (!row) co_return std::nullopt;
    co_return std::optional<Record>(std::in_place, *row);
  } catch (const Error& error) {
    rethrow("fetch from", *selection.table, shape, error);
  }
}

Task<std::uint64_t> SqlStore::count(const Selection& selection) {
  const Counted counted(selection);
  std::optional<Shape> shape;
  try {
    shape.emplace(counted);
    const Statement& statement =
        texts_->find(executor_, selection.table, *shape, [&] { return text_of(counted); });
    const Result result =
        co_await DatumExecution(executor_, statement, shape->parameters(*selection.table));
    co_return result.front().get<std::uint64_t>(0);
  } catch (const Error& error) {
    rethrow("count of", *selection.table, shape, error);
  }
}

template <class Request>
Task<Written> SqlStore::write(Executor& executor, const char* operation, const Request& request) {
  std::optional<Shape> shape;
  try {
    shape.emplace(request);
    const Statement& statement =
        texts_->find(executor, request.table, *shape, [&] { return text_of(request); });
    const Result result =
        co_await DatumExecution(executor, statement, shape->parameters(*request.table));
    co_return written_of(request, result);
  } catch (const Error& error) {
    rethrow(operation, *request.table, shape, error);
  }
}

template <class Request>
Task<Written> SqlStore::write_guarded(const char* operation, const Request& request) {
  if (!request.max_affected) co_return co_await write(executor_, operation, request);
  const auto body = [&](Transaction& transaction) -> Task<Written> {
    Written written = co_await write(transaction, operation, request);
    if (written.affected() <= *request.max_affected) co_return written;
    co_await transaction.rollback();
    throw ConflictError(std::string(operation) + " " + shown_table_of(*request.table) + ": " +
                            std::to_string(written.affected()) +
                            " rows would be affected, at most " +
                            std::to_string(*request.max_affected) + " may be; nothing was done",
                        Outcome::rolled_back);
  };
  co_return co_await in_transaction(&executor_, begin_, body);
}

Task<Written> SqlStore::update(const Alteration& alteration) {
  return write_guarded("update of", alteration);
}
Task<Written> SqlStore::remove(const Removal& removal) {
  return write_guarded("delete from", removal);
}

Task<Written> SqlStore::insert(const Insertion& insertion) {
  return goes_as_copy(insertion) ? insert_by_copy(insertion) : insert_by_statements(insertion);
}

// In a transaction of its own (a savepoint within one), so that rows which no COPY may write, as
// under row-level security, can still be inserted.
Task<Written> SqlStore::insert_by_copy(const Insertion& insertion) {
  const auto body = [&](Transaction& transaction) -> Task<std::optional<std::uint64_t>> {
    try {
      co_return co_await copy_rows(transaction, insertion);
    } catch (const Error& error) {
      if (error.sqlstate() != "0A000")  // feature_not_supported
        rethrow("insert into", *insertion.table, std::nullopt, error);
    }
    co_await transaction.rollback();
    co_return std::nullopt;
  };
  const std::optional<std::uint64_t> copied = co_await in_transaction(&executor_, begin_, body);
  if (!copied) co_return co_await insert_by_statements(insertion);
  co_return Written({}, *copied);
}

Task<Written> SqlStore::insert_by_statements(const Insertion& insertion) {
  const std::size_t rows = insertion.rows.size();
  if (insertion.on_conflict == OnConflict::nothing && insertion.wants_records)
    return rows == 1 ? insert_one_or_find(executor_, insertion) : insert_in_parts(insertion, 1);
  if (rows <= 1 || goes_as_arrays(insertion) ||
      (rows <= most_listed_rows && rows * insertion.columns.size() <= most_parameters))
    return write(executor_, "insert into", insertion);
  const std::size_t each = most_parameters / std::max<std::size_t>(insertion.columns.size(), 1);
  return insert_in_parts(insertion, std::clamp<std::size_t>(each, 1, most_listed_rows));
}

Task<Written> SqlStore::insert_part(Executor& executor, const Insertion& part) {
  if (part.on_conflict == OnConflict::nothing && part.wants_records)
    return insert_one_or_find(executor, part);
  return write(executor, "insert into", part);
}

Task<Written> SqlStore::insert_in_parts(const Insertion& insertion, std::size_t rows_each) {
  std::vector<Record> records;
  std::vector<std::optional<bool>> inserted;
  const auto body = [&](Transaction& transaction) -> Task<Written> {
    std::uint64_t affected = 0;
    for (std::size_t at = 0; at < insertion.rows.size(); at += rows_each) {
      const Insertion part =
          part_of(insertion, at, std::min(rows_each, insertion.rows.size() - at));
      Written written = co_await insert_part(transaction, part);
      affected += written.affected();
      append(records, inserted, std::move(written));
    }
    Written all(std::move(records), affected);
    all.set_inserted(std::move(inserted));
    co_return all;
  };
  co_return co_await in_transaction(&executor_, begin_, body);
}

// The row that is in the way may be gone again before it is read: then the insert is tried again.
Task<Written> SqlStore::insert_one_or_find(Executor& executor, const Insertion& insertion) {
  constexpr int most_attempts = 5;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    Written written = co_await write(executor, "insert into", insertion);
    if (!written.records().empty()) co_return written;
    Selection existing;
    existing.table = insertion.table;
    existing.columns = insertion.returning;
    std::vector<Condition> parts;
    for (const std::uint32_t column : insertion.key) {
      const auto at = std::find(insertion.columns.begin(), insertion.columns.end(), column);
      Condition part(
          insertion.table->columns[column].name,
          Test(Comparison::equal,
               insertion.rows.front()[static_cast<std::size_t>(at - insertion.columns.begin())]));
      part.set_column(column);
      parts.push_back(std::move(part));
    }
    existing.where = Condition::all(std::move(parts));
    const Shape shape(existing);
    const Statement& statement =
        texts_->find(executor, existing.table, shape, [&] { return text_of(existing); });
    const Result result =
        co_await DatumExecution(executor, statement, shape.parameters(*existing.table));
    if (result.empty()) continue;
    Written found(records_of(result), 0);
    found.set_inserted({false});
    co_return found;
  }
  throw ConflictError("insert into " + shown_table_of(*insertion.table) +
                          ": a row of the same key is in the way and cannot be seen",
                      Outcome::rolled_back);
}

Task<void> SqlStore::create_schema(std::string name) {
  // IF NOT EXISTS alone lets two that come at once collide in pg_namespace.
  constexpr std::int64_t lock = 0x7067'7265'6163'746f;
  const std::string sql = "CREATE SCHEMA IF NOT EXISTS " + Identifier(name, "schema").quoted();
  Batch batch(executor_);
  batch.add("SELECT pg_advisory_xact_lock($1)", lock);
  batch.add(Sql(sql));
  co_await batch.run();
}

StatementTexts::OfTable& StatementTexts::of_table(const std::shared_ptr<const Table>& table) {
  if (const auto found = tables_.find(table.get()); found != tables_.end()) return found->second;
  if (tables_.size() >= most_tables) tables_.clear();
  OfTable& entry = tables_[table.get()];
  entry.table = table;
  return entry;
}

}  // namespace pgreactor::operators
