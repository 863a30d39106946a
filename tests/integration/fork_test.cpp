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

}  // namespace
}  // namespace pgreactor::integration
