#pragma once
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <pgreactor/datum.hpp>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/statement.hpp>
#include <span>

#include "src/operator/parameter_list.hpp"

namespace pgreactor::operators {

/// A statement with as many parameters as the request has: Execution with a list that is known only
/// when the program runs.
/// Errors  a value that does not fit is named by its column, or as parameter $n when it has none.
/// Owner   executor, statement and values live until it has ended.
class DatumRequest : protected detail::Request {
 protected:
  DatumRequest(Keep keep, Executor& executor, const Statement& statement,
               const ParameterList& parameters) noexcept
      : Request(keep), executor_(executor), parameters_(parameters) {
    statement_ = statement.entry();
  }
  ~DatumRequest() = default;

  Executor& executor_;

 private:
  std::size_t parameter_count() const noexcept override { return parameters_.values.size(); }
  detail::ParameterFailure write_parameters(std::span<const Oid> types,
                                            ByteBuffer& out) const override;

  ParameterList parameters_;
};

/// `co_await` sends it and gives its Result.
class DatumExecution final : private DatumRequest {
 public:
  DatumExecution(Executor& executor, const Statement& statement,
                 const ParameterList& parameters) noexcept
      : DatumRequest(Keep::all_rows, executor, statement, parameters) {}

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
                    const ParameterList& parameters) noexcept
      : DatumRequest(Keep::first_row, executor, statement, parameters) {}

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
