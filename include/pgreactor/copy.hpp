#pragma once
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/detail/parameters.hpp>
#include <pgreactor/detail/plain_row.hpp>
#include <pgreactor/detail/stream_request.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/task.hpp>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/values/mapping.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/column.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace pgreactor {

/// The columns that a copy_in() fills, in the order of its rows' values; made by columns().
class ColumnNames {
 public:
  explicit ColumnNames(std::vector<std::string> names) noexcept : names_(std::move(names)) {}
  const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  std::vector<std::string> names_;
};

/// `columns("id", "name")`
template <std::convertible_to<std::string_view>... Names>
ColumnNames columns(const Names&... names) {
  std::vector<std::string> all;
  all.reserve(sizeof...(Names));
  (all.emplace_back(std::string_view(names)), ...);
  return ColumnNames(std::move(all));
}

/// The columns of a struct by its mapping, in that order: for CopyIn::record.
template <Mapped T>
ColumnNames columns_of() {
  std::vector<std::string> all;
  all.reserve(detail::mapped_members<T>);
  detail::each_mapped<T>([&](const auto& each, std::size_t) { all.emplace_back(each.name()); });
  return ColumnNames(std::move(all));
}

/// A COPY ... FROM STDIN under way: the fastest way of many rows into a table. Made by
/// Executor::copy_in.
///
///   pg::CopyIn copy = co_await db.copy_in("events", pg::columns("id", "at", "text"));
///   for (const Event& event : events) co_await copy.row(event.id, event.at, event.text);
///   std::uint64_t rows = co_await copy.finish();
///
/// All or nothing: the rows are there when finish() has returned. Dropped before that, or after an
/// error, the server undoes it.
/// Holds   about 128 KiB, or what one write() is given; when the server is behind, the co_await of
/// row() waits for it. Owner   has its connection alone, as RowStream.
class PGREACTOR_API CopyIn {
 public:
  /// For the library.
  CopyIn(std::unique_ptr<detail::StreamRequest> request, std::unique_ptr<detail::Lease> lease,
         std::vector<Column> columns);
  CopyIn(CopyIn&&) noexcept = default;
  CopyIn& operator=(CopyIn&&) = delete;
  ~CopyIn() = default;

  /// Waits while the server has too much to do; movable until it is awaited.
  class Room {
   public:
    class Awaiter {
     public:
      explicit Awaiter(CopyIn& copy) noexcept : copy_(copy) {}
      bool await_ready() {
        if (copy_.buffer_.size() < piece_size) [[likely]]
          return true;
        copy_.send_piece();
        return copy_.request_->is_over(has_room);
      }
      template <class Promise>
      void await_suspend(std::coroutine_handle<Promise> task) {
        wait_.emplace(*copy_.request_, has_room).await_suspend(task);
      }
      void await_resume() {
        if (wait_) [[unlikely]]
          wait_->await_resume();
        if (copy_.request_->ended()) [[unlikely]]
          copy_.throw_ended();
      }

     private:
      static constexpr auto has_room = detail::StreamRequest::Until::room;
      CopyIn& copy_;
      std::optional<detail::StreamWait> wait_;  // when there is need to
    };
    explicit Room(CopyIn& copy) noexcept : copy_(&copy) {}
    Awaiter operator co_await() const noexcept { return Awaiter{*copy_}; }

   private:
    CopyIn* copy_;
  };

  /// Adds one row of a copy_in(table, columns): a value for each column, encoded by the column's
  /// type with range checks; std::nullopt is NULL. The values may be temporaries.
  /// Errors  QueryError naming row and column for a value that does not fit: the row is left out,
  ///         and the COPY can go on. From the co_await: what the server says of rows before.
  template <class... Values>
  [[nodiscard]] Room row(const Values&... values) {
    if (sizeof...(Values) != columns_.size()) [[unlikely]]
      throw_value_count(sizeof...(Values));
    if (!detail::append_plain_row(buffer_, columns_.data(), values...)) [[unlikely]]
      append_row(values...);
    ++rows_;
    return Room{*this};
  }
  /// A struct as a row of copy_in(table, columns_of<Struct>()), a tuple as the row of its values.
  /// Errors  as row(); QueryError when the columns are not those of the struct, in its order.
  template <class Struct>
    requires Mapped<std::remove_cvref_t<Struct>>
  [[nodiscard]] Room record(Struct&& value) {
    static_assert(detail::SafeInAwait<Struct&&>,
                  "g++ 12 destroys such temporaries of a co_await twice: name the value first");
    using T = std::remove_cvref_t<Struct>;
    if (checked_for_ != &mapping<T>) [[unlikely]]
      check_columns<T>();
    return std::apply(
        [&](const auto&... each) { return this->row(each.in(std::as_const(value))...); },
        mapping<T>);
  }
  template <class... Values>
  [[nodiscard]] Room record(const std::tuple<Values...>& values) {
    return std::apply([&](const auto&... each) { return this->row(each...); }, values);
  }
  /// Adds a piece of data in the format that the COPY statement names; where it is cut does not
  /// matter. Errors  QueryError in a copy_in(table, columns), which takes rows.
  [[nodiscard]] Room write(Bytes data) {
    if (!columns_.empty()) [[unlikely]]
      throw_not_bytes();
    buffer_.append(data);
    return Room{*this};
  }
  [[nodiscard]] Room write(std::string_view text) { return write(as_bytes(text)); }

  /// Ends it and waits for the server's consent. Gives the number of rows that were copied.
  /// Errors  QueryError: the server refused a row, and has copied none.
  Task<std::uint64_t> finish();

