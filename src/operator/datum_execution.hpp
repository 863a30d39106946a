#pragma once
#include <chrono>
#include <coroutine>
#include <memory>
#include <pgreactor/datum.hpp>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/statement.hpp>
#include <utility>
#include <vector>

namespace pgreactor::operators {

/// A statement with as many parameters as the request has: Execution with a list that is known only
/// when the program runs. `co_await` sends it and gives its Result.
/// Owner   executor, statement and values live until it has ended.
class DatumExecution final : private detail::Request {
 public:
  DatumExecution(Executor& executor, const Statement& statement,
                 const std::vector<const Datum*>& values) noexcept
      : Request(Keep::all_rows), executor_(executor), values_(values) {
    statement_ = statement.entry();
  }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task) {
    submit(executor_, task, *task.promise().context(), detail::no_timeout);
  }
  Result await_resume() {
    throw_if_failed();
    return take_result();
  }

 private:
  std::size_t parameter_count() const noexcept override { return values_.size(); }
  detail::ParameterFailure write_parameters(std::span<const Oid> types,
                                            ByteBuffer& out) const override;

  Executor& executor_;
  const std::vector<const Datum*>& values_;
};

}  // namespace pgreactor::operators
