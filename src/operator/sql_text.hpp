#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <pgreactor/condition.hpp>
#include <pgreactor/detail/short_list.hpp>
#include <pgreactor/table_store.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/operator/parameter_list.hpp"

// Requests as SQL. A request is looked at twice: for its shape and its values, each time it runs,
// and for its text, once per shape. Values are parameters and never part of the text (Q1).
namespace pgreactor::operators {

/// Rows in one VALUES list; more go as an array per column.
inline constexpr std::size_t most_listed_rows = 50;

/// What the text of a request depends on, and the values of its parameters $1, $2 ... in order.
/// Most have few of each: those allocate nothing.
class Shape {
 public:
  template <class Request>
  explicit Shape(const Request& request) {
    add_shape(*this, request);
  }
  Shape(const Shape&) = delete;
  Shape& operator=(const Shape&) = delete;

  /// Bytes that differ whenever the texts would; of no other meaning.
  std::string_view key() const noexcept {
    return long_key_.empty() ? std::string_view(short_key_.data(), key_size_) : long_key_;
  }
  /// Owner  `table` and the shape.
  ParameterList parameters(const Table& table) const noexcept {
    return {values_.elements(), columns_.elements(), &table};
  }

  void add(char code) {
    if (key_size_ < short_key_.size()) [[likely]]
      short_key_[key_size_++] = code;
    else
      add_to_long_key(code);
  }
  /// Seven bits a byte, the lowest first; the top bit says that more follow.
  void add_number(std::uint32_t number) {
    for (; number > 0x7f; number >>= 7) add(static_cast<char>(number | 0x80));
    add(static_cast<char>(number));
  }
  void add_text(std::string_view text);
  /// Owner  the request, which lives as long.
  void add_value(const Datum& value, std::uint32_t column = ParameterList::no_column) {
    values_.push_back(&value);
    columns_.push_back(column);
  }
  /// A value that was made for the statement.
  void add_made(Datum value, std::uint32_t column = ParameterList::no_column);

 private:
  void add_to_long_key(char code);

  std::array<char, 120> short_key_{};
  std::size_t key_size_ = 0;
  std::string long_key_;  // all of it, once it is longer
  detail::ShortList<const Datum*, 12> values_;
  detail::ShortList<std::uint32_t, 12> columns_;  // of the values
  std::array<Datum, 2> few_made_;
  std::size_t made_count_ = 0;
  std::list<Datum> many_made_;  // those behind the first two; each keeps its place
};

/// The rows that a selection counts; its columns, order and limit are not looked at.
class Counted {
 public:
  explicit Counted(const Selection& selection) noexcept : selection_(selection) {}
  const Selection& selection() const noexcept { return selection_; }

 private:
  const Selection& selection_;
};

/// `table` of the request stays the same while shapes of it are compared.
/// Errors  QueryError: a comparison that the column's type does not have; a value among many rows
/// that does not fit its column.
void add_shape(Shape& shape, const Selection& selection);
void add_shape(Shape& shape, const Counted& counted);
void add_shape(Shape& shape, const Insertion& insertion);
void add_shape(Shape& shape, const Alteration& alteration);
void add_shape(Shape& shape, const Removal& removal);

std::string text_of(const Selection& selection);
std::string text_of(const Counted& counted);
/// The last column of what an insertion with on_conflict returns says whether the row is new.
std::string text_of(const Insertion& insertion);
/// COPY table (columns) FROM STDIN, in binary.
std::string copy_text_of(const Insertion& insertion);
std::string text_of(const Alteration& alteration);
std::string text_of(const Removal& removal);

/// Do its rows go as an array per column ($1 is the first column's)? Many rows do, so that their
/// number is no part of the text; not where a value is DEFAULT, or a column is an array itself or a
/// composite, whose parts unnest() would make columns of.
bool goes_as_arrays(const Insertion& insertion);

/// Has the answer that column?
bool tells_inserted(const Insertion& insertion) noexcept;

}  // namespace pgreactor::operators
