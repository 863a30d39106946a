#pragma once
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <pgreactor/detail/batch_request.hpp>
#include <pgreactor/detail/clauses.hpp>
#include <pgreactor/export.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace pgreactor {

namespace detail {

template <class Mode, class... Held>
class BatchedStatement;

/// What one statement of a batch gave, by its fetch mode.
template <class Mode>
class BatchedOf : public BatchedRequest {
 public:
  auto take() {
    if constexpr (std::is_same_v<Mode, FetchAll>) {
      return take_result();
    } else if constexpr (Fetched<Mode>::keep == Keep::all_rows) {
      return Fetched<Mode>::from(take_result());
    } else {
      return Fetched<Mode>::from(take_row());
    }
  }

 protected:
  BatchedOf() noexcept : BatchedRequest(Fetched<Mode>::keep) {}
};

template <class Mode, class... Held>
class BatchedStatement final : public BatchedOf<Mode> {
 public:
  BatchedStatement(std::shared_ptr<StatementEntry> statement, const std::source_location& where,
                   std::tuple<Held...> values)
      : values_(std::move(values)) {
    this->statement_ = std::move(statement);
    this->where_ = where;
  }

 private:
  std::size_t parameter_count() const noexcept override { return sizeof...(Held); }
  ParameterFailure write_parameters(std::span<const Oid> types, ByteBuffer& out) const override {
    return detail::write_parameters(values_, types, out, std::index_sequence_for<Held...>{});
  }
  std::tuple<Held...> values_;
};

}  // namespace detail

/// Where the result of one statement of a batch will be; made by Batch::add.
/// Owner   a view: valid as long as the batch, and until its clear().
template <class Mode>
class BatchItem {
 public:
  explicit BatchItem(detail::BatchedOf<Mode>& item) noexcept : item_(&item) {}
  /// What execute() with the same fetch mode gives, once, after run() has returned.
  auto get() { return item_->take(); }

 private:
  detail::BatchedOf<Mode>* item_;
};

/// Statements that go to the server together, in one round trip and under one Sync: outside a
/// transaction they are one, all or nothing. The fastest way of many small statements.
///
///   pg::Batch batch(db);
///   auto id = batch.add("INSERT INTO users (name) VALUES ($1) RETURNING id", name,
///                       pg::fetch_val_as<int>);
///   batch.add("UPDATE totals SET users = users + 1");
///   co_await batch.run();
///   use(id.get());
///
/// Owner   the executor outlives it. Values are held as params() holds them, until run().
class PGREACTOR_API Batch final : private detail::BatchRequest {
 public:
  explicit Batch(Executor& executor) noexcept : executor_(executor) {}
  ~Batch() = default;

  using BatchRequest::empty;
  using BatchRequest::size;

  /// Adds a statement; arguments as Executor::execute, without timeout(): run() has one.
  /// Errors  QueryError: there are 100,000 in it already, or it has run and was not cleared.
  template <class... Arguments>
  auto add(const Sql& sql, Arguments&&... arguments) {
    return add_entry(detail::find_statement(executor_, sql), sql.where(),
                     std::forward<Arguments>(arguments)...);
  }
  template <class... Arguments>
  auto add(const Statement& statement, Arguments&&... arguments) {
    return add_entry(statement.entry(), std::source_location(),
                     std::forward<Arguments>(arguments)...);
  }

  class Run {
   public:
    class Awaiter {
     public:
      explicit Awaiter(Batch& batch, std::chrono::nanoseconds timeout) noexcept
          : batch_(batch), timeout_(timeout) {}
      Awaiter(const Awaiter&) = delete;
      Awaiter& operator=(const Awaiter&) = delete;
      // The batch may outlive a task that is destroyed while it waits.
      ~Awaiter() {
        if (waits_) batch_.stop_waiting();
      }
      bool await_ready() const noexcept { return batch_.empty(); }
      template <class Promise>
      void await_suspend(std::coroutine_handle<Promise> task) {
        batch_.start();
        batch_.submit(batch_.executor_, task, *task.promise().context(), timeout_);
        waits_ = true;
      }
      void await_resume() {
        waits_ = false;
        batch_.throw_if_failed();
      }

     private:
      Batch& batch_;
      bool waits_ = false;
      std::chrono::nanoseconds timeout_;
    };
    Run(Batch& batch, std::chrono::nanoseconds timeout) noexcept
        : batch_(&batch), timeout_(timeout) {}
    Awaiter operator co_await() const noexcept { return Awaiter{*batch_, timeout_}; }

   private:
    Batch* batch_;
    std::chrono::nanoseconds timeout_;
  };

  /// `co_await batch.run()` sends all of it and waits for the end of all; once, until clear().
  /// Errors  QueryError (or a subtype) of the first statement that failed: of a batch outside a
  ///         transaction nothing has happened, unless a COMMIT or the like is in it (the outcome is
  ///         unknown then). A value that does not fit: nothing was sent.
  [[nodiscard]] Run run(Timeout limit = Timeout(detail::no_timeout)) noexcept {
    return Run{*this, limit.duration()};
  }
  /// Makes it empty, to be used again.
  using BatchRequest::clear;

  /// For the library: adds a statement whose arguments are sorted already.
  template <class Mode, class... Held>
  BatchItem<Mode> add_held(std::shared_ptr<detail::StatementEntry> entry,
                           const std::source_location& where, std::tuple<Held...>&& values) {
    if (size() >= most || ran_) [[unlikely]]
      throw_no_more();
    auto* item = make<Mode>(std::move(entry), where, std::move(values));
    append(item);
    return BatchItem<Mode>(*item);
  }

 private:
  template <class... Arguments>
  auto add_entry(std::shared_ptr<detail::StatementEntry> entry, const std::source_location& where,
                 Arguments&&... arguments) {
    static_assert(!(detail::is_timeout<Arguments> || ...), "a batch has one timeout: run(timeout)");
    static_assert(!(detail::is_server_timeout<Arguments> || ...),
                  "a batch has no server_timeout(): each of its statements is timed by itself");
    return add_held<detail::ModeOf<Arguments...>>(
        std::move(entry), where, detail::values_of(std::forward<Arguments>(arguments)...));
  }
  template <class Mode, class... Held>
  static detail::BatchedOf<Mode>* make(std::shared_ptr<detail::StatementEntry> entry,
                                       const std::source_location& where,
                                       std::tuple<Held...>&& values) {
    return new detail::BatchedStatement<Mode, Held...>(std::move(entry), where, std::move(values));
  }
  void start();
  [[noreturn]] void throw_no_more() const;

  Executor& executor_;
};

}  // namespace pgreactor
