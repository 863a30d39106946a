#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <pgreactor/cursor.hpp>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Cursors : public DatabaseTest {
 protected:
  /// Runs `body(tx)` in a transaction, in either mode of statements; it is rolled back if open yet.
  template <class F>
  void run_within(F body) {
    for (const StatementMode mode : {StatementMode::named, StatementMode::unnamed}) {
      ConnectionOptions one = options_for_one_connection();
      one.statement_mode = mode;
      run_with(one, [&](DBConnector& db) -> Task<void> {
        Transaction tx = co_await db.begin();
        co_await body(tx);
        if (tx.is_open()) co_await tx.rollback();
        EXPECT_EQ(db.statistics().opened, 1U);
      });
    }
  }
};

std::vector<int> numbers(const Result& rows) {
  std::vector<int> found;
  for (const auto row : rows) found.push_back(row[0].as<int>());
  return found;
}

TEST_F(Cursors, GiveSomeRowsAtATime) {
  run_within([](Transaction& tx) -> Task<void> {
    Cursor cursor = co_await tx.cursor("SELECT generate_series(1, $1::int4)", 7);
    const Result first = co_await cursor.fetch(3);
    EXPECT_THAT(numbers(first), ElementsAre(1, 2, 3));
    EXPECT_FALSE(cursor.at_end());
    EXPECT_THAT(numbers(co_await cursor.fetch(3)), ElementsAre(4, 5, 6));
    const Result last = co_await cursor.fetch(3);
    EXPECT_THAT(numbers(last), ElementsAre(7));
    EXPECT_EQ(last.command_tag(), "SELECT 1");
    EXPECT_TRUE(cursor.at_end());
    const Result none = co_await cursor.fetch(3);
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.shape().size(), 1U);
  });
}

// What a stream does not allow.
TEST_F(Cursors, LeaveTheirTransactionToOthersInBetween) {
  run_within([](Transaction& tx) -> Task<void> {
    co_await tx.execute("CREATE TABLE job (id int PRIMARY KEY, state text)");
    co_await tx.execute("INSERT INTO job SELECT i, 'new' FROM generate_series(1, 10) AS i");
    Cursor jobs = co_await tx.cursor("SELECT id FROM job WHERE state = $1 ORDER BY id", "new");
    Cursor others = co_await tx.cursor("SELECT -i FROM generate_series(1, 10) AS i");
    int seen = 0;
    for (;;) {
      const Result some = co_await jobs.fetch(4);
      if (some.empty()) break;
      for (const auto job : some) {
        const int id = job.get<int>("id");
        EXPECT_EQ(id, ++seen);
        co_await tx.execute("UPDATE job SET state = 'done' WHERE id = $1", id);
        EXPECT_THAT(numbers(co_await others.fetch(1)), ElementsAre(-id));
      }
    }
    EXPECT_EQ(seen, 10);
    EXPECT_EQ(
        co_await tx.execute("SELECT count(*) FROM job WHERE state = 'done'", fetch_val_as<int>),
        10);
  });
}

TEST_F(Cursors, RunHeldStatementsMoreThanOnceAtATime) {
  run_within([](Transaction& tx) -> Task<void> {
    const Statement series = tx.prepare("SELECT $1::int4 + i FROM generate_series(1, 3) AS i");
    Cursor ten = co_await tx.cursor(series, 10), twenty = co_await tx.cursor(series, 20);
    EXPECT_THAT(numbers(co_await ten.fetch(2)), ElementsAre(11, 12));
    EXPECT_THAT(numbers(co_await twenty.fetch(2)), ElementsAre(21, 22));
    EXPECT_THAT(numbers(co_await ten.fetch(2)), ElementsAre(13));
    EXPECT_THAT(numbers(co_await twenty.fetch(2)), ElementsAre(23));
  });
}

