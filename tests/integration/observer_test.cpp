#include <string>
#include <vector>

#include "tests/integration/database_fixture.hpp"

// What an observer is told of queries that a real server fails, stops, or copies by.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class ObserverTest : public DatabaseTest {
 protected:
  // Notes "SELECT 1 -> SELECT 1 (1)", or the SQLSTATE in place of tag and rows.
  template <class F>
  void observe(F body) {
    Reactor reactor;
    DBConnector db(reactor, options_for_one_connection());
    QueryObserver observer;
    observer.on_begin([this](const QueryBegin&) { ++begun_; });
    observer.on_end([this](const QueryEnd& query) {
      outcome_ = query.outcome;
      ended_.push_back(std::string(query.sql) + " -> " +
                       (query.succeeded ? std::string(query.command_tag) + " (" +
                                              std::to_string(query.rows) + ")"
                                        : std::string(query.error->sqlstate().view())));
    });
    db.set_observer(observer);
    const auto all = [&]() -> Task<void> {
      co_await body(db);
      co_await db.close();
    };
    reactor.run(with_timeout(patience, all()));
    EXPECT_EQ(begun_, ended_.size());
  }
  std::size_t begun_ = 0;
  std::vector<std::string> ended_;
  Outcome outcome_ = Outcome::unknown;
};

TEST_F(ObserverTest, IsToldTheSqlstateOfAFailure) {
  observe([&](DBConnector& db) -> Task<void> {
    EXPECT_FALSE(co_await as_attempt(db.execute("SELECT 1/0")));
    EXPECT_EQ(outcome_, Outcome::rolled_back);
    EXPECT_FALSE(co_await as_attempt(db.execute("SELEC")));
    EXPECT_THAT(ended_, ElementsAre("SELECT 1/0 -> 22012", "SELEC -> 42601"));
  });
}

TEST_F(ObserverTest, IsToldOfAStatementThatWasGivenUp) {
  observe([&](DBConnector& db) -> Task<void> {
    co_await db.warm_up();  // the time is the statement's alone: one that only waited is not told
    EXPECT_FALSE(co_await as_attempt(db.execute("SELECT pg_sleep(20)", timeout(50ms))));
    EXPECT_THAT(ended_, ElementsAre("SELECT pg_sleep(20) -> XXXXX"));
  });
}

TEST_F(ObserverTest, IsToldOfACopyAScriptAStreamAndABatch) {
  observe([&](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE t (n int)");
    ended_.clear();
    begun_ = 0;
    CopyIn in = co_await db.copy_in("COPY t FROM STDIN");
    co_await in.write("1\n2\n3\n");
    co_await in.finish();
    co_await db.execute_script("SELECT 1; UPDATE t SET n = n + 1");
    {
      RowStream rows = co_await db.stream("SELECT n FROM t");
      while (co_await rows.next()) {
      }
    }
    Batch batch(db);
    batch.add("INSERT INTO t VALUES (5)");
    batch.add("DELETE FROM t WHERE n > 1");
    co_await batch.run();
    EXPECT_THAT(ended_, ElementsAre("COPY t FROM STDIN -> COPY 3 (3)",
                                    "SELECT 1; UPDATE t SET n = n + 1 -> UPDATE 3 (3)",
                                    "SELECT n FROM t -> SELECT 3 (3)",
                                    "INSERT INTO t VALUES (5) -> DELETE 4 (5)"));
  });
}

TEST_F(ObserverTest, IsToldOfABatchThatFails) {
  observe([&](DBConnector& db) -> Task<void> {
    Batch batch(db);
    batch.add("SELECT 1");
    batch.add("SELECT 1/0");
    EXPECT_FALSE(co_await as_attempt(batch.run()));
    EXPECT_THAT(ended_, ElementsAre("SELECT 1 -> 22012"));
  });
}

}  // namespace
}  // namespace pgreactor::integration
