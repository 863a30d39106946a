#include <cstddef>
#include <new>
#include <optional>
#include <pgreactor/batch.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/integration/database_fixture.hpp"
#include "tests/support/allocation_count.hpp"

// Each allocation of a piece of work fails once, in a run of its own: the work ends with an error,
// nothing ends the process, and the pool serves what comes next.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using testing_support::allocation_is_to_fail;
using testing_support::allocations_are_counted;
using testing_support::fail_allocation;

class OutOfMemory : public DatabaseTest {
 protected:
  void SetUp() override {
    if (!allocations_are_counted()) GTEST_SKIP() << "allocations cannot be made to fail here";
    DatabaseTest::SetUp();
  }
  void TearDown() override {
    if (allocations_are_counted()) DatabaseTest::TearDown();
  }

  /// `prepare(db)` finds memory. Then `work(db)` does not, with the first, the second, ...
  /// allocation, until it does everything with less.
  template <class Prepare, class Work>
  void sweep(Prepare prepare, Work work) {
    sweep_with(options(), prepare, work);
  }
  template <class Prepare, class Work>
  void sweep_with(const ConnectionOptions& options, Prepare prepare, Work work) {
    bool is_through = false;
    std::size_t which = 1;
    for (; !is_through && !HasFatalFailure(); ++which) {
      // A thread of its own has no frames of coroutines to use again.
      std::thread([&] { is_through = run_once(options, prepare, work, which); }).join();
      ASSERT_LT(which, 10'000U);
    }
    EXPECT_GT(which, 10U) << "hardly any allocation has failed";
  }

 private:
  /// Whether the work did not allocate so often.
  template <class Prepare, class Work>
  bool run_once(const ConnectionOptions& options, Prepare& prepare, Work& work, std::size_t which) {
    Reactor reactor;
    DBConnector db(reactor, options);
    reactor.run(with_timeout(patience, prepare(db)));
    fail_allocation(which);
    bool failed = false;
    try {
      reactor.run(with_timeout(patience, work(db)));
    } catch (const std::bad_alloc&) {
      failed = true;
    } catch (const TimeoutError& error) {
      ADD_FAILURE() << "allocation " << which << ": " << error.what();
    } catch (const Error&) {
      failed = true;
    }
    const bool is_through = allocation_is_to_fail();
    fail_allocation(0);
    EXPECT_FALSE(is_through && failed) << "failed with all its memory";
    const auto next = [&]() -> Task<void> {
      EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1) << "allocation " << which;
      co_await db.close();
    };
    reactor.run(with_timeout(patience, next()));
    return is_through;
  }
};

Task<void> nothing(DBConnector&) { co_return; }
Task<void> warm_up(DBConnector& db) { co_await db.execute("SELECT 1"); }

// Requirement: P7
TEST_F(OutOfMemory, TheFirstStatementOfAPool) {
  sweep(nothing, [](DBConnector& db) -> Task<void> { co_await db.execute("SELECT $1::int4", 1); });
}

TEST_F(OutOfMemory, TheFirstStatementOverTcpByName) {
  const ConnectionOptions by_name =
      options_from("host=localhost user=postgres dbname=postgres sslmode=disable port=" +
                   std::to_string(server().port()));
  sweep_with(by_name, nothing,
             [](DBConnector& db) -> Task<void> { co_await db.execute("SELECT 1"); });
}

TEST_F(OutOfMemory, TheFirstStatementOverTls) {
  const testing::ThrowawayServer offering(testing::ThrowawayServerOptions().tcp().tls());
  const ConnectionOptions options =
      options_from("host=127.0.0.1 user=postgres dbname=postgres sslmode=require port=" +
                   std::to_string(offering.port()));
  sweep_with(options, nothing,
             [](DBConnector& db) -> Task<void> { co_await db.execute("SELECT 1"); });
}

TEST_F(OutOfMemory, AStatement) {
  sweep(warm_up, [](DBConnector& db) -> Task<void> {
    const Result rows = co_await db.execute("SELECT $1::text FROM generate_series(1, 3)", "text");
    EXPECT_EQ(rows.size(), 3U);
  });
}

TEST_F(OutOfMemory, AStatementThatFails) {
  sweep(warm_up, [](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(db.execute("SELECT 1 / $1::int4", 0));
    EXPECT_FALSE(attempt);
  });
}

TEST_F(OutOfMemory, ABatch) {
  sweep(warm_up, [](DBConnector& db) -> Task<void> {
    Batch batch(db);
    for (int i = 0; i < 3; ++i) batch.add("SELECT $1::int4", i);
    co_await batch.run();
  });
}

