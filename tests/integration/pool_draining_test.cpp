#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/pgreactor.hpp>
#include <string>

#include "tests/integration/database_fixture.hpp"

// Two servers, and the pool uses the first one until that is not what it wants.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;

class PoolDraining : public ::testing::Test {
 protected:
  PoolDraining() {
    for (testing::ThrowawayServer* const one : {&first_, &second_}) {
      run(options_from(one->uri()), [](DBConnector& db) -> Task<void> {
        co_await db.execute("CREATE TABLE written (number int)");
      });
    }
  }
  template <class F>
  static void run(const ConnectionOptions& options, F body) {
    Reactor reactor;
    DBConnector db(reactor, options);
    reactor.run(with_timeout(patience, body(db)));
  }
  // That may be written to; the first of them is asked first.
  ConnectionOptions both() const {
    ConnectionOptions options = options_from(first_.uri());
    options.servers.push_back(options_from(second_.uri()).servers.front());
    options.target_session_attrs = TargetSessionAttrs::read_write;
    return options;
  }
  int rows_of(const testing::ThrowawayServer& one) const {
    int rows = 0;
    run(options_from(one.uri()), [&](DBConnector& db) -> Task<void> {
      rows = co_await db.execute("SELECT count(*) FROM written", fetch_val_as<int>);
    });
    return rows;
  }
  static Task<bool> writes(DBConnector& db) {
    co_return static_cast<bool>(co_await as_attempt(db.execute("INSERT INTO written VALUES (1)")));
  }
  // Resumes when a write has succeeded; how many attempts had failed.
  static Task<int> failed_writes(DBConnector& db) {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    int failed = 0;
    for (; !co_await writes(db); ++failed) {
      if (std::chrono::steady_clock::now() > deadline) throw std::logic_error("no write succeeds");
      co_await sleep_for(1ms);
    }
    co_return failed;
  }

  testing::ThrowawayServer first_, second_;
};

// Requirement: P16
TEST_F(PoolDraining, ItsWritesGoOnAtAnotherServerAfterTheFirstWasMadeReadOnly) {
  int written = 1;
  run(both(), [&](DBConnector& db) -> Task<void> {
    co_await db.warm_up();
    EXPECT_TRUE(co_await writes(db));
    const detail::TaskContext& context = co_await detail::CurrentContext{};
    DBConnector admin(*context.reactor, options_from(first_.uri()));
    co_await admin.execute("ALTER SYSTEM SET default_transaction_read_only = on");
    co_await admin.execute("SELECT pg_reload_conf()");
    // Its sessions hear of it one after the other, each at its next statement: too late for that.
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    for (int failed = 0; db.statistics().evicted < 5; co_await sleep_for(1ms)) {
      co_await writes(db) ? ++written : ++failed;
      EXPECT_LE(failed, 5);
      if (std::chrono::steady_clock::now() > deadline) co_return ADD_FAILURE() << "it is not left";
    }
    for (int i = 0; i < 20; ++i, ++written) EXPECT_TRUE(co_await writes(db));
  });
  EXPECT_GE(rows_of(second_), 20);
  EXPECT_EQ(rows_of(first_) + rows_of(second_), written);
}

// Requirement: P16
TEST_F(PoolDraining, ItsWritesGoOnAtAnotherServerAfterTheFirstWasStopped) {
  for (const auto mode : {testing::StopMode::fast, testing::StopMode::immediate}) {
    run(both(), [&](DBConnector& db) -> Task<void> {
      co_await db.warm_up();
      EXPECT_TRUE(co_await writes(db));
      first_.stop(mode);
      co_await failed_writes(db);
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(co_await writes(db));
    });
    first_.restart();
  }
  EXPECT_GE(rows_of(first_), 1);
  EXPECT_EQ(rows_of(second_), 42);
}

}  // namespace
}  // namespace pgreactor::integration
