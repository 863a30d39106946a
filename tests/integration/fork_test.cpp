#include <memory>
#include <optional>

#include "tests/integration/database_fixture.hpp"
#include "tests/support/in_child.hpp"

// A process that forks, on a real server: the child starts anew, the parent goes on.
namespace pgreactor::integration {
namespace {

using testing_support::Child;
using testing_support::require;

class ForkTest : public DatabaseTest {
 protected:
  static Task<int> backend_of(Executor& db) {
    co_return co_await db.execute("SELECT pg_backend_pid()", fetch_val_as<int>);
  }
};

TEST_F(ForkTest, AChildWorksWithAConnectorOfItsOwnAndTheParentKeepsItsSession) {
  Reactor reactor;
  auto db = std::make_unique<DBConnector>(reactor, options_for_one_connection());
  int session = 0;
  const auto begin = [&]() -> Task<void> { session = co_await backend_of(*db); };
  reactor.run(with_timeout(patience, begin()));
  Child child([&] {
    bool refused = false;
    const auto work = [&]() -> Task<void> {
      const auto inherited = co_await as_attempt(backend_of(*db));
      refused = !inherited && dynamic_cast<const ForkError*>(&inherited.error()) != nullptr;
      db.reset();
      DBConnector own(reactor, options());
      require(co_await backend_of(own) != session, "a session of its own");
      co_await own.close();
    };
    reactor.run(with_timeout(patience, work()));
    require(refused, "the inherited connector");
  });
  EXPECT_TRUE(child.succeeded());
  const auto go_on = [&]() -> Task<void> {
    EXPECT_EQ(co_await backend_of(*db), session);
    co_await db->close();
  };
  reactor.run(with_timeout(patience, go_on()));
}

// Neither Terminate nor ROLLBACK from the child, nor a cancel of what the parent waits for.
TEST_F(ForkTest, ATransactionUnderWaySurvivesAChildsEnd) {
  run([&](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE kept (n int)");
    Transaction tx = co_await db.begin();
    co_await tx.execute("INSERT INTO kept VALUES (1)");
    std::optional<Child> child;
    const auto fork_meanwhile = [&]() -> Task<void> {
      child.emplace([&] { Transaction mine = std::move(tx); });
      co_return;
    };
    co_await when_all(tx.execute("INSERT INTO kept SELECT 2 FROM pg_sleep(0.05)"),
                      fork_meanwhile());
    EXPECT_TRUE(child->succeeded());
    co_await tx.commit();
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM kept", fetch_val_as<std::int64_t>), 2);
  });
}

// What is under way has an unknown outcome for the child: its parent will know.
TEST_F(ForkTest, ACopyUnderWayFailsInTheChildAndIsCompletedByTheParent) {
  run([&](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE kept (n int)");
    CopyIn copy = co_await db.copy_in("COPY kept FROM STDIN");
    co_await copy.write("1\n");
    Child child([&] {
      bool refused = false;
      const auto finish = [&]() -> Task<void> {
        const auto finished = co_await as_attempt(copy.finish());
        refused = !finished && dynamic_cast<const ForkError*>(&finished.error()) != nullptr;
      };
      Reactor other;
      other.run(finish());
      require(refused, "the inherited COPY");
    });
    EXPECT_TRUE(child.succeeded());
    co_await copy.write("2\n");
    EXPECT_EQ(co_await copy.finish(), 2u);
  });
}

// A close_notify from the child would end the parent's TLS as well.
TEST(ForkWithTls, AChildsEndLeavesTheParentsSessionAsItIs) {
  std::optional<testing::ThrowawayServer> server;
  try {
    server.emplace(testing::ThrowawayServerOptions().tcp().tls());
  } catch (const testing::ServerSetupError& error) {
    if (error.reason() != testing::ServerSetupError::Reason::not_installed) throw;
    GTEST_SKIP() << "PostgreSQL or openssl is not installed";
  }
  ConnectionOptions options =
      options_from("host=127.0.0.1 port=" + std::to_string(server->port()) +
                   " user=postgres dbname=postgres sslmode=require pool_max_conns=1");
  Reactor reactor;
  auto db = std::make_unique<DBConnector>(reactor, options);
  const auto ask = [&]() -> Task<void> {
    EXPECT_TRUE(co_await db->execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
                                     fetch_val_as<bool>));
  };
  reactor.run(with_timeout(patience, ask()));
  Child child([&] { db.reset(); });
  EXPECT_TRUE(child.succeeded());
  reactor.run(with_timeout(patience, ask()));
  EXPECT_EQ(db->statistics().opened, 1u);
}

}  // namespace
}  // namespace pgreactor::integration
