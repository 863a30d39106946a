#pragma once
#include <cstdint>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {

/// With a table `thing (id int, n int)` of one row of ones, for tests that change it.
class ThingTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    run([](DBConnector& db) -> Task<void> {
      co_await db.execute("CREATE TABLE thing (id int PRIMARY KEY, n int)");
      co_await db.execute("INSERT INTO thing VALUES (1, 1)");
    });
  }
  /// A pool of one connection, and more only when they are needed at the same time.
  ConnectionOptions options_for(std::uint32_t connections) const {
    ConnectionOptions few = options();
    few.pool_min_conns = 1;
    few.pool_max_conns = connections;
    return few;
  }
};

}  // namespace pgreactor::integration
