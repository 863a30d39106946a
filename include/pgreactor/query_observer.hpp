#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <pgreactor/export.hpp>
#include <pgreactor/vocabulary/outcome.hpp>
#include <source_location>
#include <string_view>
#include <utility>

namespace pgreactor {

class Error;

/// What a connection has taken on: a statement, batch, script, stream or COPY, also those that the
/// pool sends itself (BEGIN, COMMIT, ROLLBACK, DISCARD ALL).
/// Owner   the texts are gone when the call returns.
struct QueryBegin {
  std::uint64_t query = 0;       ///< its number in this pool, from 1
  std::uint64_t connection = 0;  ///< that of PoolHooks
  std::string_view sql{};        ///< of a batch, its first statement; never a value
  std::size_t statements = 1;    ///< of a batch
  std::source_location where{};  ///< in the caller's program; of line 0 when that is not known
  std::chrono::steady_clock::time_point at{};  ///< the time in a pool's queue is over by then
};

/// What came of it.
struct QueryEnd : QueryBegin {
  std::chrono::nanoseconds duration{0};
  std::uint64_t rows = 0;          ///< as the command tag counts them; of a batch, all together
  std::string_view command_tag{};  ///< "INSERT 0 1"; of a script or batch, the last
  bool succeeded = true;
  const Error* error = nullptr;  ///< with its SQLSTATE; null on success, or when memory ran out
  Outcome outcome = Outcome::unknown;  ///< of one that failed, was given up or dropped
};

/// Told of each query's begin and end: see DBConnector::set_observer. What the hook for new
/// connections asks of one that is new is not told, nor what never came out of the pool's queue.
/// Both calls run on the loop's thread, before the query's task goes on. They must not use the
/// pool. One that throws is counted in PoolStatistics::failed_observations, and changes nothing
/// else.
class PGREACTOR_API QueryObserver {
 public:
  using OnBegin = std::function<void(const QueryBegin&)>;
  using OnEnd = std::function<void(const QueryEnd&)>;

  QueryObserver() noexcept {}

  QueryObserver& on_begin(OnBegin call) {
    begin_ = std::move(call);
    return *this;
  }
  /// Once for each begin.
  QueryObserver& on_end(OnEnd call) {
    end_ = std::move(call);
    return *this;
  }

  explicit operator bool() const noexcept { return begin_ != nullptr || end_ != nullptr; }
  void began(const QueryBegin& query) const {
    if (begin_) begin_(query);
  }
  void ended(const QueryEnd& query) const {
    if (end_) end_(query);
  }

 private:
  OnBegin begin_;
  OnEnd end_;
};

}  // namespace pgreactor
