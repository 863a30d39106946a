#pragma once
#include <cstdint>
#include <deque>
#include <pgreactor/condition.hpp>
#include <pgreactor/table_store.hpp>
#include <string>
#include <string_view>
#include <vector>

// Requests as SQL. A request is looked at twice: for its shape and its values, each time it runs,
// and for its text, once per shape. Values are parameters and never part of the text (Q1).
namespace pgreactor::operators {

/// Rows in one VALUES list; more go as an array per column.
inline constexpr std::size_t most_listed_rows = 50;

/// What the text of a request depends on, and the values of its parameters $1, $2 ... in order.
class Shape {
 public:
  /// Bytes that differ whenever the texts would; of no other meaning.
  const std::string& key() const noexcept { return key_; }
  const std::vector<const Datum*>& values() const noexcept { return values_; }

  void add(char code) { key_.push_back(code); }
  void add_number(std::uint32_t number);
  void add_text(std::string_view text);
  /// Owner  the request, which lives as long.
  void add_value(const Datum& value) { values_.push_back(&value); }
  /// A value that was made for the statement.
  void add_made(Datum value) { values_.push_back(&made_.emplace_back(std::move(value))); }

 private:
  std::string key_;
  std::vector<const Datum*> values_;
  std::deque<Datum> made_;  // keeps its place
};

/// `table` of the request stays the same while shapes of it are compared.
/// Errors  QueryError: a comparison that the column's type does not have.
Shape shape_of(const Selection& selection);
Shape shape_of_count(const Selection& selection);
Shape shape_of(const Insertion& insertion);
Shape shape_of(const Alteration& alteration);
Shape shape_of(const Removal& removal);

std::string text_of(const Selection& selection);
std::string text_of_count(const Selection& selection);
/// The last column of what an insertion with on_conflict returns says whether the row is new.
std::string text_of(const Insertion& insertion);
std::string text_of(const Alteration& alteration);
std::string text_of(const Removal& removal);

/// Do its rows go as an array per column ($1 is the first column's)? Many rows do, so that their
/// number is no part of the text; not where a value is DEFAULT or a column is an array itself.
bool goes_as_arrays(const Insertion& insertion);

/// Has the answer that column?
bool tells_inserted(const Insertion& insertion) noexcept;

}  // namespace pgreactor::operators
