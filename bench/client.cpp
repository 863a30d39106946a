#include "bench/client.hpp"

#include <chrono>
#include <pgreactor/pgreactor.hpp>
#include <stdexcept>
#include <vector>

#include "tests/support/allocation_count.hpp"

namespace pgreactor::bench {
namespace {

Task<std::uint64_t> ask(DBConnector& db, const Statement& statement, std::uint64_t queries) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < queries; ++i)
    sum += static_cast<std::uint64_t>(co_await db.execute(statement, 1, fetch_val_as<int>));
  co_return sum;
}

Task<std::uint64_t> ask_at_depth(DBConnector& db, const Statement& statement,
                                 const Workload& workload) {
  std::vector<Task<std::uint64_t>> tasks;
  for (std::uint64_t i = 0; i < workload.depth; ++i)
    tasks.push_back(ask(db, statement, workload.queries / workload.depth));
  std::uint64_t sum = 0;
  for (const std::uint64_t each : co_await when_all(std::move(tasks))) sum += each;
  co_return sum;
}

Task<Cost> measure(DBConnector& db, const Workload& workload) {
  const Statement statement = db.prepare("SELECT $1::int4");
  Workload warm_up = workload;
  warm_up.queries = 10 * workload.depth;
  static_cast<void>(co_await ask_at_depth(db, statement, warm_up));

  Cost cost;
  cost.queries = workload.queries / workload.depth * workload.depth;
  const std::size_t allocations = testing_support::allocations_on_this_thread();
  const SystemCalls calls = system_calls();
  const auto start = std::chrono::steady_clock::now();
  cost.checksum = co_await ask_at_depth(db, statement, workload);
  cost.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const SystemCalls after = system_calls();
  cost.allocations = testing_support::allocations_on_this_thread() - allocations;
  cost.calls = {after.sends - calls.sends, after.receives - calls.receives,
                after.waits - calls.waits};
  if (cost.checksum != cost.queries) throw std::runtime_error("an answer was wrong");
  co_return cost;
}

}  // namespace

Cost run_client(const Workload& workload) {
  ConnectionOptions options = ConnectionOptions::parse(workload.uri);
  options.pool_min_conns = options.pool_max_conns = 1;
  Reactor reactor;
  DBConnector db(reactor, options);
  return reactor.run(measure(db, workload));
}

}  // namespace pgreactor::bench
