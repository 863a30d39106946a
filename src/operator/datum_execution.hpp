#pragma once
#include <chrono>
#include <coroutine>
#include <memory>
#include <optional>
#include <pgreactor/datum.hpp>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/statement.hpp>
#include <span>

namespace pgreactor::operators {

/// A statement with as many parameters as the request has: Execution with a list that is known only
/// when the program runs.
/// Owner   executor, statement and values live until it has ended.
class DatumRequest : protected detail::Request {
 protected:
  DatumRequest(Keep keep, Executor& executor, const Statement& statement,
               std::span<const Datum* const> values) noexcept
      : Request(keep), executor_(executor), values_(values) {
    statement_ = statement.entry();
  }
  ~DatumRequest() = default;

  Executor& executor_;

 private:
  std::size_t parameter_count() const noexcept override { return values_.size(); }
  detail::ParameterFailure write_parameters(std::span<const Oid> types,
                                            ByteBuffer& out) const override;

  std::span<const Datum* const> values_;
};

/// `co_await` sends it and gives its Result.
class DatumExecution final : private DatumRequest {
 public:
  DatumExecution(Executor& executor, const Statement& statement,
                 std::span<const Datum* const> values) noexcept
      : DatumRequest(Keep::all_rows, executor, statement, values) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task) {
    submit(executor_, task, *task.promise().context(), detail::no_timeout);
  }
  Result await_resume() {
    throw_if_failed();
    return take_result();
  }
};

/// `co_await` sends it and gives its first row.
class DatumRowExecution final : private DatumRequest {
 public:
  DatumRowExecution(Executor& executor, const Statement& statement,
                    std::span<const Datum* const> values) noexcept
      : DatumRequest(Keep::first_row, executor, statement, values) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task) {
    submit(executor_, task, *task.promise().context(), detail::no_timeout);
  }
  std::optional<Row> await_resume() {
    throw_if_failed();
    return take_row();
  }
};

}  // namespace pgreactor::operators
