#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <pgreactor/detail/parameters.hpp>
#include <pgreactor/detail/ready_list.hpp>
#include <pgreactor/detail/task_context.hpp>
#include <pgreactor/detail/timer_entry.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/result.hpp>
#include <source_location>
#include <span>
#include <stop_token>
#include <string_view>

namespace pgreactor {
class Executor;
namespace net {
class EventLoop;
}
}  // namespace pgreactor

namespace pgreactor::detail {

class Lease;
class Observation;
class QueryWatch;
class StatementEntry;
class Request;

/// What a statement without the clause timeout() has.
inline constexpr auto no_timeout = std::chrono::nanoseconds::max();

/// Where a request is while it has not ended: a pool's queue, or a slot of a connection. It lets
/// go of the request when asked; what was sent stays sent, and its answer is dropped.
class RequestOwner {
 public:
  /// Whether the request reached the server; it is nobody's after this.
  virtual Outcome abandon(Request& request) noexcept = 0;
  /// The same for one that is left here: what its user knows who waits no longer.
  virtual Outcome outcome_if_left(const Request& request) const noexcept = 0;

 protected:
  ~RequestOwner() = default;
};

/// The link that a pool's queue keeps its waiters by: statements, and tasks that want a connection.
class Waiter : public Resumable {
 public:
  enum class Kind : std::uint8_t { statement, connection };
  explicit Waiter(Kind kind) noexcept : kind_(kind) {}
  Kind kind() const noexcept { return kind_; }
  /// When the queue gives up on it. All wait equally long, so the queue's order is theirs.
  TimerEntry::Clock::time_point expiry{};

 private:
  Kind kind_;
};

/// One statement on its way: part of the awaiter, so that sending it allocates nothing.
class PGREACTOR_API Request : public Waiter {
 public:
  enum class Keep : std::uint8_t { all_rows, first_row, streamed, batched, script, portal };

  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // What the connection asks.
  virtual std::size_t parameter_count() const noexcept = 0;
  /// See write_parameters().
  virtual ParameterFailure write_parameters(std::span<const Oid> types, ByteBuffer& out) const = 0;
  const std::shared_ptr<StatementEntry>& statement() const noexcept { return statement_; }
  const std::source_location& where() const noexcept { return where_; }

  // What the connection tells. `values` are those of a checked DataRow.
  void set_shape(const std::shared_ptr<const ResultShape>& shape) { shape_ = shape; }
  const std::shared_ptr<const ResultShape>& shape() const noexcept { return shape_; }
  void append_row(Bytes values, std::size_t most_result_bytes);
  bool is_streamed() const noexcept { return keep_ == Keep::streamed; }
  bool is_batched() const noexcept { return keep_ == Keep::batched; }
  bool is_script() const noexcept { return keep_ == Keep::script; }
  bool is_portal() const noexcept { return keep_ == Keep::portal; }
  /// One statement, whose answer is kept here.
  bool is_plain() const noexcept { return keep_ <= Keep::first_row; }
  /// Only a Result, a stream and an observer show the command tag.
  bool wants_tag() const noexcept { return keep_ != Keep::first_row || observation_ != nullptr; }
  void set_tag(std::string_view tag, std::uint64_t affected) noexcept;
  std::string_view tag() const noexcept { return {tag_.data(), tag_size_}; }
  std::uint64_t affected_rows() const noexcept { return affected_; }
  /// True once: from now on it is sent for the second time, and what came of the first is gone.
  virtual bool begin_again() noexcept;
  void set_owner(RequestOwner* owner) noexcept { owner_ = owner; }
  RequestOwner* owner() const noexcept { return owner_; }
  /// It has ended, with `failure` or well: its task is resumed in the loop's next turn.
  void finish(std::exception_ptr failure) noexcept;
  void finish() noexcept;
  /// Tells the observer that it begins on this connection; finish() will tell of its end.
  void observe(const std::shared_ptr<QueryWatch>& watch, std::uint64_t connection);
  /// The same as finish() does, for one that could not be taken on.
  void end_observation(const std::exception_ptr& failure) noexcept;

 protected:
  explicit Request(Keep keep) noexcept : Waiter(Kind::statement), deadline_(*this), keep_(keep) {}
  ~Request() {
    if (owner_ != nullptr) drop();
  }
  void drop() noexcept;

  /// Sends it, or throws what is wrong with it before anything is sent.
  void submit(Executor& executor, std::coroutine_handle<> task, const TaskContext& context,
              std::chrono::nanoseconds timeout);
  void submit(Lease& lease, std::coroutine_handle<> task, const TaskContext& context,
              std::chrono::nanoseconds timeout);
  /// The parts of submit(): what comes before, and after it was taken on.
  void prepare_to_submit(const TaskContext& context, std::chrono::nanoseconds timeout);
  void arm_deadline();
  /// The time that an error names: that of the call, of which the statement had only a rest.
  void set_named_timeout(std::chrono::nanoseconds timeout) noexcept { timeout_ = timeout; }
  void stop_with(const TaskContext& context);
  void end_wait() noexcept;
  /// Its task is destroyed while it waits.
  void stop_waiting() noexcept;
  /// For one that is awaited more than once: nothing of the last time is left for the next.
  void forget_last_wait() noexcept;
  net::EventLoop& loop() const noexcept;
  void give_up(bool timed_out) noexcept;
  void throw_if_failed() {
    if (failure_) [[unlikely]]
      std::rethrow_exception(std::move(failure_));
  }
  /// The same as often as it is asked.
  void throw_if_failed_again() const {
    if (failure_) std::rethrow_exception(failure_);
  }
  /// Errors  QueryError: it was larger than it may be.
  Result take_result();
  bool is_result_refused() const noexcept { return rows_ && rows_->refused(); }
  std::size_t result_limit() const noexcept { return rows_->limit(); }
  void drop_result() noexcept { rows_.reset(); }
  [[noreturn]] void throw_result_refused(std::size_t limit) const;
  std::optional<Row> take_row() noexcept { return std::move(row_); }

  std::shared_ptr<StatementEntry> statement_;
  std::source_location where_;

 private:
  class Deadline : public TimerEntry {
   public:
    explicit Deadline(Request& request) noexcept
        : TimerEntry(&Deadline::on_due), request_(request) {}

   private:
    static void on_due(TimerEntry& entry) noexcept;
    Request& request_;
  };
  struct Stop {
    Request* request;
    void operator()() const noexcept { request->give_up(false); }
  };

  RequestOwner* owner_ = nullptr;
  Observation* observation_ = nullptr;  // ours, while somebody observes it
  Reactor* reactor_ = nullptr;
  std::shared_ptr<const ResultShape> shape_;
  std::optional<Row> row_;
  std::optional<RowStore> rows_;
  std::exception_ptr failure_;
  std::uint64_t affected_ = 0;
  Deadline deadline_;
  std::chrono::nanoseconds timeout_ = no_timeout;
  std::optional<std::stop_callback<Stop>> stop_;
  std::array<char, 29> tag_{};  // the longest is "CREATE TEXT SEARCH CONFIGURATION": cut, not lost
  std::uint8_t tag_size_ = 0;
  bool repeated_ = false;
  Keep keep_;
};

}  // namespace pgreactor::detail
