#pragma once
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <pgreactor/attempt.hpp>
#include <pgreactor/clauses.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/record.hpp>
#include <pgreactor/table_store.hpp>
#include <pgreactor/task.hpp>
#include <pgreactor/transaction.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace pgreactor {

namespace operators {
class Core;
}

/// The row that an insert or upsert left: a record, and as a parameter or a value its id.
///
///   auto user = co_await db.insert("users", record("name", "Jane"));
///   co_await db.execute_raw("SELECT * FROM posts WHERE user_id = $1", user);
class PGREACTOR_API Inserted : public Record {
 public:
  Inserted(Record record, std::optional<Datum> id, std::optional<bool> inserted)
      : Record(std::move(record)), id_(std::move(id)), inserted_(inserted) {}

  /// The value of its primary key. Errors  QueryError when the table has none of one column, or
  /// returning() left it out.
  const Datum& id() const;
  /// Was the row not there before? nullopt where the server cannot say.
  std::optional<bool> inserted() const noexcept { return inserted_; }

 private:
  std::optional<Datum> id_;
  std::optional<bool> inserted_;
};

/// Inserted -> a parameter: its id.
template <>
struct ValueCodec<Inserted> {
  static constexpr Oid natural_type = oid::unspecified;
  static constexpr FormatCode parameter_format(Oid) noexcept { return FormatCode::text; }
  static EncodeError encode(ByteBuffer& out, const Inserted& value, Oid type) {
    return ValueCodec<Datum>::encode(out, value.id(), type);
  }
  static DecodeError decode(Bytes, Oid, FormatCode, Inserted&) noexcept {
    return DecodeError::type_mismatch;
  }
};

/// One page of rows and how to ask for the next.
class Page {
 public:
  Page(std::vector<Record> records, std::string next)
      : records_(std::move(records)), next_(std::move(next)) {}
  const std::vector<Record>& records() const noexcept { return records_; }
  bool has_more() const noexcept { return !next_.empty(); }
  /// Opaque, for after(); empty behind the last page.
  const std::string& next() const noexcept { return next_; }

 private:
  std::vector<Record> records_;
  std::string next_;
};

/// Records in and out of tables: the standard methods.
///
/// Names     columns are matched as ColumnMatchError says: to the letter, then without regard to
///           case, style (userId, user_id) and number; a name that fits none, or two, is refused
///           wherever it stands. `table` may be "schema.table" where in_schema() does not say.
/// Errors    ColumnMatchError; SchemaError: no such table or schema, or a name that can be none;
///           QueryError and its subtypes, which name operation and table; ConnectionError.
/// Owner     what is given is kept until the task has ended; the operations outlive their tasks.
class PGREACTOR_API TableOperations {
 public:
  explicit TableOperations(std::shared_ptr<operators::Core> core) noexcept
      : core_(std::move(core)) {}

  /// The rows that the conditions hold for; none is no error.
  template <detail::FetchClause... Clauses>
  Task<std::vector<Record>> fetch(std::string table, Clauses&&... clauses) {
    return fetch_records(std::move(table), detail::options_of(std::forward<Clauses>(clauses)...));
  }
  template <detail::FetchClause... Clauses>
  Task<std::vector<Record>> fetch(std::string schema, std::string table, Clauses&&... clauses) {
    return fetch(std::move(table), in_schema(std::move(schema)), std::forward<Clauses>(clauses)...);
  }

  /// The first row that the conditions hold for. Errors  QueryError for a second one, if
  /// only_one().
  template <detail::FetchOneClause... Clauses>
    requires(sizeof...(Clauses) > 0)
  Task<std::optional<Record>> fetch_one(std::string table, Clauses&&... clauses) {
    return fetch_first(std::move(table), detail::options_of(std::forward<Clauses>(clauses)...));
  }
  /// The first row of a table; or of a statement, when the text has a blank and begins with SELECT,
  /// WITH, VALUES, TABLE, INSERT, UPDATE or DELETE.
  Task<std::optional<Record>> fetch_one(std::string table_or_sql);
  /// The first row of a statement with parameters:
  ///   co_await db.fetch_one("SELECT * FROM public.users WHERE id = $1", params(user_id));
  template <class First, class... Rest>
    requires(!detail::OperationClause<First>)
  Task<std::optional<Record>> fetch_one(std::string sql, First&& first, Rest&&... rest) {
    std::vector<Datum> values;
    add_values(values, std::forward<First>(first));
    (add_values(values, std::forward<Rest>(rest)), ...);
    return fetch_first_of(std::move(sql), std::move(values));
  }

