#pragma once
#include <chrono>
#include <optional>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/fetch.hpp>
#include <pgreactor/sql.hpp>
#include <pgreactor/statement.hpp>
#include <pgreactor/values/codec.hpp>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace pgreactor {
namespace detail {

/// The statement of an execution: a text that is looked up, or a held handle.
PGREACTOR_API std::shared_ptr<StatementEntry> find_statement(Executor& executor, const Sql& sql);
PGREACTOR_API std::shared_ptr<StatementEntry> find_statement(Executor& executor,
                                                             const Statement& statement);
[[noreturn]] PGREACTOR_API void throw_no_row_for_value();

/// What is given after its row is gone.
template <class T>
struct WithoutItsRow {
  static_assert(!keeps_view<T>, "a view of a row that is gone: ask for std::string");
};

/// What each mode keeps of the answer, and makes of it.
template <class Mode>
struct Fetched;

template <>
struct Fetched<FetchAll> {
  static constexpr auto keep = Request::Keep::all_rows;
};
template <>
struct Fetched<FetchRow> {
  static constexpr auto keep = Request::Keep::first_row;
  static std::optional<Row> from(std::optional<Row> row) noexcept { return row; }
};
template <>
struct Fetched<FetchDict> {
  static constexpr auto keep = Request::Keep::first_row;
  static std::optional<Dict> from(std::optional<Row> row) {
    if (!row) return std::nullopt;
    return Dict{std::move(*row)};
  }
};
template <>
struct Fetched<FetchVal> {
  static constexpr auto keep = Request::Keep::first_row;
  static Scalar from(std::optional<Row> row) { return row ? Scalar{std::move(*row)} : Scalar{}; }
};
template <class T>
struct Fetched<FetchValAs<T>> : WithoutItsRow<T> {
  static constexpr auto keep = Request::Keep::first_row;
  static T from(const std::optional<Row>& row) {
    if (row && row->size() != 0) return (*row)[0].template as<T>();
    if constexpr (IsOptional<T>::value) return std::nullopt;
    throw_no_row_for_value();
  }
};
template <class T>
struct Fetched<FetchAllAs<T>> : WithoutItsRow<T> {
  static constexpr auto keep = Request::Keep::all_rows;
  static std::vector<T> from(const Result& result) {
    std::vector<T> values;
    values.reserve(result.size());
    for (const RowView row : result) values.push_back(row.template as<T>());
    return values;
  }
};
template <class T>
struct Fetched<FetchRowAs<T>> : WithoutItsRow<T> {
  static constexpr auto keep = Request::Keep::first_row;
  static std::optional<T> from(const std::optional<Row>& row) {
    if (!row) return std::nullopt;
    return row->template as<T>();
  }
};

}  // namespace detail

/// A statement that was composed and not yet sent: `co_await` sends it and gives what its fetch
/// mode says. It may be moved and kept before that, and is awaited once.
/// Owner   temporaries among the parameters are kept within; see params().
template <class Source, class Mode, class... Held>
class [[nodiscard]] Execution {
 public:
  Execution(Executor& executor, Source source, std::tuple<Held...> values,
            std::chrono::nanoseconds timeout)
      : executor_(&executor),
        source_(std::move(source)),
        values_(std::move(values)),
        timeout_(timeout) {}

  class Awaiter final : private detail::Request {
   public:
    explicit Awaiter(Execution& execution) noexcept
        : Request(detail::Fetched<Mode>::keep), execution_(execution) {}

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> task) {
      statement_ = detail::find_statement(*execution_.executor_, execution_.source_);
      if constexpr (std::is_same_v<Source, Sql>) where_ = execution_.source_.where();
      submit(*execution_.executor_, task, *task.promise().context(), execution_.timeout_);
    }
    auto await_resume() {
      throw_if_failed();
      if constexpr (std::is_same_v<Mode, FetchAll>) {
        return take_result();
      } else if constexpr (detail::Fetched<Mode>::keep == Keep::all_rows) {
        return detail::Fetched<Mode>::from(take_result());
      } else {
        return detail::Fetched<Mode>::from(take_row());
      }
    }

   private:
    std::size_t parameter_count() const noexcept override { return sizeof...(Held); }
    detail::ParameterFailure write_parameters(std::span<const Oid> types,
                                              ByteBuffer& out) const override {
      return detail::write_parameters(execution_.values_, types, out,
                                      std::index_sequence_for<Held...>{});
    }
    Execution& execution_;
  };

  Awaiter operator co_await() && noexcept { return Awaiter{*this}; }

 private:
  Executor* executor_;
  Source source_;
  std::tuple<Held...> values_;
  std::chrono::nanoseconds timeout_;
};

}  // namespace pgreactor
