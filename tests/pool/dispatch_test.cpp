#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <pgreactor/pgreactor.hpp>
#include <string>

#include "tests/pool/per_query.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/answering_backend.hpp"

namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using testing_support::AnsweringBackend;

// The backend is on the same loop, and the waits are beyond any a busy machine makes or below them
// all: what goes together does not depend on the time.
double reads_per_query(std::chrono::microseconds sharing_time) {
  constexpr std::uint32_t connections = 64;
  constexpr int tasks = 256;
  Reactor reactor;
  AnsweringBackend backend(reactor);
  ConnectionOptions options = options_for(backend, connections);
  options.pool_min_conns = connections;
  options.pool_sharing_time = sharing_time;
  DBConnector db(reactor, options);
  const auto measured = [&]() -> Task<double> {
    co_await db.warm_up();
    co_return co_await per_query(db, tasks, [&] { return backend.counts().reads; });
  };
  return reactor.run(measured());
}

TEST(Dispatch, FastStatementsShareASendOnceTheyAreMoreThanTheConnections) {
  const double spread = reads_per_query(0s), packed = reads_per_query(10s);
  EXPECT_LE(packed, 0.5 * spread);
  RecordProperty("reads_per_query", std::to_string(packed));
}

// All are asked at once, so that each waits for as long as all of them take. What stands behind
// another in one send has its answer with it.
TEST(Dispatch, AStatementIsNotSlowForWhatTheServerDoesForOthers) {
  EXPECT_LE(reads_per_query(1us), 0.5 * reads_per_query(0us));
}

}  // namespace
}  // namespace pgreactor::pool_testing
