#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <pgreactor/detail/frame_pool.hpp>
#include <pgreactor/detail/row_layout.hpp>
#include <pgreactor/detail/row_plans.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/fixed_size.hpp>
#include <pgreactor/values/mapping.hpp>
#include <pgreactor/values/optional.hpp>
#include <pgreactor/vocabulary/column.hpp>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <typeinfo>
#include <utility>
#include <vector>

namespace pgreactor {

/// The columns of a result; shared by all rows of all results of one statement.
class PGREACTOR_API ResultShape {
 public:
  explicit ResultShape(std::vector<Column> columns)
      : columns_(std::move(columns)), size_(columns_.size()) {}

  std::size_t size() const noexcept { return size_; }
  const Column& operator[](std::size_t index) const noexcept { return columns_[index]; }
  const std::vector<Column>& columns() const noexcept { return columns_; }
  /// The first column of that exact name, if any.
  std::optional<std::size_t> find(std::string_view name) const noexcept;
  /// For the library: see Row::as.
  const detail::RowPlans& plans() const noexcept { return plans_; }

 private:
  std::vector<Column> columns_;
  std::size_t size_;  // a vector would divide for it
  detail::RowPlans plans_;
};

namespace detail {
[[noreturn]] PGREACTOR_API void throw_decode_error(const Column& column, DecodeError error);
[[noreturn]] PGREACTOR_API void throw_no_column(const ResultShape& shape, std::size_t index);
[[noreturn]] PGREACTOR_API void throw_no_column(const ResultShape& shape, std::string_view name);
[[noreturn]] PGREACTOR_API void throw_no_more_fields();
[[noreturn]] PGREACTOR_API void throw_column_count(std::size_t columns, std::size_t wanted);

/// Which column each of `names` is, for the struct `type`. Errors  ColumnMatchError, see Row::as.
PGREACTOR_API RowPlans::Columns match_columns(const ResultShape& shape,
                                              std::span<const std::string_view> names,
                                              const std::type_info& type);

/// The plan of a mapped struct for rows of this shape: found, or made.
template <Mapped T>
const std::uint32_t* row_plan(const ResultShape& shape) {
  if (const std::uint32_t* const plan = shape.plans().find(&plan_key<T>)) return plan;
  std::array<std::string_view, mapped_members<T>> names;
  each_mapped<T>([&](const auto& column, std::size_t index) { names[index] = column.name(); });
  return shape.plans().add(&plan_key<T>, match_columns(shape, names, typeid(T)));
}
}  // namespace detail

/// One value of a row: decoded when asked, into the type asked for.
/// Owner   a view: valid as long as the row or result it comes from.
class Field {
 public:
  explicit Field(const Column& column, NullableBytes value) noexcept
      : column_(&column),
        value_(value ? detail::StoredValue{value->data(), static_cast<std::int32_t>(value->size())}
                     : detail::StoredValue{}) {}
  explicit Field(const Column& column, detail::StoredValue value) noexcept
      : column_(&column), value_(value) {}

  const Column& column() const noexcept { return *column_; }
  std::string_view name() const noexcept { return column_->name; }
  bool is_null() const noexcept { return value_.length < 0; }
  /// The bytes as they came, in column().format; empty for NULL.
  Bytes raw() const noexcept { return is_null() ? Bytes{} : bytes(); }

  /// The value as a T. std::optional<T> takes NULL; std::string takes every type that this library
  /// knows and gives the server's own text of it.
  /// Errors  QueryError naming the column when it is NULL, of a type that does not convert, or does
  ///         not fit: nothing is ever cut or rounded silently, but a numeric to the precision of
  ///         the float or double that is asked for.
  template <class T>
  T as() const {
    if constexpr (detail::IsOptional<T>::value) {
      if (is_null()) return std::nullopt;
      return as<typename T::value_type>();
    } else {
      T value{};
      const DecodeError error = decode_into(value);
      if (error != DecodeError::none) [[unlikely]]
        detail::throw_decode_error(*column_, error);
      return value;
    }
  }
  /// The same without a QueryError. What T's codec throws comes through: std::bad_alloc, or what an
  /// application's own codec has.
  template <class T>
  DecodeError decode_into(T& value) const
      noexcept(noexcept(ValueCodec<T>::decode(Bytes{}, Oid{}, FormatCode{}, value))) {
    if (is_null()) [[unlikely]] {
      if constexpr (requires { ValueCodec<T>::set_null(value); }) {
        ValueCodec<T>::set_null(value);
        return DecodeError::none;
      } else {
        return DecodeError::null_value;
      }
    }
    return ValueCodec<T>::decode(bytes(), column_->type, column_->format, value);
  }