 private:
  /// Takes back what a row appended before it was refused, by whatever exception.
  class RowUndo {
   public:
    explicit RowUndo(ByteBuffer& buffer) noexcept : buffer_(buffer), start_(buffer.size()) {}
    ~RowUndo() {
      if (!whole_) buffer_.truncate(start_);
    }
    RowUndo(const RowUndo&) = delete;
    RowUndo& operator=(const RowUndo&) = delete;
    void row_is_whole() noexcept { whole_ = true; }

   private:
    ByteBuffer& buffer_;
    std::size_t start_;
    bool whole_ = false;
  };

  static constexpr std::size_t piece_size = 64 * 1024;  // bytes
  static constexpr std::size_t room = detail::StreamSource::push_room;

  template <class... Values>
  [[gnu::noinline]] void append_row(const Values&... values) {
    RowUndo undo(buffer_);
    store_big_endian(buffer_.extend(sizeof(std::uint16_t)),
                     static_cast<std::uint16_t>(sizeof...(Values)));
    const Column* column = columns_.data();
    EncodeError error = EncodeError::none;
    const auto fits = [&](const auto& value) {
      error = append(value, *column);
      if (error != EncodeError::none) return false;
      ++column;
      return true;
    };
    static_cast<void>((fits(values) && ...));  // stops at the first value that is refused
    if (error != EncodeError::none) [[unlikely]]
      throw_value(*column, error);
    undo.row_is_whole();
  }
  template <class T>
  EncodeError append(const T& value, const Column& column) {
    using detail::append_value;
    const detail::Hold<const T&> held(value);
    if (detail::format_of(held.get(), column.type) != FormatCode::binary) [[unlikely]]
      return EncodeError::type_mismatch;
    return append_value(buffer_, held.get(), column.type);
  }
  template <Mapped T>
  void check_columns() {
    bool same = columns_.size() == detail::mapped_members<T>;
    detail::each_mapped<T>(
        [&](const auto& each, std::size_t i) { same = same && columns_[i].name == each.name(); });
    if (!same) throw_other_columns();
    checked_for_ = &mapping<T>;
  }
  void begin_piece();
  void send_piece();
  [[noreturn]] static void throw_not_bytes();
  [[noreturn]] void throw_other_columns() const;
  [[noreturn]] void throw_value_count(std::size_t count) const;
  [[noreturn]] void throw_value(const Column& refused, EncodeError error) const;
  [[noreturn]] void throw_ended();

  std::unique_ptr<detail::Lease> lease_;
  std::unique_ptr<detail::StreamRequest> request_;
  std::vector<Column> columns_;
  ByteBuffer buffer_;  // `room` bytes, then what is to be sent
  std::uint64_t rows_ = 0;
  const void* checked_for_ = nullptr;  // the mapping whose columns these are
};

/// A COPY ... TO STDOUT under way. Made by Executor::copy_out.
///
///   pg::CopyOut copy = co_await db.copy_out("COPY users TO STDOUT (FORMAT csv)");
///   while (const auto line = co_await copy.next()) file.write(pg::as_text(*line));
///
/// Holds, Owner  as RowStream.
class PGREACTOR_API CopyOut {
 public:
  /// For the library.
  CopyOut(std::unique_ptr<detail::StreamRequest> request,
          std::unique_ptr<detail::Lease> lease) noexcept
      : lease_(std::move(lease)), request_(std::move(request)) {}
  CopyOut(CopyOut&&) noexcept = default;
  CopyOut& operator=(CopyOut&&) = delete;
  ~CopyOut() = default;

  class Next {
   public:
    class Awaiter {
     public:
      explicit Awaiter(CopyOut& copy) noexcept : copy_(copy) {}
      bool await_ready() noexcept { return copy_.request_->is_over(item); }
      template <class Promise>
      void await_suspend(std::coroutine_handle<Promise> task) {
        wait_.emplace(*copy_.request_, item).await_suspend(task);
      }
      std::optional<Bytes> await_resume() {
        if (wait_) wait_->await_resume();
        if (!copy_.request_->has_item()) [[unlikely]] {
          copy_.end();
          return std::nullopt;
        }
        return copy_.request_->take_item();
      }

     private:
      static constexpr auto item = detail::StreamRequest::Until::item;
      CopyOut& copy_;
      std::optional<detail::StreamWait> wait_;  // when there is need to
    };
    explicit Next(CopyOut& copy) noexcept : copy_(&copy) {}
    Awaiter operator co_await() const noexcept { return Awaiter{*copy_}; }

   private:
    CopyOut* copy_;
  };

  /// The next piece, which stays until the one after it is asked for: a line or a row, as servers
  /// send them. nullopt at the end. Errors  as RowStream::next.
  [[nodiscard]] Next next() noexcept { return Next{*this}; }
  /// Rows that were copied, once next() has given nullopt.
  std::uint64_t rows() const noexcept { return request_->affected_rows(); }

 private:
  void end();

  std::unique_ptr<detail::Lease> lease_;
  std::unique_ptr<detail::StreamRequest> request_;
};

namespace detail {
PGREACTOR_API Task<CopyIn> open_copy_in(Executor& executor, std::string text,
                                        std::source_location where);
PGREACTOR_API Task<CopyIn> open_copy_in(Executor& executor, std::string table, ColumnNames columns,
                                        std::source_location where);
PGREACTOR_API Task<CopyOut> open_copy_out(Executor& executor, std::string text,
                                          std::source_location where);
}  // namespace detail
}  // namespace pgreactor
