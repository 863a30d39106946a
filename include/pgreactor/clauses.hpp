#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <pgreactor/clause_kinds.hpp>
#include <pgreactor/condition.hpp>
#include <pgreactor/copy.hpp>
#include <pgreactor/record.hpp>
#include <pgreactor/table_store.hpp>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// What an operation on a table may be told beside its data, in any order:
//
//   co_await db.fetch("users", where("role", "admin"), order_by("-created_at"), limit(10),
//                     in_schema("public"));
//
// A clause that would mean nothing to an operation does not compile there.
//
// clause                                            taken by
// in_schema                                         all
// a condition                                       all but insert, upsert, table_exists, describe
// strict_names                                      all but table_exists, describe_table
// columns, returning                                fetch, fetch_one, fetch_page, get_by_..., and
//                                                   insert, upsert, update
// order_by, nulls, for_update, row_lock             fetch, fetch_one, fetch_page, get_by_...
// limit                                             fetch, fetch_page
// offset                                            fetch, fetch_one
// only_one; name_column                             fetch_one; get_by_name
// returning_nothing                                 insert, upsert, update
// overriding_identity; on_conflict                  insert, upsert; upsert
// max_affected, all_rows; expected_version          update, remove; update
namespace pgreactor {

/// All clauses of one operation.
class OperationOptions {
 public:
  OperationOptions() = default;
  explicit OperationOptions(std::string in_schema) : schema(std::move(in_schema)) {}

  std::optional<std::string> schema;  ///< "public" when not given
  Condition where;
  std::vector<std::string> order;    ///< "name", or "-name" for descending
  std::vector<std::string> columns;  ///< of rows read or returned; empty: all that may be read
  std::optional<std::int64_t> limit;
  std::int64_t offset = 0;
  Nulls nulls = Nulls::by_direction;
  RowLock lock = RowLock::none;
  LockWait lock_wait = LockWait::wait;
  std::optional<std::uint64_t> max_affected;
  std::optional<std::int64_t> expected_version;
  std::optional<std::string> version_column;  ///< "version" when not given
  std::optional<std::string> name_column;     ///< "name" when not given
  bool all_rows = false;
  bool strict_names = false;
  bool only_one = false;
  bool wants_records = true;
  bool overriding_identity = false;
  OnConflict on_conflict = OnConflict::update;
};

namespace detail {
template <OperationClause T>
void add_clause(OperationOptions& options, T&& clause) {
  using Plain = std::remove_cvref_t<T>;
  if constexpr (std::same_as<Plain, Condition>)
    options.where = std::move(options.where) && Condition(std::forward<T>(clause));
  else if constexpr (std::same_as<Plain, Record>)
    options.where = std::move(options.where) && pgreactor::where(clause);
  else if constexpr (std::same_as<Plain, ColumnNames>)
    options.columns = clause.names();
  else
    Plain(std::forward<T>(clause)).apply(options);
}
template <OperationClause... Clauses>
OperationOptions options_of(Clauses&&... clauses) {
  OperationOptions options;
  (add_clause(options, std::forward<Clauses>(clauses)), ...);
  return options;
}
}  // namespace detail

/// The schema of the table, "public" without it.
inline auto in_schema(std::string name) {
  return detail::clause<detail::ClauseKind::schema>(
      [name = std::move(name)](OperationOptions& options) mutable {
        options.schema = std::move(name);
      });
}
/// Rows in this order: "name" ascending, "-created_at" descending.
template <class... Names>
  requires(std::convertible_to<Names, std::string> && ...)
auto order_by(Names&&... names) {
  std::vector<std::string> order;
  (order.emplace_back(std::forward<Names>(names)), ...);
  return detail::clause<detail::ClauseKind::order>(
      [order = std::move(order)](OperationOptions& options) mutable {
        options.order = std::move(order);
      });
}
/// NULLs at one end of the order, whichever way it goes.
inline auto nulls(Nulls where_to) {
  return detail::clause<detail::ClauseKind::nulls>(
      [where_to](OperationOptions& options) { options.nulls = where_to; });
}
/// At most so many rows; 0 gives none without asking. Errors  QueryError when it is negative.
inline auto limit(std::int64_t rows) {
  return detail::clause<detail::ClauseKind::limit>(
      [rows](OperationOptions& options) { options.limit = rows; });
}
inline auto offset(std::int64_t rows) {
  return detail::clause<detail::ClauseKind::offset>(
      [rows](OperationOptions& options) { options.offset = rows; });
}
/// What a write gives back of its rows: only these columns, in this order. Of rows that are read,
/// columns("name", "age") says the same.
template <class... Names>
  requires(std::convertible_to<Names, std::string> && ...)
auto returning(Names&&... names) {
  return columns(std::forward<Names>(names)...);
}
/// A write gives no rows back: its result is empty.
inline auto returning_nothing() {
  return detail::clause<detail::ClauseKind::returning_nothing>(
      [](OperationOptions& options) { options.wants_records = false; });
}
/// Locks the rows that are read until the transaction ends.
inline auto for_update(LockWait wait = LockWait::wait) {
  return detail::clause<detail::ClauseKind::row_lock>([wait](OperationOptions& options) {
    options.lock = RowLock::update;
    options.lock_wait = wait;
  });
}
inline auto row_lock(RowLock lock, LockWait wait = LockWait::wait) {
  return detail::clause<detail::ClauseKind::row_lock>([lock, wait](OperationOptions& options) {
    options.lock = lock;
    options.lock_wait = wait;
  });
}
/// An update or remove of more rows does nothing and throws ConflictError.
inline auto max_affected(std::uint64_t rows) {
  return detail::clause<detail::ClauseKind::max_affected>(
      [rows](OperationOptions& options) { options.max_affected = rows; });
}
/// An update of a row that has this version, which goes up by one. Another version, or no row:
/// ConflictError, NotFoundError.
inline auto expected_version(std::int64_t version, std::string column = "version") {
  return detail::clause<detail::ClauseKind::expected_version>(
      [version, column = std::move(column)](OperationOptions& options) mutable {
        options.expected_version = version;
        options.version_column = std::move(column);
      });
}
/// An update or remove without a condition is meant.
inline auto all_rows() {
  return detail::clause<detail::ClauseKind::all_rows>(
      [](OperationOptions& options) { options.all_rows = true; });
}
/// Columns are named to the letter, or not at all.
inline auto strict_names() {
  return detail::clause<detail::ClauseKind::strict_names>(
      [](OperationOptions& options) { options.strict_names = true; });
}
/// fetch_one: QueryError when the condition holds for two rows.
inline auto only_one() {
  return detail::clause<detail::ClauseKind::only_one>(
      [](OperationOptions& options) { options.only_one = true; });
}
/// get_by_name: the column that has the name.
inline auto name_column(std::string name) {
  return detail::clause<detail::ClauseKind::name_column>(
      [name = std::move(name)](OperationOptions& options) mutable {
        options.name_column = std::move(name);
      });
}
/// insert: a value for a column that is GENERATED ALWAYS AS IDENTITY.
inline auto overriding_identity() {
  return detail::clause<detail::ClauseKind::overriding_identity>(
      [](OperationOptions& options) { options.overriding_identity = true; });
}
/// upsert: what becomes of a row of the same key, OnConflict::update without it.
inline auto on_conflict(OnConflict action) {
  return detail::clause<detail::ClauseKind::on_conflict>(
      [action](OperationOptions& options) { options.on_conflict = action; });
}

}  // namespace pgreactor
