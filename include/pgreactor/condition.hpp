#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <pgreactor/datum.hpp>
#include <pgreactor/detail/frame_pool.hpp>
#include <pgreactor/detail/short_list.hpp>
#include <pgreactor/export.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pgreactor {

/// How a column is compared. The SQL of each stands beside it; $n are its values.
enum class Comparison : std::uint8_t {
  equal,               ///< c = $1; IS NULL for NULL; = ANY($1) for a list, none of an empty one
  not_equal,           ///< c <> $1; IS NOT NULL for NULL; <> ALL($1) for a list
  greater,             ///< c > $1
  greater_equal,       ///< c >= $1
  less,                ///< c < $1
  less_equal,          ///< c <= $1
  between,             ///< c BETWEEN $1 AND $2, ends included
  in,                  ///< c = ANY($1); false for an empty list
  not_in,              ///< c <> ALL($1); true for an empty list
  like,                ///< c LIKE $1
  not_like,            ///< c NOT LIKE $1
  ilike,               ///< c ILIKE $1
  not_ilike,           ///< c NOT ILIKE $1
  starts_with,         ///< c LIKE 'text%', the wildcards of the text escaped; likewise the next two
  ends_with,           ///< c LIKE '%text'
  contains,            ///< c LIKE '%text%'
  regex,               ///< c ~ $1
  iregex,              ///< c ~* $1
  is_null,             ///< c IS NULL
  is_not_null,         ///< c IS NOT NULL
  is_distinct,         ///< c IS DISTINCT FROM $1
  is_not_distinct,     ///< c IS NOT DISTINCT FROM $1
  array_contains,      ///< c @> $1, arrays
  array_contained_by,  ///< c <@ $1, arrays
  array_overlaps,      ///< c && $1, arrays
  json_contains,       ///< c @> $1, jsonb
  json_contained_by,   ///< c <@ $1, jsonb
  has_key,             ///< c ? $1, jsonb
  has_any_key,         ///< c ?| $1, jsonb
  has_all_keys,        ///< c ?& $1, jsonb
  full_text,           ///< to_tsvector(c) @@ websearch_to_tsquery($1)
};

/// A comparison and its values, without the column: gt(18), like("J%") ...
class PGREACTOR_API Test {
 public:
  explicit Test(Comparison comparison) noexcept : comparison_(comparison) {}
  template <class... Values>
  explicit Test(Comparison comparison, Values&&... values) : comparison_(comparison) {
    (values_.push_back(Datum(std::forward<Values>(values))), ...);
  }
  Comparison comparison() const noexcept { return comparison_; }
  std::span<const Datum> values() const noexcept { return values_.elements(); }

 private:
  friend class Condition;

  Comparison comparison_;
  detail::ShortList<Datum, 2> values_;
};

/// Which rows: comparisons of columns, joined by and, or and not. Made by where() and its kin.
///
///   where("role", "admin", "age", gt(18))                  role = $1 AND age > $2
///   where("role", array("admin", "owner"))                 role = ANY($1)
///   where("deleted_at", nullptr) || !where("age", lt(18))
///   where("metadata->seo->>title", like("%a%"))            a path into a JSON column
///   raw_condition("lower(name) = lower($1)", name)         SQL of the caller's, with its values
///
/// Shape   without any comparison it holds for every row, which update() and remove() refuse. A
///         chain of && or of || is one list of parts, however long.
/// Errors  QueryError, by what joins them: conditions in more than 1,000 others.
class PGREACTOR_API Condition {
 public:
  enum class Kind : std::uint8_t { all, any, negation, comparison, raw };
  static constexpr std::uint32_t unresolved = std::numeric_limits<std::uint32_t>::max();
  /// Conditions within each other: each level is a call for whoever walks through them, and for the
  /// destructor.
  static constexpr std::uint32_t deepest = 1'000;

  /// Holds for every row.
  Condition() noexcept = default;
  /// Errors  QueryError when the test has another number of values than its comparison takes.
  Condition(std::string column, Test test);
  Condition(const Condition& other);
  Condition(Condition&& other) noexcept;
  Condition& operator=(Condition other) noexcept;
  ~Condition();

  static Condition all(std::vector<Condition> parts);
  static Condition any(std::vector<Condition> parts);
  static Condition negation(Condition part);
  /// `sql` has $1, $2 ... for the values, each at least once.
  static Condition raw(std::string sql, std::vector<Datum> values);

  Kind kind() const noexcept;
  /// Has it no comparison and no SQL of the caller's in it? An any() of nothing holds for no row,
  /// and is not empty.
  bool is_empty() const noexcept { return node_ == nullptr; }
  /// Of all, any and negation (one part).
  std::span<const Condition> parts() const noexcept;
  /// Of raw: its SQL; of a comparison: the column's name as the caller wrote it, without a path.
  const std::string& text() const noexcept;
  /// The keys and indexes below a JSON column; empty for the column itself.
  const std::vector<std::string>& path() const noexcept;
  /// Does the path end by ->> and give text, not JSON?
  bool path_gives_text() const noexcept;
  Comparison comparison() const noexcept;
  std::span<const Datum> values() const noexcept;

