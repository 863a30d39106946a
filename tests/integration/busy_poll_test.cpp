#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <pgreactor/pgreactor.hpp>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;

class BusyPoll : public DatabaseTest {
 protected:
  ConnectionOptions polling() const {
    ConnectionOptions chosen = options();
    chosen.busy_poll = 10ms;  // longer than any of these statements but one
    return chosen;
  }
};

TEST_F(BusyPoll, AnswersAsAnyOtherWay) {
  run_with(polling(), [](DBConnector& db) -> Task<void> {
    for (int i = 0; i < 1000; ++i)
      EXPECT_EQ(co_await db.execute("SELECT $1::int4", i, fetch_val_as<int>), i);
    RowStream rows = co_await db.stream("SELECT generate_series(1, 10000)");
    int count = 0;
    while (co_await rows.next()) ++count;
    EXPECT_EQ(count, 10'000);
  });
}

// Two tasks that never stop asking would keep a loop that only polls from everything else.
TEST_F(BusyPoll, DoesNotKeepTheLoopFromTimersAndOtherThreads) {
  run_with(polling(), [](DBConnector& db) -> Task<void> {
    bool over = false, posted = false;
    const auto ask = [&]() -> Task<void> {
      while (!over || !posted) co_await db.execute("SELECT 1");
    };
    const auto wait = [&]() -> Task<void> {
      const detail::TaskContext& context = co_await detail::CurrentContext{};
      context.reactor->post([&posted] { posted = true; });
      co_await sleep_for(20ms);
      over = true;
    };
    co_await when_all(ask(), ask(), wait());
    EXPECT_TRUE(posted);
  });
}

TEST_F(BusyPoll, AServerThatTakesItsTimeIsWaitedForAsleep) {
  run_with(polling(), [](DBConnector& db) -> Task<void> {
    const auto cpu = [] { return std::clock(); };
    const auto before = cpu();
    co_await db.execute("SELECT pg_sleep(0.5)");
    EXPECT_LT(cpu() - before, CLOCKS_PER_SEC / 4);
  });
}

TEST_F(BusyPoll, SurvivesTheEndOfAConnection) {
  run_with(polling(), [](DBConnector& db) -> Task<void> {
    for (int i = 0; i < 3; ++i) {
      const auto gone =
          co_await as_attempt(db.execute("SELECT pg_terminate_backend(pg_backend_pid())"));
      EXPECT_FALSE(gone);
      EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    }
  });
}

}  // namespace
}  // namespace pgreactor::integration
