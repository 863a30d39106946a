#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/pgreactor.hpp>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

class AdvisoryLocks : public DatabaseTest {};

TEST_F(AdvisoryLocks, AreHeldUntilTheTransactionEnds) {
  run([](DBConnector& db) -> Task<void> {
    for (const LockKey& key : {LockKey(-17), LockKey("orders"), LockKey("")}) {
      Transaction one = co_await db.begin();
      Transaction two = co_await db.begin();
      co_await advisory_lock(one, key);
      EXPECT_TRUE(co_await try_advisory_lock(one, key)) << "it is ours already";
      EXPECT_FALSE(co_await try_advisory_lock(two, key));
      EXPECT_TRUE(co_await try_advisory_lock(two, "another"));
      co_await one.commit();
      EXPECT_TRUE(co_await try_advisory_lock(two, key));
      co_await two.rollback();
    }
  });
}

TEST_F(AdvisoryLocks, MayBeShared) {
  run([](DBConnector& db) -> Task<void> {
    Transaction one = co_await db.begin();
    Transaction two = co_await db.begin();
    co_await advisory_lock(one, "read", LockMode::shared);
    co_await advisory_lock(two, "read", LockMode::shared);
    EXPECT_FALSE(co_await try_advisory_lock(two, "read"));
    co_await one.rollback();
    EXPECT_TRUE(co_await try_advisory_lock(two, "read"));
    co_await two.rollback();
  });
}

TEST_F(AdvisoryLocks, AWaitHasItsTimeout) {
  run([](DBConnector& db) -> Task<void> {
    Transaction one = co_await db.begin();
    Transaction two = co_await db.begin();
    co_await advisory_lock(one, 1);
    const auto waited = co_await as_attempt(
        advisory_lock(two, 1, LockMode::exclusive, timeout(std::chrono::milliseconds(20))));
    EXPECT_NO_THROW(static_cast<void>(error_of<TimeoutError>(waited)));
    co_await two.rollback();
    co_await one.rollback();
  });
}

}  // namespace
}  // namespace pgreactor::integration