  /// For the library: the position of the column in its table, once that is known.
  std::uint32_t column() const noexcept;
  void set_column(std::uint32_t column) noexcept;
  std::span<Condition> parts() noexcept;
  std::span<Datum> values() noexcept;

  friend Condition operator&&(Condition a, Condition b) {
    return join(Kind::all, std::move(a), std::move(b));
  }
  friend Condition operator||(Condition a, Condition b) {
    return join(Kind::any, std::move(a), std::move(b));
  }
  friend Condition operator!(Condition part) { return negation(std::move(part)); }

 private:
  struct Node;
  explicit Condition(std::unique_ptr<Node> node) noexcept;
  static Condition of_parts(Kind kind, std::vector<Condition> parts);
  static Condition join(Kind kind, Condition a, Condition b);
  static void enclose(Node& node, std::span<const Condition> parts);
  const Node& node() const noexcept;
  /// What holds for every row.
  static const Node& nothing() noexcept;

  std::unique_ptr<Node> node_;  // null: nothing is asked
};

/// In recycled memory, as a task's frame is: what most operations ask allocates nothing.
struct PGREACTOR_API Condition::Node {
  Kind kind = Kind::all;
  Comparison comparison = Comparison::equal;
  bool path_gives_text = false;
  std::uint32_t column = unresolved;
  std::string text;
  std::vector<std::string> path;
  detail::ShortList<Datum, 2> values;
  std::vector<Condition> parts;
  std::uint32_t nesting = 0;  // levels of parts below

  static void* operator new(std::size_t size) { return detail::FramePool::allocate(size); }
  static void operator delete(void* node, std::size_t size) noexcept {
    detail::FramePool::release(node, size);
  }
};

inline const Condition::Node& Condition::node() const noexcept {
  if (node_ == nullptr) return nothing();
  return *node_;
}
inline Condition::Condition(Condition&& other) noexcept = default;
inline Condition& Condition::operator=(Condition other) noexcept {
  node_.swap(other.node_);
  return *this;
}
inline Condition::Kind Condition::kind() const noexcept { return node().kind; }
inline std::span<const Condition> Condition::parts() const noexcept { return node().parts; }
inline const std::string& Condition::text() const noexcept { return node().text; }
inline const std::vector<std::string>& Condition::path() const noexcept { return node().path; }
inline bool Condition::path_gives_text() const noexcept { return node().path_gives_text; }
inline Comparison Condition::comparison() const noexcept { return node().comparison; }
inline std::span<const Datum> Condition::values() const noexcept {
  return node().values.elements();
}
inline std::uint32_t Condition::column() const noexcept { return node().column; }
inline void Condition::set_column(std::uint32_t column) noexcept {
  if (node_ != nullptr) node_->column = column;
}
inline std::span<Condition> Condition::parts() noexcept {
  return node_ == nullptr ? std::span<Condition>() : node_->parts;
}
inline std::span<Datum> Condition::values() noexcept {
  return node_ == nullptr ? std::span<Datum>() : node_->values.elements();
}

namespace detail {
inline void add_comparisons(std::vector<Condition>&) noexcept {}
template <class Name, class V, class... Rest>
void add_comparisons(std::vector<Condition>& parts, Name&& name, V&& value, Rest&&... rest) {
  if constexpr (std::is_same_v<std::remove_cvref_t<V>, Test>)
    parts.emplace_back(std::string(std::forward<Name>(name)), std::forward<V>(value));
  else
    parts.emplace_back(std::string(std::forward<Name>(name)),
                       Test(Comparison::equal, std::forward<V>(value)));
  add_comparisons(parts, std::forward<Rest>(rest)...);
}
}  // namespace detail

/// Names and what their columns have to be, all of them: a value (NULL is IS NULL, a list is any
/// of) or a test such as gt(18).
template <class... Pairs>
  requires(sizeof...(Pairs) % 2 == 0)
Condition where(Pairs&&... pairs) {
  std::vector<Condition> parts;
  parts.reserve(sizeof...(Pairs) / 2);
  detail::add_comparisons(parts, std::forward<Pairs>(pairs)...);
  return Condition::all(std::move(parts));
}
/// A record as equalities.
class Record;
PGREACTOR_API Condition where(const Record& equal_to);
PGREACTOR_API Condition where(Condition condition);

