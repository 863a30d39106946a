#pragma once
#include <concepts>
#include <cstdint>
#include <pgreactor/condition.hpp>
#include <pgreactor/copy.hpp>
#include <pgreactor/record.hpp>
#include <type_traits>
#include <utility>

// Which clauses an operation on a table takes. A call with one that would mean nothing to it does
// not compile: a limit that remove() ignored would be rows lost.
namespace pgreactor::detail {

enum class ClauseKind : std::uint8_t {
  schema,
  condition,
  strict_names,
  columns,
  order,
  nulls,
  limit,
  offset,
  row_lock,
  only_one,
  name_column,
  returning_nothing,
  overriding_identity,
  on_conflict,
  max_affected,
  expected_version,
  all_rows,
};

/// A clause is what changes the options of its operation.
template <ClauseKind Kind, class Change>
class Clause {
 public:
  explicit Clause(Change change) : change_(std::move(change)) {}
  template <class Options>
  void apply(Options& options) && {
    std::move(change_)(options);
  }

 private:
  Change change_;
};
template <ClauseKind Kind, class Change>
Clause<Kind, Change> clause(Change change) {
  return Clause<Kind, Change>(std::move(change));
}

template <class T>
struct KindOfClause {};
template <ClauseKind Kind, class Change>
struct KindOfClause<Clause<Kind, Change>> : std::integral_constant<ClauseKind, Kind> {};
template <>
struct KindOfClause<Condition> : std::integral_constant<ClauseKind, ClauseKind::condition> {};
template <>  // a Record as equalities
struct KindOfClause<Record> : std::integral_constant<ClauseKind, ClauseKind::condition> {};
template <>
struct KindOfClause<ColumnNames> : std::integral_constant<ClauseKind, ClauseKind::columns> {};

template <class T>
concept OperationClause = requires { KindOfClause<std::remove_cvref_t<T>>::value; };

template <class T, ClauseKind... Kinds>
concept ClauseOf =
    OperationClause<T> && ((KindOfClause<std::remove_cvref_t<T>>::value == Kinds) || ...);

/// Of operations that take the name of a table and nothing that says which rows.
template <class T>
concept TableClause = ClauseOf<T, ClauseKind::schema>;
template <class T>
concept CountClause =
    TableClause<T> || ClauseOf<T, ClauseKind::condition, ClauseKind::strict_names>;
/// get_by_column, get_by_uuid: of several rows the first of the order.
template <class T>
concept GetClause =
    CountClause<T> ||
    ClauseOf<T, ClauseKind::columns, ClauseKind::order, ClauseKind::nulls, ClauseKind::row_lock>;
template <class T>
concept GetByNameClause = GetClause<T> || ClauseOf<T, ClauseKind::name_column>;
template <class T>
concept FetchOneClause = GetClause<T> || ClauseOf<T, ClauseKind::offset, ClauseKind::only_one>;
template <class T>
concept FetchClause = GetClause<T> || ClauseOf<T, ClauseKind::limit, ClauseKind::offset>;
template <class T>
concept PageClause = GetClause<T> || ClauseOf<T, ClauseKind::limit>;

template <class T>
concept WriteClause =
    TableClause<T> ||
    ClauseOf<T, ClauseKind::strict_names, ClauseKind::columns, ClauseKind::returning_nothing>;
template <class T>
concept InsertClause = WriteClause<T> || ClauseOf<T, ClauseKind::overriding_identity>;
template <class T>
concept UpsertClause = InsertClause<T> || ClauseOf<T, ClauseKind::on_conflict>;
template <class T>
concept UpdateClause =
    WriteClause<T> || ClauseOf<T, ClauseKind::condition, ClauseKind::max_affected,
                               ClauseKind::expected_version, ClauseKind::all_rows>;
template <class T>
concept RemoveClause =
    CountClause<T> || ClauseOf<T, ClauseKind::max_affected, ClauseKind::all_rows>;

}  // namespace pgreactor::detail