  /// The row whose column `uuid`, else `id`, else primary key of one column, has this value.
  /// Errors  QueryError before anything is sent: the column is a uuid and the value is none.
  template <detail::GetClause... Clauses>
  Task<std::optional<Record>> get_by_uuid(std::string table, Datum uuid, Clauses&&... clauses) {
    return get_uuid(std::move(table), std::move(uuid),
                    detail::options_of(std::forward<Clauses>(clauses)...));
  }
  /// The row of that name in the column `name`, or in name_column("username").
  template <detail::GetByNameClause... Clauses>
  Task<std::optional<Record>> get_by_name(std::string table, Datum name, Clauses&&... clauses) {
    auto options = detail::options_of(std::forward<Clauses>(clauses)...);
    auto column = options.name_column.value_or("name");
    return get_column(std::move(table), std::move(column), std::move(name), std::move(options));
  }
  /// The row whose column has this value; of several, the first by the primary key.
  template <detail::GetClause... Clauses>
  Task<std::optional<Record>> get_by_column(std::string table, std::string column, Datum value,
                                            Clauses&&... clauses) {
    return get_column(std::move(table), std::move(column), std::move(value),
                      detail::options_of(std::forward<Clauses>(clauses)...));
  }

  /// A new row; columns that the record does not have get their defaults.
  template <detail::InsertClause... Clauses>
  Task<Inserted> insert(std::string table, Record data, Clauses&&... clauses) {
    return insert_record(std::move(table), std::move(data),
                         detail::options_of(std::forward<Clauses>(clauses)...));
  }
  template <detail::InsertClause... Clauses>
  Task<Inserted> insert(std::string schema, std::string table, Record data, Clauses&&... clauses) {
    return insert(std::move(table), std::move(data), in_schema(std::move(schema)),
                  std::forward<Clauses>(clauses)...);
  }
  /// Rows in the order of `data`, all or none. More than a thousand with returning_nothing() go by
  /// COPY, which no rewriting rule of the table sees. Other long lists may go in parts, in a
  /// transaction; within one that is a savepoint, which is rolled back when one is refused.
  template <detail::InsertClause... Clauses>
  Task<std::vector<Inserted>> insert_many(std::string table, std::vector<Record> data,
                                          Clauses&&... clauses) {
    return insert_records(std::move(table), std::move(data),
                          detail::options_of(std::forward<Clauses>(clauses)...));
  }

  /// Sets the fields of `data` in the rows that the conditions hold for, and gives those rows.
  /// Errors  QueryError, with nothing sent: no data, or no condition and no all_rows().
  template <detail::UpdateClause... Clauses>
  Task<std::vector<Record>> update(std::string table, Record data, Clauses&&... clauses) {
    return update_records(std::move(table), std::move(data),
                          detail::options_of(std::forward<Clauses>(clauses)...));
  }
  template <detail::UpdateClause... Clauses>
  Task<std::vector<Record>> update(std::string schema, std::string table, Record data,
                                   Clauses&&... clauses) {
    return update(std::move(table), std::move(data), in_schema(std::move(schema)),
                  std::forward<Clauses>(clauses)...);
  }