template <class... Conditions>
Condition all_of(Conditions&&... conditions) {
  std::vector<Condition> parts;
  (parts.push_back(std::forward<Conditions>(conditions)), ...);
  return Condition::all(std::move(parts));
}
template <class... Conditions>
Condition any_of(Conditions&&... conditions) {
  std::vector<Condition> parts;
  (parts.push_back(std::forward<Conditions>(conditions)), ...);
  return Condition::any(std::move(parts));
}
/// SQL of the caller's, with its own $1, $2 ... for its own values. It is not looked into.
template <class... Values>
Condition raw_condition(std::string sql, Values&&... values) {
  std::vector<Datum> data;
  (data.emplace_back(std::forward<Values>(values)), ...);
  return Condition::raw(std::move(sql), std::move(data));
}

// The tests, each named after its Comparison.
template <class V>
Test eq(V&& value) {
  return Test(Comparison::equal, std::forward<V>(value));
}
template <class V>
Test ne(V&& value) {
  return Test(Comparison::not_equal, std::forward<V>(value));
}
template <class V>
Test gt(V&& value) {
  return Test(Comparison::greater, std::forward<V>(value));
}
template <class V>
Test ge(V&& value) {
  return Test(Comparison::greater_equal, std::forward<V>(value));
}
template <class V>
Test lt(V&& value) {
  return Test(Comparison::less, std::forward<V>(value));
}
template <class V>
Test le(V&& value) {
  return Test(Comparison::less_equal, std::forward<V>(value));
}
template <class Low, class High>
Test between(Low&& low, High&& high) {
  return Test(Comparison::between, std::forward<Low>(low), std::forward<High>(high));
}
/// `in(1, 2, 3)`, or `in(list)` of a vector or array().
template <class... Values>
Test in(Values&&... values);
template <class... Values>
Test not_in(Values&&... values);
inline Test like(std::string pattern) { return Test(Comparison::like, std::move(pattern)); }
inline Test not_like(std::string pattern) { return Test(Comparison::not_like, std::move(pattern)); }
inline Test ilike(std::string pattern) { return Test(Comparison::ilike, std::move(pattern)); }
inline Test not_ilike(std::string pattern) {
  return Test(Comparison::not_ilike, std::move(pattern));
}
inline Test starts_with(std::string text) { return Test(Comparison::starts_with, std::move(text)); }
inline Test ends_with(std::string text) { return Test(Comparison::ends_with, std::move(text)); }
inline Test contains(std::string text) { return Test(Comparison::contains, std::move(text)); }
inline Test regex(std::string pattern) { return Test(Comparison::regex, std::move(pattern)); }
inline Test iregex(std::string pattern) { return Test(Comparison::iregex, std::move(pattern)); }
inline Test is_null() { return Test(Comparison::is_null); }
inline Test is_not_null() { return Test(Comparison::is_not_null); }
template <class V>
Test is_distinct_from(V&& value) {
  return Test(Comparison::is_distinct, std::forward<V>(value));
}
template <class V>
Test is_not_distinct_from(V&& value) {
  return Test(Comparison::is_not_distinct, std::forward<V>(value));
}
inline Test array_contains(Datum list) { return Test(Comparison::array_contains, std::move(list)); }
inline Test array_contained_by(Datum list) {
  return Test(Comparison::array_contained_by, std::move(list));
}
inline Test array_overlaps(Datum list) { return Test(Comparison::array_overlaps, std::move(list)); }
inline Test json_contains(Json part) { return Test(Comparison::json_contains, std::move(part)); }
inline Test json_contained_by(Json whole) {
  return Test(Comparison::json_contained_by, std::move(whole));
}
inline Test has_key(std::string key) { return Test(Comparison::has_key, std::move(key)); }
inline Test has_any_key(const std::vector<std::string>& keys) {
  return Test(Comparison::has_any_key, keys);
}
inline Test has_all_keys(const std::vector<std::string>& keys) {
  return Test(Comparison::has_all_keys, keys);
}
/// In the words of a web search: "quoted phrase", or, -not.
inline Test full_text(std::string search) { return Test(Comparison::full_text, std::move(search)); }

namespace detail {
template <class... Values>
Datum list_of(Values&&... values) {
  if constexpr (sizeof...(Values) == 1) {
    Datum only(std::forward<Values>(values)...);
    if (only.kind() == Datum::Kind::array) return only;
    Datum::Array list;
    list.push_back(std::move(only));
    return list;
  } else {
    Datum::Array list;
    list.reserve(sizeof...(Values));
    (list.emplace_back(std::forward<Values>(values)), ...);
    return list;
  }
}
}  // namespace detail

template <class... Values>
Test in(Values&&... values) {
  return Test(Comparison::in, detail::list_of(std::forward<Values>(values)...));
}
template <class... Values>
Test not_in(Values&&... values) {
  return Test(Comparison::not_in, detail::list_of(std::forward<Values>(values)...));
}

}  // namespace pgreactor
