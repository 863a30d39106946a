#pragma once
#include <array>
#include <cstddef>
#include <iosfwd>
#include <memory>
#include <pgreactor/datum.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/result.hpp>
#include <pgreactor/values/mapping.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pgreactor {

/// Named values in order: what goes into a table and what comes out of one.
/// Shape   a name stands once. A field that is not there leaves its column to the default on an
///         insert, and as it is on an update; one that is NULL sets NULL.
/// Owner   owns its values; records of one result share their names.
class PGREACTOR_API Record {
 public:
  /// A name and its value.
  class Entry {
   public:
    Entry(const std::string& name, const Datum& value) noexcept : name_(&name), value_(&value) {}
    const std::string& name() const noexcept { return *name_; }
    const Datum& value() const noexcept { return *value_; }

   private:
    const std::string* name_;
    const Datum* value_;
  };

  Record();
  /// The values of a row. Errors  QueryError naming a column whose value is not what its type says.
  explicit Record(const Row& row) : Record(row.shared_shape(), RowView(row)) {}
  Record(std::shared_ptr<const ResultShape> shape, const RowView& row);
  /// For the library: as many values as the shape has columns.
  Record(std::shared_ptr<const ResultShape> shape, std::vector<Datum> values) noexcept
      : shape_(std::move(shape)), values_(std::move(values)) {}

  std::size_t size() const noexcept { return values_.size(); }
  bool empty() const noexcept { return values_.empty(); }
  bool contains(std::string_view name) const noexcept { return find(name) != nullptr; }
  /// Null when there is no field of exactly that name.
  const Datum* find(std::string_view name) const noexcept;
  /// Errors  QueryError naming the fields there are, when there is none of that name.
  const Datum& operator[](std::string_view name) const;
  /// The value as a T: see Datum::as.
  template <class T>
  T get(std::string_view name) const {
    return (*this)[name].template as<T>();
  }
  const std::string& name(std::size_t index) const { return entry(index).name(); }
  const Datum& value(std::size_t index) const { return entry(index).value(); }
  /// Errors  QueryError when there is no such field.
  Entry entry(std::size_t index) const;

  /// Gives the field this value; a new one comes last.
  Record& set(std::string_view name, Datum value);
  /// Takes the field out, if there is one.
  Record& erase(std::string_view name);
  /// For the library: the same values under other names. `names` has as many as the record.
  void rename(std::vector<std::string> names);

  /// All fields as a mapped struct, by name. Errors  ColumnMatchError as Row::as; else Datum::as.
  template <Mapped T>
  T as() const;

  /// {"name":"Jane","age":31}: see Datum::append_json.
  std::string to_json() const;
  void append_json(std::string& out) const;
  /// Reads a JSON object: objects within it stay JSON, arrays become arrays, numbers int64, double,
  /// or numeric where neither holds the same value.
  /// Errors  QueryError with the place, when the text is no JSON object or has a name twice.
  static Record from_json(std::string_view text);

  class Iterator {
   public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    Iterator() = default;
    Iterator(const Column* column, const Datum* value) noexcept : column_(column), value_(value) {}
    Entry operator*() const noexcept { return {column_->name, *value_}; }
    Iterator& operator++() noexcept {
      ++column_;
      ++value_;
      return *this;
    }
    Iterator operator++(int) noexcept {
      Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
      return a.value_ == b.value_;
    }

   private:
    const Column* column_ = nullptr;
    const Datum* value_ = nullptr;
  };
  Iterator begin() const noexcept { return {shape_->columns().data(), values_.data()}; }
  Iterator end() const noexcept { return {nullptr, values_.data() + values_.size()}; }

  /// Same names and same values in the same order.
  friend PGREACTOR_API bool operator==(const Record& a, const Record& b);
  /// As JSON.
  friend PGREACTOR_API std::ostream& operator<<(std::ostream& out, const Record& record);

  const ResultShape& shape() const noexcept { return *shape_; }
  /// In the order of the names.
  const std::vector<Datum>& values() const& noexcept { return values_; }
  std::vector<Datum> values() && noexcept { return std::move(values_); }

 private:
  std::shared_ptr<const ResultShape> shape_;
  std::vector<Datum> values_;
};

namespace detail {

/// The shape of a record that no statement gave: columns that have a name and nothing else.
/// Errors  QueryError when a name stands twice.
PGREACTOR_API std::shared_ptr<const ResultShape> shape_named(std::vector<std::string> names);

/// The same of names that are written out in the program, remembered by each thread: a record made
/// again and again has its names made once.
PGREACTOR_API std::shared_ptr<const ResultShape> shape_of_literals(
    std::span<const std::string_view> names);

template <class... Rest>
inline constexpr bool are_pairs = sizeof...(Rest) % 2 == 0;

inline void add_fields(std::string_view*, std::vector<Datum>&) noexcept {}
template <class Name, class V, class... Rest>
void add_fields(std::string_view* names, std::vector<Datum>& values, const Name& name, V&& value,
                Rest&&... rest) {
  *names = std::string_view(name);
  values.emplace_back(std::forward<V>(value));
  add_fields(names + 1, values, std::forward<Rest>(rest)...);
}

}  // namespace detail

/// `record("name", "Jane", "role", "user")`: names and values in turn.
/// Errors  QueryError when a name stands twice.
template <class... Fields>
  requires detail::are_pairs<Fields...>
Record record(Fields&&... fields) {
  std::array<std::string_view, sizeof...(Fields) / 2> names;
  std::vector<Datum> values;
  values.reserve(names.size());
  detail::add_fields(names.data(), values, std::forward<Fields>(fields)...);
  return {detail::shape_of_literals(names), std::move(values)};
}

/// A mapped struct as a record, member by member.
template <Mapped T>
Record record_of(const T& value) {
  std::vector<std::string> names;
  std::vector<Datum> values;
  detail::each_mapped<T>([&](const auto& column, std::size_t) {
    names.emplace_back(column.name());
    values.emplace_back(column.in(value));
  });
  return {detail::shape_named(std::move(names)), std::move(values)};
}

/// `array(1, 2, 3)`: a literal list, which braces cannot be inside a co_await on g++ 12.
template <class... Elements>
Datum array(Elements&&... elements) {
  Datum::Array values;
  values.reserve(sizeof...(Elements));
  (values.emplace_back(std::forward<Elements>(elements)), ...);
  return values;
}

template <Mapped T>
T Record::as() const {
  const std::uint32_t* const plan = detail::row_plan<T>(*shape_);
  T value{};
  detail::each_mapped<T>([&](const auto& column, std::size_t index) {
    auto& member = column.in(value);
    member = values_[plan[index]].template as<std::remove_reference_t<decltype(member)>>();
  });
  return value;
}

}  // namespace pgreactor