 private:
  Bytes bytes() const noexcept { return {value_.data, static_cast<std::size_t>(value_.length)}; }
  const Column* column_;
  detail::StoredValue value_;
};

namespace detail {

/// The fields of a row in order; a view, as they are.
class FieldIterator {
 public:
  using value_type = Field;
  using difference_type = std::ptrdiff_t;
  using iterator_category = std::input_iterator_tag;
  FieldIterator() = default;
  FieldIterator(const Column* column, const std::byte* at) noexcept : column_(column), at_(at) {}
  Field operator*() const noexcept { return Field{*column_, RowLayout::value_at(at_)}; }
  FieldIterator& operator++() noexcept {
    at_ = RowLayout::behind(RowLayout::value_at(at_));
    ++column_;
    return *this;
  }
  FieldIterator operator++(int) noexcept {
    FieldIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const FieldIterator& a, const FieldIterator& b) noexcept {
    return a.column_ == b.column_;
  }

 private:
  const Column* column_ = nullptr;
  const std::byte* at_ = nullptr;
};

template <class Derived>
class RowAccess;

}  // namespace detail

/// Reads the fields of a row one after the other, each into the type asked for: the fastest way
/// through a wide row.
///
///   pg::FieldReader fields = row.fields();
///   while (!fields.at_end()) sum += fields.next<int>();
class FieldReader {
 public:
  FieldReader(const ResultShape& shape, const std::byte* values) noexcept
      : column_(shape.columns().data()),
        end_(std::to_address(shape.columns().end())),
        at_(values) {}
  bool at_end() const noexcept { return column_ == end_; }
  /// The next field. Errors  QueryError when there is none; else as Field::as.
  template <class T>
  T next() {
    if (at_end()) [[unlikely]]
      detail::throw_no_more_fields();
    return next_within<T>();
  }

 private:
  template <class>
  friend class detail::RowAccess;

  // Of a row that is known to have one more.
  template <class T>
  T next_within() {
    if constexpr (detail::FixedSize<T>) {
      using Bits = typename detail::FixedSizeBits<T>::Bits;
      T value{};
      if (column_->type == ValueCodec<T>::natural_type && column_->format == FormatCode::binary &&
          load_big_endian<std::uint32_t>(at_) == sizeof(Bits) &&
          detail::FixedSizeBits<T>::from_bits(load_big_endian<Bits>(at_ + sizeof(std::uint32_t)),
                                              value) == DecodeError::none) [[likely]] {
        at_ += sizeof(std::uint32_t) + sizeof(Bits);
        ++column_;
        return value;
      }
      return next_otherwise<T>();
    } else {
      return next_as<T>();
    }
  }
  template <class T>
  T next_as() {
    const detail::StoredValue value = detail::RowLayout::value_at(at_);
    at_ = detail::RowLayout::behind(value);
    return Field{*column_++, value}.template as<T>();
  }
  // Apart, so that the usual case keeps to its registers.
  template <class T>
  [[gnu::noinline]] T next_otherwise() {
    return next_as<T>();
  }
  const Column* column_;
  const Column* end_;
  const std::byte* at_;
};

namespace detail {

/// What Row and RowView share. Derived has `shape()`, `values()` and `offset_of(index)`.
template <class Derived>
class RowAccess {
 public:
  std::size_t size() const noexcept { return self().shape().size(); }
  /// Errors  QueryError when the row has no such column.
  Field operator[](std::size_t index) const {
    if (index >= size()) [[unlikely]]
      throw_no_column(self().shape(), index);
    return field(index);
  }
  Field operator[](std::string_view name) const {
    const auto index = self().shape().find(name);
    if (!index) [[unlikely]]
      throw_no_column(self().shape(), name);
    return field(*index);
  }
  template <class T>
  T get(std::size_t index) const {
    return (*this)[index].template as<T>();
  }
  template <class T>
  T get(std::string_view name) const {
    return (*this)[name].template as<T>();
  }
  /// All columns at once: `auto [id, name] = row.to<int, std::string>();`
  /// Errors  QueryError when the row has another number of columns.
  template <class... Ts>
  std::tuple<Ts...> to() const {
    if (size() != sizeof...(Ts)) [[unlikely]]
      throw_column_count(size(), sizeof...(Ts));
    [[maybe_unused]] FieldReader reader = fields();
    return std::tuple<Ts...>{reader.template next_within<Ts>()...};  // braces: from left to right
  }