TEST_F(Cursors, TakeStatementsThatWrite) {
  run_within([](Transaction& tx) -> Task<void> {
    co_await tx.execute("CREATE TABLE t (a int)");
    Cursor written = co_await tx.cursor("INSERT INTO t SELECT generate_series(1, 3) RETURNING a");
    EXPECT_THAT(numbers(co_await written.fetch(2)), ElementsAre(1, 2));
    EXPECT_EQ(co_await tx.execute("SELECT count(*) FROM t", fetch_val_as<int>), 3);
    EXPECT_THAT(numbers(co_await written.fetch(2)), ElementsAre(3));
    Cursor updated = co_await tx.cursor("UPDATE t SET a = 0");
    const Result none = co_await updated.fetch(1);
    EXPECT_EQ(none.affected_rows(), 3U);
    EXPECT_TRUE(updated.at_end());
  });
}

TEST_F(Cursors, SeeWhatWasThereWhenTheyBegan) {
  run_within([](Transaction& tx) -> Task<void> {
    co_await tx.execute("CREATE TABLE t (a int)");
    co_await tx.execute("INSERT INTO t VALUES (1), (2)");
    Cursor cursor = co_await tx.cursor("SELECT a FROM t ORDER BY a");
    EXPECT_THAT(numbers(co_await cursor.fetch(1)), ElementsAre(1));
    co_await tx.execute("INSERT INTO t VALUES (3)");
    EXPECT_THAT(numbers(co_await cursor.fetch(10)), ElementsAre(2));
  });
}

TEST_F(Cursors, CloseOnTheServer) {
  run_within([](Transaction& tx) -> Task<void> {
    const auto open = [&]() -> Task<int> {
      // The portal that counts is one itself.
      co_return co_await tx.execute(
          "SELECT count(*) FROM pg_cursors WHERE statement LIKE '%generate_series%' AND "
          "statement NOT LIKE '%pg_cursors%'",
          fetch_val_as<int>);
    };
    Cursor cursor = co_await tx.cursor("SELECT generate_series(1, 7)");
    EXPECT_EQ(co_await open(), 0);
    EXPECT_THAT(numbers(co_await cursor.fetch(1)), ElementsAre(1));
    EXPECT_EQ(co_await open(), 1);
    co_await cursor.close();
    EXPECT_EQ(co_await open(), 0);
    co_await cursor.close();
    const auto closed = co_await as_attempt(cursor.fetch(1));
    EXPECT_THAT(error_of<QueryError>(closed).what(), HasSubstr("closed"));

    Cursor unused = co_await tx.cursor("SELECT 1");
    co_await unused.close();
    const auto never_opened = co_await as_attempt(unused.fetch(1));
    EXPECT_THAT(error_of<QueryError>(never_opened).what(), HasSubstr("closed"));
    EXPECT_EQ(co_await tx.execute("SELECT 1", fetch_val_as<int>), 1);
  });
}

TEST_F(Cursors, FailWhereTheServerFails) {
  run_within([](Transaction& tx) -> Task<void> {
    Cursor cursor = co_await tx.cursor("SELECT 6 / (3 - i) FROM generate_series(1, 4) AS i");
    EXPECT_THAT(numbers(co_await cursor.fetch(2)), ElementsAre(3, 6));
    const auto failed = co_await as_attempt(cursor.fetch(2));
    EXPECT_EQ(error_of<QueryError>(failed).sqlstate(), "22012");
    const auto aborted = co_await as_attempt(cursor.fetch(2));
    EXPECT_EQ(error_of<QueryError>(aborted).sqlstate(), "25P02");
  });
}