  /// A new row, or new values for the one of the same unique columns, in one statement. Does not
  /// write `id` and `created_at` of a row that is there.
  /// Errors  SchemaError naming the unique keys there are, when those columns are none; QueryError
  /// when there are none, or `data` has no value for one.
  template <detail::UpsertClause... Clauses>
  Task<Inserted> upsert(std::string table, Record data, std::vector<std::string> unique_columns,
                        Clauses&&... clauses) {
    return upsert_record(std::move(table), std::move(data), std::move(unique_columns),
                         detail::options_of(std::forward<Clauses>(clauses)...));
  }
  template <detail::UpsertClause... Clauses>
  Task<Inserted> upsert(std::string table, Record data, std::string unique_column,
                        Clauses&&... clauses) {
    std::vector<std::string> key;
    key.push_back(std::move(unique_column));
    return upsert(std::move(table), std::move(data), std::move(key),
                  std::forward<Clauses>(clauses)...);
  }
  /// What upsert() does with each of them, in the order of `data`, all or none: a record may refer
  /// to one before it. Of records with the same key, wherever they stand, the last one alone
  /// counts, in the place of the first; the result has a row for each key, but for those that a
  /// trigger of the table kept from being written. A key with NULL or column_default in it is no
  /// other's equal.
  /// Units   a statement for consecutive records that have the same columns. Long lists may go in
  ///         parts, and by on_conflict(OnConflict::nothing) each row that is wanted back by itself.
  ///         Several statements go in a transaction; within one that is a savepoint, which is
  ///         rolled back when one is refused, so that the transaction around it stays usable.
  /// Errors  as upsert(): for a name, or a value that is missing, before anything is sent, and
  ///         with the number of the record, from 1, that has no value. For a value that does not
  ///         fit its column when its statement would be sent; those before it are undone.
  template <detail::UpsertClause... Clauses>
  Task<std::vector<Inserted>> upsert_many(std::string table, std::vector<Record> data,
                                          std::vector<std::string> unique_columns,
                                          Clauses&&... clauses) {
    return upsert_records(std::move(table), std::move(data), std::move(unique_columns),
                          detail::options_of(std::forward<Clauses>(clauses)...));
  }

  /// Deletes the rows that the conditions hold for, and says how many (`delete` is a C++ keyword).
  /// Errors  QueryError, with nothing sent: no condition and no all_rows().
  template <detail::RemoveClause... Clauses>
  Task<std::uint64_t> remove(std::string table, Clauses&&... clauses) {
    return remove_records(std::move(table), detail::options_of(std::forward<Clauses>(clauses)...));
  }

  /// How many rows the conditions hold for.
  template <detail::CountClause... Clauses>
  Task<std::uint64_t> count(std::string table, Clauses&&... clauses) {
    return count_records(std::move(table), detail::options_of(std::forward<Clauses>(clauses)...));
  }

  /// Rows in an order, `limit()` at a time (100 without it); `after` is next() of the page before,
  /// or "". The primary key is appended to the order, so that no row is lost or comes twice.
  /// Errors  QueryError: `after` is of another order, the table has no primary key, or a column of
  ///         the order is an array, a composite or json.
  template <detail::PageClause... Clauses>
  Task<Page> fetch_page(std::string table, std::string after, Clauses&&... clauses) {
    return fetch_page_of(std::move(table), std::move(after),
                         detail::options_of(std::forward<Clauses>(clauses)...));
  }

  /// Tables, views, partitioned and foreign tables alike.
  template <detail::TableClause... Clauses>
  Task<bool> table_exists(std::string table, Clauses&&... clauses) {
    return has_table(std::move(table), detail::options_of(std::forward<Clauses>(clauses)...));
  }
  /// The table as it is now: what mode mock can be given by table_to_json(), for one.
  /// Errors  SchemaError when there is none.
  template <detail::TableClause... Clauses>
  Task<std::shared_ptr<const Table>> describe_table(std::string table, Clauses&&... clauses) {
    return read_table(std::move(table), detail::options_of(std::forward<Clauses>(clauses)...));
  }
  Task<bool> schema_exists(std::string schema);
  /// Does nothing when it is there, also when another creates it at the same time.
  Task<void> create_schema(std::string schema);

