#include <cstdint>
#include <deque>
#include <optional>
#include <pgreactor/batch.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <vector>

#include "src/reactor/event_loop.hpp"
#include "tests/integration/database_fixture.hpp"

// Many statements on few connections: every caller gets the answer to its own (P1).
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;

class Pipelining : public DatabaseTest {};

constexpr int tasks = 64;
constexpr int queries_per_task = 200;

std::int64_t nonce(int task, int query) { return std::int64_t{task} * 1'000'003 + query; }

template <class Worker>
Task<int> run_tasks(Worker& worker) {
  std::vector<Task<int>> all;
  for (int task = 0; task < tasks; ++task) all.push_back(worker(task));
  int total = 0;
  for (const int right : co_await when_all(std::move(all))) total += right;
  co_return total;
}

// Requirement: P1
TEST_F(Pipelining, EveryTaskGetsTheAnswersToItsOwnQuestions) {
  run([](DBConnector& db) -> Task<void> {
    const auto worker = [&](int task) -> Task<int> {
      int right = 0;
      for (int query = 0; query < queries_per_task; ++query) {
        const std::int64_t sent = nonce(task, query);
        right += co_await db.execute("SELECT $1::int8", sent, fetch_val_as<std::int64_t>) == sent;
      }
      co_return right;
    };
    EXPECT_EQ(co_await run_tasks(worker), tasks * queries_per_task);
    EXPECT_LE(db.statistics().open, db.options().pool_max_conns);
  });
}

TEST_F(Pipelining, AFailureTouchesNoNeighbour) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const auto worker = [&](int task) -> Task<int> {
      int right = 0;
      for (int query = 0; query < queries_per_task / 10; ++query) {
        const std::int64_t sent = nonce(task, query);
        if (query % 3 == 0) {
          const auto bad = co_await as_attempt(db.execute("SELECT $1::int8 / 0", sent));
          right += !bad && bad.error().sqlstate() == "22012";
        } else {
          right += co_await db.execute("SELECT $1::int8", sent, fetch_val_as<std::int64_t>) == sent;
        }
      }
      co_return right;
    };
    EXPECT_EQ(co_await run_tasks(worker), tasks * (queries_per_task / 10));
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

// Neither side may wait until the other reads before it reads itself.
TEST_F(Pipelining, LargeStatementsAndAnswersThatFillBothBuffersGoOn) {
  ConnectionOptions patient = options_for_one_connection();
  patient.pool_acquire_timeout = patience;  // of those that wait until 4 MiB are sent
  run_with(patient, [](DBConnector& db) -> Task<void> {
    const auto worker = [&](int task) -> Task<int> {
      const std::string sent(1 << 20, static_cast<char>('a' + task % 26));
      co_return co_await db.execute("SELECT $1::text", sent, fetch_val_as<std::string>) == sent;
    };
    EXPECT_EQ(co_await run_tasks(worker), tasks);
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

// Requirement: P1
TEST_F(Pipelining, AbandonedStatementsDoNotShiftTheAnswersBehindThem) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const auto worker = [&](int task) -> Task<int> {
      int right = 0;
      for (int query = 0; query < 10; ++query) {
        const std::int64_t sent = nonce(task, query);
        if ((task + query) % 4 == 0) {
          const auto attempt = co_await as_attempt(
              db.execute("SELECT $1::int8, pg_sleep(0.002)", sent, timeout(1ms)));
          right += attempt || dynamic_cast<const TimeoutError*>(&attempt.error()) != nullptr;
        } else {
          right += co_await db.execute("SELECT $1::int8", sent, fetch_val_as<std::int64_t>) == sent;
        }
      }
      co_return right;
    };
    EXPECT_EQ(co_await run_tasks(worker), tasks * 10);
  });
}

TEST_F(Pipelining, TransactionsAndStatementsShareAPool) {
  ConnectionOptions small = options();
  small.pool_min_conns = 1;
  small.pool_max_conns = 4;
  run_with(small, [](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE account (id int PRIMARY KEY, balance bigint)");
    co_await db.execute("INSERT INTO account VALUES (1, 0), (2, 0)");
    const auto worker = [&](int task) -> Task<int> {
      for (int i = 0; i < 5; ++i) {
        co_await db.transaction([&](Transaction& tx) -> Task<void> {
          co_await tx.execute("UPDATE account SET balance = balance + $1 WHERE id = 1", task);
          co_await tx.execute("UPDATE account SET balance = balance - $1 WHERE id = 2", task);
        });
        const auto sum =
            co_await db.execute("SELECT sum(balance) FROM account", fetch_val_as<std::int64_t>);
        if (sum != 0) co_return 0;
      }
      co_return 1;
    };
    EXPECT_EQ(co_await run_tasks(worker), tasks);
    EXPECT_EQ(
        co_await db.execute("SELECT balance FROM account WHERE id = 1", fetch_val_as<std::int64_t>),
        5 * tasks * (tasks - 1) / 2);
    EXPECT_LE(db.statistics().opened, 4u);
  });
}

// Requirement: P10
TEST_F(Pipelining, LargeParametersBothWaysDoNotBlockEachOther) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const std::string large(1 << 20, 'x');  // 16 of them exceed what the socket takes at once
    const auto worker = [&](int) -> Task<int> {
      const auto row = co_await db.execute("SELECT $1::text, $1::text", large, fetch_row);
      co_return (*row)[1].as<std::string_view>().size() == large.size() ? 1 : 0;
    };
    std::vector<Task<int>> all;
    for (int task = 0; task < 16; ++task) all.push_back(worker(task));
    for (const int right : co_await when_all(std::move(all))) EXPECT_EQ(right, 1);
  });
}

// Room to write in is watched for until a report of it finds nothing to send: one report, once.
TEST_F(Pipelining, AConnectionThatHadToWaitForRoomSleepsAfterwards) {
  Reactor reactor;
  DBConnector db(reactor, options_for_one_connection());
  const auto wait_for_room = [&]() -> Task<void> {
    const std::string large(8 << 20, 'x');
    EXPECT_EQ(co_await db.execute("SELECT length($1)", large, fetch_val_as<int>), 8 << 20);
    const std::uint64_t turns_before = reactor.event_loop().sends();
    co_await sleep_for(50ms);
    EXPECT_LT(reactor.event_loop().sends() - turns_before, 10U);
    co_await db.close();
  };
  reactor.run(with_timeout(30s, wait_for_room()));
}

// Requirement: P10
TEST_F(Pipelining, ATransactionSendsNoMoreThanItsSessionAwaitsAtATime) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    const Statement none = db.prepare("");
    co_await tx.execute(none);
    // A session awaits 1,048,576 messages: 200,001 for each of the batches, 3 for each statement.
    std::deque<Batch> batches;
    for (int i = 0; i < 5; ++i) {
      batches.emplace_back(tx);
      for (int n = 0; n < 100'000; ++n) batches.back().add(none);
    }
    std::vector<Task<int>> all;
    const auto run_batch = [](Batch& batch) -> Task<int> {
      co_await batch.run();
      co_return 0;
    };
    const auto run_one = [&]() -> Task<int> {
      co_await tx.execute(none);
      co_return 1;
    };
    constexpr int statements = 20'000;
    for (Batch& batch : batches) all.push_back(run_batch(batch));
    for (int i = 0; i < statements; ++i) all.push_back(run_one());
    int ran = 0;
    for (const int one : co_await when_all(std::move(all))) ran += one;
    EXPECT_EQ(ran, statements);
    co_await tx.commit();
  });
}

}  // namespace
}  // namespace pgreactor::integration