TEST_F(Cursors, NameWhatIsWrongWithTheirStatement) {
  run_within([](Transaction& tx) -> Task<void> {
    Cursor cursor = co_await tx.cursor("SELECT $1::int2", 100'000);
    const auto wrong = co_await as_attempt(cursor.fetch(1));
    EXPECT_THAT(error_of<QueryError>(wrong).what(), HasSubstr("$1"));
    Cursor missing = co_await tx.cursor("SELECT * FROM nowhere");
    const auto refused = co_await as_attempt(missing.fetch(1));
    EXPECT_EQ(error_of<SchemaError>(refused).sqlstate(), "42P01");
  });
}

TEST_F(Cursors, GiveOneRowOrMoreToOneUserAtATime) {
  run_within([](Transaction& tx) -> Task<void> {
    Cursor cursor = co_await tx.cursor("SELECT generate_series(1, 7)");
    for (const std::uint32_t most : {0U, 0x8000'0000U}) {
      const auto refused = co_await as_attempt(cursor.fetch(most));
      EXPECT_THAT(error_of<QueryError>(refused).what(), HasSubstr("2147483647"));
    }
    const auto fetch = [&]() -> Task<int> {
      const auto attempt = co_await as_attempt(cursor.fetch(1));
      co_return attempt ? 1 : 0;
    };
    std::vector<Task<int>> both;
    both.push_back(fetch());
    both.push_back(fetch());
    EXPECT_THAT(co_await when_all(std::move(both)), ElementsAre(1, 0));
    EXPECT_THAT(numbers(co_await cursor.fetch(1)), ElementsAre(2));
  });
}

TEST_F(Cursors, EndWithTheirSavepoint) {
  run_within([](Transaction& tx) -> Task<void> {
    Transaction savepoint = co_await tx.begin();
    Cursor cursor = co_await savepoint.cursor("SELECT generate_series(1, 7)");
    EXPECT_THAT(numbers(co_await cursor.fetch(1)), ElementsAre(1));
    co_await savepoint.rollback();
    const auto attempt = co_await as_attempt(cursor.fetch(1));
    EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("ended"));
    EXPECT_EQ(co_await tx.execute("SELECT 1", fetch_val_as<int>), 1);
  });
}

TEST_F(Cursors, EndWithASavepointOfTheCallersWords) {
  run_within([](Transaction& tx) -> Task<void> {
    co_await tx.execute("SAVEPOINT mine");
    Cursor cursor = co_await tx.cursor("SELECT generate_series(1, 7)");
    EXPECT_THAT(numbers(co_await cursor.fetch(1)), ElementsAre(1));
    co_await tx.execute("ROLLBACK TO SAVEPOINT mine");
    const auto attempt = co_await as_attempt(cursor.fetch(1));
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "34000");
  });
}

TEST_F(Cursors, OutliveTheirTransactionWithAnErrorOnly) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    std::optional<Cursor> committed, dropped;
    {
      Transaction tx = co_await db.begin();
      committed.emplace(co_await tx.cursor("SELECT generate_series(1, 7)"));
      EXPECT_THAT(numbers(co_await committed->fetch(1)), ElementsAre(1));
      co_await tx.commit();
      Transaction other = co_await db.begin();
      dropped.emplace(co_await other.cursor("SELECT generate_series(1, 7)"));
    }
    for (Cursor* const cursor : {&*committed, &*dropped}) {
      const auto attempt = co_await as_attempt(cursor->fetch(1));
      EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("ended"));
    }
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
  });
}

TEST_F(Cursors, AFetchThatIsGivenUpEndsTheTransaction) {
  run_within([](Transaction& tx) -> Task<void> {
    Cursor cursor = co_await tx.cursor(
        "SELECT i, pg_sleep(CASE i WHEN 2 THEN 5 ELSE 0 END) FROM "
        "generate_series(1, 3) AS i");
    EXPECT_THAT(numbers(co_await cursor.fetch(1)), ElementsAre(1));
    const auto late = co_await as_attempt(cursor.fetch(1, timeout(20ms)));
    EXPECT_FALSE(late);
    static_cast<void>(error_of<TimeoutError>(late));
    const auto next = co_await as_attempt(cursor.fetch(1));
    EXPECT_THAT(error_of<QueryError>(next).what(), HasSubstr("given up"));
  });
}

}  // namespace
}  // namespace pgreactor::integration
