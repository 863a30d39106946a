#include <algorithm>
#include <limits>
#include <pgreactor/executor.hpp>
#include <pgreactor/values/text.hpp>
#include <string>

namespace pgreactor::detail {
namespace {

// What was in force is kept beside it, for the end: nobody else can know it.
constexpr std::string_view begin_in_transaction =
    "SELECT set_config('pgreactor.statement_timeout', current_setting('statement_timeout'), true), "
    "set_config('statement_timeout', $1, true)";
constexpr std::string_view begin_alone = "SELECT set_config('statement_timeout', $1, true)";
constexpr std::string_view end =
    "SELECT set_config('statement_timeout', current_setting('pgreactor.statement_timeout'), true)";

}  // namespace

void add_server_timeout(Batch& batch, Executor& executor, std::chrono::nanoseconds limit) {
  if (limit <= std::chrono::nanoseconds::zero())
    throw TimeoutError("the statement's time on the server was over before it was sent",
                       Outcome::not_sent);
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  if (ms > std::numeric_limits<std::int32_t>::max())
    throw QueryError("server_timeout(): the server counts at most 2147483647 ms");
  batch.add(executor.is_transaction() ? begin_in_transaction : begin_alone, std::to_string(ms),
            fetch_row);
}

void add_end_of_server_timeout(Batch& batch, Executor& executor) {
  if (executor.is_transaction()) batch.add(end, fetch_row);
}

void rethrow_limited(const QueryError& error) {
  constexpr std::string_view query_canceled = "57014";
  if (error.report() == nullptr || error.sqlstate() != query_canceled) throw;
  throw TimeoutError(error.what(), error.outcome(),
                     std::make_shared<const ServerReport>(*error.report()));
}

}  // namespace pgreactor::detail
