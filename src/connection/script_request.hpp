#pragma once
#include <coroutine>
#include <memory>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/detail/stream_request.hpp>
#include <pgreactor/result.hpp>
#include <source_location>
#include <vector>

namespace pgreactor::detail {

/// Statements that the server takes apart itself: one text, sent by the simple protocol, and a
/// result for each of them. Awaited once.
class ScriptRequest final : public Request {
 public:
  ScriptRequest(std::shared_ptr<StatementEntry> text, const std::source_location& where,
                Lease& lease, std::chrono::nanoseconds timeout,
                std::chrono::nanoseconds left) noexcept
      : Request(Keep::script), lease_(lease), timeout_(timeout), left_(left) {
    statement_ = std::move(text);
    where_ = where;
  }

  // What the connection tells.
  void begin_rows(std::vector<Column> columns);
  /// A statement has ended, `tag` being its own. Nothing that comes later undoes one that may have
  /// ended a transaction.
  void end_statement(bool may_have_committed);
  /// Data for a COPY is wanted, or given: neither has a place here.
  void refuse_copy() noexcept { copies_ = true; }

  /// Statements that have ended well.
  std::size_t ended() const noexcept { return results_.size(); }
  bool committed() const noexcept { return committed_; }
  bool copies() const noexcept { return copies_; }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task) {
    submit(lease_, task, *task.promise().context(), left_);
    set_named_timeout(timeout_);
  }
  std::vector<Result> await_resume() {
    throw_if_failed();
    if (refused_limit_ != 0) throw_result_refused(refused_limit_);
    return std::move(results_);
  }

 private:
  std::size_t parameter_count() const noexcept override { return 0; }
  ParameterFailure write_parameters(std::span<const Oid>, ByteBuffer&) const override { return {}; }

  Lease& lease_;
  std::chrono::nanoseconds timeout_, left_;
  std::vector<Result> results_;
  std::size_t refused_limit_ = 0;  // of a result that was larger
  bool committed_ = false;
  bool copies_ = false;
};

}  // namespace pgreactor::detail
