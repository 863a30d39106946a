// A connection taken from the pool and given back, with and without tasks that wait for it. The
// servers answer while connections are opened; a hand-off sends nothing.
#include "src/pool/pool.hpp"

#include <pgreactor/combinators.hpp>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/reactor.hpp>
#include <vector>

#include "bench/micro/micro_benchmark.hpp"
#include "bench/short/in_memory_server.hpp"
#include "src/pool/lease.hpp"

namespace pgreactor::bench {
namespace {

/// One iteration for each time that the connection is somebody's.
Task<void> take_and_give_back(Loop& loop, pool::Pool& pool) {
  while (loop.next()) {
    pool::Member& member = co_await pool.acquire();
    pool.release(member);
  }
}

Task<void> lease_and_end(Loop& loop, pool::Pool& pool) {
  while (loop.next()) const auto lease = co_await pool::lease(pool);
}

Task<void> with_tasks(Loop& loop, pool::Pool& pool, std::size_t count) {
  co_await pool.warm_up();
  std::vector<Task<void>> tasks;
  for (std::size_t i = 0; i < count; ++i) tasks.push_back(take_and_give_back(loop, pool));
  co_await when_all(std::move(tasks));
}

Task<void> with_leases(Loop& loop, pool::Pool& pool) {
  co_await pool.warm_up();
  co_await lease_and_end(loop, pool);
}

/// A pool of so many connections, all open.
template <class Body>
void with_pool(std::uint32_t connections, Body body) {
  InMemoryServer server;
  ConnectionOptions options =
      ConnectionOptions::parse("postgresql://bench@/bench?port=5432&host=" + server.host());
  options.pool_min_conns = options.pool_max_conns = connections;
  Reactor reactor;
  pool::Pool pool(reactor, options);
  reactor.run(body(pool));
}

/// Tasks that take turns at so many connections.
MicroBenchmark turns(std::string name, std::size_t tasks, std::uint32_t connections) {
  return {std::move(name), [=](Loop& loop) {
            with_pool(connections, [&](pool::Pool& pool) { return with_tasks(loop, pool, tasks); });
          }};
}

}  // namespace

void add_pool(MicroBenchmarks& all) {
  all.push_back(turns("pool/acquire", 1, 1));
  all.push_back(turns("pool/acquire_of_20", 1, 20));
  all.push_back(turns("pool/hand_off", 2, 1));
  all.push_back(turns("pool/hand_off_64_wait", 64, 1));
  all.push_back({"pool/lease", [](Loop& loop) {
                   with_pool(1, [&](pool::Pool& pool) { return with_leases(loop, pool); });
                 }});
}

}  // namespace pgreactor::bench
