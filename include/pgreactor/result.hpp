#pragma once
#include <cstdint>
#include <iterator>
#include <memory>
#include <pgreactor/row.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pgreactor {
namespace detail {

/// The rows of a result, in few blocks that grow, so that a row costs neither an allocation nor a
/// second copy. Once they would take more than the limit, it lets go of all and keeps no more.
class PGREACTOR_API RowStore {
 public:
  RowStore() = default;
  explicit RowStore(std::size_t limit) noexcept : limit_(limit) {}

  /// `values` was checked to hold exactly `columns` values.
  void append(std::size_t columns, Bytes values);
  /// Were there too many for the limit?
  bool refused() const noexcept { return refused_; }
  std::size_t limit() const noexcept { return limit_; }
  std::size_t size() const noexcept { return rows_.size(); }
  const std::byte* operator[](std::size_t index) const noexcept { return rows_[index]; }

 private:
  std::byte* room_for(std::size_t size);
  bool may_take(std::size_t more) noexcept;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::vector<const std::byte*> rows_;
  std::size_t used_ = 0;      // of the last block
  std::size_t capacity_ = 0;  // of the last block
  std::size_t memory_ = 0;    // of all blocks
  std::size_t limit_ = static_cast<std::size_t>(-1);
  bool refused_ = false;
};

}  // namespace detail

/// What a statement returned: its rows, which may be none, and its command tag.
/// Owner   owns its bytes; rows and fields are views into it.
class Result {
 public:
  /// For the library.
  Result(std::shared_ptr<const ResultShape> shape, detail::RowStore rows, std::string tag,
         std::uint64_t affected) noexcept
      : shape_(std::move(shape)),
        rows_(std::move(rows)),
        tag_(std::move(tag)),
        affected_(affected) {}

  std::size_t size() const noexcept { return rows_.size(); }
  bool empty() const noexcept { return rows_.size() == 0; }
  /// Errors  QueryError when there is no such row.
  RowView operator[](std::size_t index) const {
    if (index >= rows_.size()) [[unlikely]]
      throw_no_row(index);
    return RowView{*shape_, rows_[index]};
  }
  RowView front() const { return (*this)[0]; }
  const ResultShape& shape() const noexcept { return *shape_; }
  /// For what outlives the result.
  const std::shared_ptr<const ResultShape>& shared_shape() const noexcept { return shape_; }

  /// Rows that an INSERT, UPDATE, DELETE, MERGE, SELECT, FETCH, MOVE or COPY reports; else 0.
  std::uint64_t affected_rows() const noexcept { return affected_; }
  /// "INSERT 0 1", "SELECT 12" ... as the server sends it.
  std::string_view command_tag() const noexcept { return tag_; }

  class Iterator {
   public:
    using value_type = RowView;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    Iterator() = default;
    Iterator(const Result* result, std::size_t index) noexcept : result_(result), index_(index) {}
    RowView operator*() const noexcept { return {*result_->shape_, result_->rows_[index_]}; }
    Iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    Iterator operator++(int) noexcept {
      Iterator before = *this;
      ++index_;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) noexcept = default;

   private:
    const Result* result_ = nullptr;
    std::size_t index_ = 0;
  };
  Iterator begin() const noexcept { return {this, 0}; }
  Iterator end() const noexcept { return {this, rows_.size()}; }

 private:
  [[noreturn]] PGREACTOR_API void throw_no_row(std::size_t index) const;
  std::shared_ptr<const ResultShape> shape_;
  detail::RowStore rows_;
  std::string tag_;
  std::uint64_t affected_;
};

/// The first column of the first row, as fetch_val gives it: NULL too when there was no row.
class Scalar {
 public:
  Scalar() = default;
  explicit Scalar(Row row) : row_(std::move(row)) {}

  bool is_null() const noexcept { return !row_ || row_->size() == 0 || (*row_)[0].is_null(); }
  explicit operator bool() const noexcept { return !is_null(); }
  /// Errors  QueryError when it is NULL (std::optional<T> takes that) or does not convert.
  template <class T>
  T as() const& {
    if (row_ && row_->size() != 0) return (*row_)[0].template as<T>();
    if constexpr (detail::IsOptional<T>::value) return std::nullopt;
    throw_no_value();
  }
  template <class T>
  T as() && {
    static_assert(!keeps_view<T>, "a view of a row that is gone: ask for std::string");
    return static_cast<const Scalar&>(*this).as<T>();
  }

 private:
  [[noreturn]] PGREACTOR_API static void throw_no_value();
  std::optional<Row> row_;
};

/// One row by column name, as fetch_dict gives it.
class Dict {
 public:
  explicit Dict(Row row) : row_(std::move(row)) {}

  std::size_t size() const noexcept { return row_.size(); }
  bool contains(std::string_view name) const noexcept {
    return row_.shape().find(name).has_value();
  }
  /// Errors  QueryError when there is no such column. Of columns with one name it is the first.
  Field operator[](std::string_view name) const { return row_[name]; }
  template <class T>
  T get(std::string_view name) const {
    return row_[name].template as<T>();
  }
  /// The fields in the statement's order; each knows its name.
  Field operator[](std::size_t index) const { return row_[index]; }

 private:
  Row row_;
};

}  // namespace pgreactor
