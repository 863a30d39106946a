#include <algorithm>
#include <cstring>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/detail/stream_request.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <utility>

#include "src/connection/out_of_memory.hpp"
#include "src/connection/statement_entry.hpp"
#include "src/reactor/event_loop.hpp"

namespace pgreactor::detail {

std::shared_ptr<StatementEntry> find_statement(Executor& executor, const Sql& sql) {
  return executor.statement_for(sql.text());
}
std::shared_ptr<StatementEntry> find_statement(Executor&, const Statement& statement) {
  return statement.entry();
}

inline void Request::stop_with(const TaskContext& context) {
  if (context.stop.stop_possible()) stop_.emplace(context.stop, Stop{this});
}

void Request::submit(Executor& executor, std::coroutine_handle<> task, const TaskContext& context,
                     std::chrono::nanoseconds timeout) {
  prepare_to_submit(context, timeout);
  waiter = task;
  executor.submit(*this);
  if (owner_ == nullptr) return;  // it has ended already
  if (timeout != no_timeout) arm_deadline();
  stop_with(context);
}

void Request::submit(Lease& lease, std::coroutine_handle<> task, const TaskContext& context,
                     std::chrono::nanoseconds timeout) {
  prepare_to_submit(context, timeout);
  waiter = task;
  lease.submit(*this);
  if (owner_ == nullptr) return;
  if (timeout != no_timeout) arm_deadline();
  stop_with(context);
}

void Request::prepare_to_submit(const TaskContext& context, std::chrono::nanoseconds timeout) {
  if (context.stop.stop_requested())
    throw CancelledError("a stop was requested before the statement was sent");
  if (timeout <= std::chrono::nanoseconds::zero())
    throw TimeoutError("the statement's time was over before it was sent", Outcome::not_sent);
  reactor_ = context.reactor;
  timeout_ = timeout;
  repeated_ = false;  // a batch may be used again
}

void Request::arm_deadline() {
  if (owner_ != nullptr && timeout_ != no_timeout) loop().arm(deadline_, timeout_);
}

net::EventLoop& Request::loop() const noexcept { return reactor_->event_loop(); }

void Request::append_row(Bytes values, std::size_t most_result_bytes) {
  if (keep_ == Keep::first_row) {
    if (!row_) row_.emplace(shape_, values);
    return;
  }
  if (!rows_) rows_.emplace(most_result_bytes);
  rows_->append(shape_->size(), values);
}

void Request::set_tag(std::string_view tag, std::uint64_t affected) noexcept {
  tag_size_ = static_cast<std::uint8_t>(std::min(tag.size(), tag_.size()));
  std::memcpy(tag_.data(), tag.data(), tag_size_);
  affected_ = affected;
}

bool Request::begin_again() noexcept {
  row_.reset();
  rows_.reset();
  affected_ = 0;
  tag_size_ = 0;
  return !std::exchange(repeated_, true);
}

void Request::finish(std::exception_ptr failure) noexcept {
  if (observation_ != nullptr) [[unlikely]]
    end_observation(failure);
  failure_ = std::move(failure);
  end_wait();
}

// What every query comes to: without the handling of an exception that there is not.
void Request::finish() noexcept {
  if (observation_ != nullptr) [[unlikely]]
    end_observation(nullptr);
  end_wait();
}

inline void Request::end_wait() noexcept {
  if (deadline_.armed()) deadline_.disarm();
  if (keep_ == Keep::streamed) [[unlikely]]
    return static_cast<StreamRequest*>(this)->wake();
  loop().resume_later(*this);
}

void Request::throw_result_refused(std::size_t limit) const {
  throw QueryError("the result is larger than " + std::to_string(limit) +
                       " bytes (max_result_bytes): read it as a stream, or ask for less [" +
                       statement_->text().substr(0, 120) + "]",
                   Outcome::unknown);
}

Result Request::take_result() {
  if (is_result_refused()) [[unlikely]]
    throw_result_refused(rows_->limit());
  return Result{std::move(shape_), rows_ ? std::move(*rows_) : RowStore{}, std::string(tag()),
                affected_};
}

void Request::Deadline::on_due(TimerEntry& entry) noexcept {
  Request& request = static_cast<Deadline&>(entry).request_;
  if (request.is_streamed()) return static_cast<StreamRequest&>(request).on_deadline();
  request.give_up(true);
}

void Request::give_up(bool timed_out) noexcept {
  if (owner_ == nullptr) return;  // it has ended, and only waits to be resumed
  const Outcome outcome = owner_->abandon(*this);
  const std::string_view where =
      outcome == Outcome::not_sent ? "before it was sent" : "while it ran";
  finish(connection::made_or_out_of_memory<QueryError>(outcome, [&] {
    if (!timed_out)
      return std::make_exception_ptr(
          CancelledError("a stop was requested " + std::string(where), outcome));
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(timeout_).count();
    return std::make_exception_ptr(TimeoutError(
        "the statement's " + std::to_string(ms) + " ms were over " + std::string(where), outcome));
  }));
}

}  // namespace pgreactor::detail
