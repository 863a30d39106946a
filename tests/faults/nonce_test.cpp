#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <pgreactor/pgreactor.hpp>

#include "tests/faults/nonce_load.hpp"
#include "tests/faults/settings.hpp"
#include "tests/integration/database_fixture.hpp"

namespace pgreactor::faults {
namespace {

class Nonces : public integration::DatabaseTest {
 protected:
  static constexpr int connections = 20, tasks = 48;

  static void print(const NonceLoad::Counts& counts, std::chrono::steady_clock::duration took) {
    std::printf("%" PRIu64 " asked, %" PRIu64 " answered, %" PRIu64 " mismatched; calls: %" PRIu64
                " given up, %" PRIu64 " lost, %" PRIu64 " outdated, %" PRIu64
                " unexpected; %" PRIu64 " sessions killed, %" PRIu64 " changes, %" PRIu64
                " forgotten; %.1f s\n",
                counts.asked, counts.answered, counts.mismatched, counts.given_up, counts.lost,
                counts.outdated, counts.unexpected, counts.killed, counts.altered, counts.forgotten,
                std::chrono::duration<double>(took).count());
  }
};

// Requirement: P4
// Requirement: P5
// Requirement: P9
TEST_F(Nonces, EveryAnswerGoesToTheOneWhoAskedWhateverIsCancelledKilledAndChanged) {
  const std::uint64_t numbers = number_from("PGREACTOR_FAULTS_QUERIES", 30'000);
  const std::uint64_t drawn = seed();
  ConnectionOptions full = options();
  full.pool_min_conns = full.pool_max_conns = connections;
  Reactor reactor;
  DBConnector db(reactor, full);
  DBConnector other(reactor, options_for_one_connection());
  NonceLoad load(db, other, drawn, numbers);
  const auto begun = std::chrono::steady_clock::now();
  const auto all = [&]() -> Task<void> {
    co_await other.execute("CREATE TABLE thing (id int)");
    co_await other.execute("INSERT INTO thing VALUES (1)");
    co_await load.run(tasks);
    print(load.counts(), std::chrono::steady_clock::now() - begun);
    co_await load.ask_on_all(connections);
    EXPECT_EQ(db.statistics().lent, 0u);
    co_await db.close();
    co_await other.close();
  };
  // A query in a millisecond is slow; one that never ends is found.
  reactor.run(with_timeout(std::chrono::seconds(60) + std::chrono::milliseconds(numbers), all()));

  const NonceLoad::Counts& counts = load.counts();
  EXPECT_EQ(counts.mismatched, 0u);
  EXPECT_EQ(counts.unexpected, 0u) << counts.first_unexpected;
  EXPECT_GT(counts.answered, numbers / 2);
  EXPECT_GT(counts.given_up, 0u) << "nothing was cancelled: this shows nothing";
  EXPECT_GT(counts.lost, 0u) << "nothing was killed: this shows nothing";
  EXPECT_GT(counts.altered, 0u);
  EXPECT_GT(counts.forgotten, 0u);
}

}  // namespace
}  // namespace pgreactor::faults