  /// All columns at once as a mapped struct, by name: `User user = row.as<User>();`
  /// The columns are matched once for each statement.
  /// Errors  ColumnMatchError naming column and struct when the row has no column of a name that
  ///         the mapping says, or two, or one that it does not say; else as Field::as.
  template <Mapped T>
  T as() const {
    const std::uint32_t* const plan = row_plan<T>(self().shape());
    T value{};
    each_mapped<T>([&](const auto& column, std::size_t index) {
      auto& member = column.in(value);
      member = field(plan[index]).template as<std::remove_reference_t<decltype(member)>>();
    });
    return value;
  }

  /// All fields from the first on.
  FieldReader fields() const noexcept { return {self().shape(), self().values()}; }
  FieldIterator begin() const noexcept {
    return {self().shape().columns().data(), self().values()};
  }
  FieldIterator end() const noexcept {
    return {std::to_address(self().shape().columns().end()), nullptr};
  }

 private:
  Field field(std::size_t index) const noexcept {
    return Field{self().shape()[index],
                 RowLayout::value_at(self().values() + self().offset_of(index))};
  }
  const Derived& self() const noexcept { return static_cast<const Derived&>(*this); }
};

}  // namespace detail

/// A row within a Result, or of a stream.
/// Owner   a view: valid as long as the Result; in a stream until the next row is asked for.
class RowView : public detail::RowAccess<RowView> {
 public:
  /// For the library: a stored row.
  RowView(const ResultShape& shape, const std::byte* stored) noexcept
      : shape_(&shape),
        offsets_(stored),
        values_(detail::RowLayout::values(stored, shape.size())) {}
  /// For the library: the values of a checked DataRow message, which has no offsets. A column is
  /// found by walking over those before it.
  RowView(const ResultShape& shape, Bytes values) noexcept
      : shape_(&shape), values_(values.data()) {}

  const ResultShape& shape() const noexcept { return *shape_; }
  const std::byte* values() const noexcept { return values_; }
  std::size_t offset_of(std::size_t index) const noexcept {
    return offsets_ != nullptr ? detail::RowLayout::offset(offsets_, index)
                               : detail::RowLayout::walk_to(values_, index);
  }

 private:
  const ResultShape* shape_;
  const std::byte* offsets_ = nullptr;
  const std::byte* values_;
};

/// A row that owns its bytes: what fetch_row gives. Its memory is recycled, not allocated anew.
class Row : public detail::RowAccess<Row> {
 public:
  /// For the library: the values of a checked DataRow message.
  Row(std::shared_ptr<const ResultShape> shape, Bytes values)
      : shape_(std::move(shape)),
        size_(detail::RowLayout::size(shape_->size(), values.size())),
        data_(static_cast<std::byte*>(detail::FramePool::allocate(size_))) {
    detail::RowLayout::store(data_, shape_->size(), values);
  }
  Row(Row&& other) noexcept
      : shape_(std::move(other.shape_)),
        size_(other.size_),
        data_(std::exchange(other.data_, nullptr)) {}
  Row& operator=(Row&& other) noexcept {
    if (this != &other) {
      release();
      shape_ = std::move(other.shape_);
      size_ = other.size_;
      data_ = std::exchange(other.data_, nullptr);
    }
    return *this;
  }
  ~Row() { release(); }

  const ResultShape& shape() const noexcept { return *shape_; }
  /// For what outlives the row.
  const std::shared_ptr<const ResultShape>& shared_shape() const noexcept { return shape_; }
  const std::byte* values() const noexcept {
    return detail::RowLayout::values(data_, shape_->size());
  }
  std::size_t offset_of(std::size_t index) const noexcept {
    return detail::RowLayout::offset(data_, index);
  }
  explicit(false) operator RowView() const noexcept { return RowView{*shape_, data_}; }

 private:
  void release() noexcept {
    if (data_ != nullptr) detail::FramePool::release(data_, size_);
  }
  std::shared_ptr<const ResultShape> shape_;
  std::size_t size_;
  std::byte* data_;
};

}  // namespace pgreactor