TEST_F(OutOfMemory, ATransaction) {
  sweep(warm_up, [](DBConnector& db) -> Task<void> {
    co_await db.transaction([](Transaction& tx) -> Task<void> {
      co_await tx.execute("SELECT 1");
      Transaction within = co_await tx.begin();
      const auto attempt = co_await as_attempt(within.execute("SELECT 1 / 0"));
      EXPECT_FALSE(attempt);
      co_await within.rollback();
    });
  });
}

TEST_F(OutOfMemory, ACursor) {
  sweep(warm_up, [](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    Cursor cursor = co_await tx.cursor("SELECT generate_series(1, $1::int4)", 5);
    while (!cursor.at_end()) static_cast<void>(co_await cursor.fetch(2));
    co_await cursor.close();
    co_await tx.commit();
  });
}

TEST_F(OutOfMemory, AStream) {
  sweep(warm_up, [](DBConnector& db) -> Task<void> {
    auto rows = co_await db.stream("SELECT i, repeat('x', 1000) FROM generate_series(1, 100) AS i");
    while (co_await rows.next()) {
    }
  });
}

TEST_F(OutOfMemory, ACopy) {
  sweep(
      [](DBConnector& db) -> Task<void> {
        co_await db.execute("CREATE TABLE IF NOT EXISTS copied (a int, b text)");
      },
      [](DBConnector& db) -> Task<void> {
        CopyIn in = co_await db.copy_in("copied", columns("a", "b"));
        for (int i = 0; i < 3; ++i) co_await in.row(i, "text");
        co_await in.finish();
      });
}

TEST_F(OutOfMemory, AStatementThatIsGivenUp) {
  sweep(warm_up, [](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(db.execute("SELECT pg_sleep(0.5)", timeout(10ms)));
    EXPECT_FALSE(attempt);
    // Until it is cancelled.
    co_await sleep_for(10ms);
  });
}

// Its place in the pool is free for another, whatever was lacking.
TEST_F(OutOfMemory, AStatementThatIsGivenUpOnTheOnlyConnection) {
  sweep_with(options_for_one_connection(), warm_up, [](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(db.execute("SELECT pg_sleep(0.5)", timeout(10ms)));
    EXPECT_FALSE(attempt);
    co_await sleep_for(10ms);
  });
}

TEST_F(OutOfMemory, AWaitForAConnectionThatIsStopped) {
  sweep_with(options_for_one_connection(), warm_up, [](DBConnector& db) -> Task<void> {
    Transaction held = co_await db.begin();
    const auto attempt = co_await as_attempt(with_timeout(5ms, db.begin()));
    EXPECT_FALSE(attempt);
    co_await held.rollback();
  });
}

TEST_F(OutOfMemory, APoolThatEndsWhileSomebodyWaits) {
  // One connection each: nothing that is opened beside makes the order another each time.
  sweep_with(options_for_one_connection(), warm_up, [this](DBConnector& db) -> Task<void> {
    std::optional<DBConnector> ending(std::in_place, db.reactor(), options_for_one_connection());
    Transaction held = co_await ending->begin();
    const auto wait = [&]() -> Task<void> { EXPECT_FALSE(co_await as_attempt(ending->begin())); };
    const auto end = [&]() -> Task<void> {
      ending.reset();
      co_return;
    };
    co_await when_all(wait(), end());
  });
}

// Its connection keeps no room for what it would say at its end.
TEST_F(OutOfMemory, AStatementThatIsGivenUpAfterMuchWasSent) {
  sweep(warm_up, [](DBConnector& db) -> Task<void> {
    const std::string much(200'000, 'x');
    const auto attempt = co_await as_attempt(
        db.execute("SELECT length($1::text) FROM pg_sleep(0.5)", much, timeout(10ms)));
    EXPECT_FALSE(attempt);
    co_await sleep_for(10ms);
  });
}

TEST_F(OutOfMemory, AConnectionThatIsLost) {
  sweep(warm_up, [](DBConnector& db) -> Task<void> {
    const auto attempt =
        co_await as_attempt(db.execute("SELECT pg_terminate_backend(pg_backend_pid())"));
    EXPECT_FALSE(attempt);
    co_await db.execute("SELECT 1");
  });
}

TEST_F(OutOfMemory, AListenerThatLosesItsConnection) {
  sweep_with(options_for_one_connection(), warm_up, [](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("news");
    co_await db.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
    EXPECT_TRUE((co_await listener.next()).is_gap());
  });
}

TEST_F(OutOfMemory, AListener) {
  sweep(warm_up, [](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("news");
    co_await db.execute("NOTIFY news, 'text'");
    const auto heard = co_await listener.next();
    EXPECT_EQ(heard.payload(), "text");
  });
}

}  // namespace
}  // namespace pgreactor::integration