  /// Runs SQL: arguments and results as Executor::execute.
  template <class... Arguments>
    requires(!detail::OperationClause<Arguments> && ...)
  auto execute_raw(Sql sql, Arguments&&... arguments) {
    return executor().execute(std::move(sql), std::forward<Arguments>(arguments)...);
  }
  /// The same with names looked up in that schema first, for this statement alone:
  ///   co_await db.execute_raw("SELECT * FROM content", in_schema("b2b_saas"));
  /// In a transaction of its own (a savepoint within one). Errors  SchemaError: there is none.
  template <detail::TableClause Schema, class... Arguments>
  auto execute_raw(Sql sql, Schema schema, Arguments&&... arguments) {
    return execute_in(
        std::move(schema), std::move(sql),
        std::tuple<std::decay_t<Arguments>...>(std::forward<Arguments>(arguments)...));
  }

  /// For the library.
  const std::shared_ptr<operators::Core>& core() const noexcept { return core_; }

 protected:
  /// Errors  MockModeError (a QueryError) when there is no database behind it.
  Executor& executor();

 private:
  template <class... Arguments>
  using Executed =
      std::remove_cvref_t<detail::AwaitResult<decltype(std::declval<Executor&>().execute(
          std::declval<Sql>(), std::declval<Arguments&>()...))>>;
  template <class Schema, class... Arguments>
  Task<Executed<Arguments...>> execute_in(Schema schema, Sql sql,
                                          std::tuple<Arguments...> arguments) {
    auto options = detail::options_of(std::move(schema));
    Transaction transaction = co_await begin_in(options.schema.value_or("public"));
    auto attempt = co_await as_attempt(std::apply(
        [&](auto&... each) { return transaction.execute(std::move(sql), each...); }, arguments));
    if (!attempt) {  // a savepoint is undone, so that the transaction around it goes on
      static_cast<void>(co_await as_attempt(transaction.rollback()));
      std::rethrow_exception(attempt.thrown());
    }
    co_await transaction.commit();
    co_return std::move(attempt).value();
  }
  Task<Transaction> begin_in(std::string schema);

  static void add_values(std::vector<Datum>& values, Datum value) {
    values.push_back(std::move(value));
  }
  template <class... Held>
  static void add_values(std::vector<Datum>& values, Params<Held...> list) {
    std::apply([&](const auto&... each) { (values.emplace_back(each.get()), ...); }, list.values());
  }
  template <class... Ts>
  static void add_values(std::vector<Datum>& values, const std::tuple<Ts...>& list) {
    std::apply([&](const auto&... each) { (values.emplace_back(each), ...); }, list);
  }

  Task<std::vector<Record>> fetch_records(std::string table, OperationOptions options);
  Task<std::optional<Record>> fetch_first(std::string table, OperationOptions options);
  Task<std::optional<Record>> fetch_first_of(std::string sql, std::vector<Datum> values);
  Task<std::optional<Record>> get_uuid(std::string table, Datum uuid, OperationOptions options);
  Task<std::optional<Record>> get_column(std::string table, std::string column, Datum value,
                                         OperationOptions options);
  Task<Inserted> insert_record(std::string table, Record data, OperationOptions options);
  Task<std::vector<Inserted>> insert_records(std::string table, std::vector<Record> data,
                                             OperationOptions options);
  Task<std::vector<Record>> update_records(std::string table, Record data,
                                           OperationOptions options);
  Task<Inserted> upsert_record(std::string table, Record data,
                               std::vector<std::string> unique_columns, OperationOptions options);
  Task<std::vector<Inserted>> upsert_records(std::string table, std::vector<Record> data,
                                             std::vector<std::string> unique_columns,
                                             OperationOptions options);
  Task<std::uint64_t> remove_records(std::string table, OperationOptions options);
  Task<std::uint64_t> count_records(std::string table, OperationOptions options);
  Task<Page> fetch_page_of(std::string table, std::string after, OperationOptions options);
  Task<bool> has_table(std::string table, OperationOptions options);
  Task<std::shared_ptr<const Table>> read_table(std::string table, OperationOptions options);

  std::shared_ptr<operators::Core> core_;
};

}  // namespace pgreactor
