#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <pgreactor/pgreactor.hpp>
#include <string>

#include "tests/pool/per_query.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/answering_backend.hpp"
#include "tests/support/backend_thread.hpp"

namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using testing_support::AnsweringBackend;
using testing_support::BackendThread;

// Without packing it is a quarter of a read for each: three or four at a time.
TEST(Dispatch, FastStatementsShareASendOnceTheyAreMoreThanTheConnections) {
  constexpr std::uint32_t connections = 64;
  constexpr int tasks = 256;
  const auto reads_when_waiting_at_most = [](std::chrono::seconds wait) {
    BackendThread<AnsweringBackend> backend;
    ConnectionOptions options = options_for(backend, connections);
    options.pool_min_conns = connections;
    options.pool_sharing_time = wait;  // a busy machine makes every statement look slow
    Reactor reactor;
    DBConnector db(reactor, options);
    const auto reads_so_far = [&] {
      return backend.with_backend([](AnsweringBackend& self) { return self.counts().reads; });
    };
    const auto measured = [&]() -> Task<double> {
      co_await db.warm_up();
      co_return co_await per_query(db, tasks, reads_so_far);
    };
    return reactor.run(measured());
  };
  const double packed = reads_when_waiting_at_most(10s), spread = reads_when_waiting_at_most(0s);
  EXPECT_LT(packed, 0.2);
  EXPECT_LT(packed, spread);
  RecordProperty("reads_per_query", std::to_string(packed));
}

}  // namespace
}  // namespace pgreactor::pool_testing
