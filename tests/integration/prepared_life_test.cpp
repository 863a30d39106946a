#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <pgreactor/pgreactor.hpp>
#include <stdexcept>
#include <string>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor {

/// A value whose encoder fails in its own way.
struct Unwritable {
  explicit Unwritable() = default;
};
template <>
struct ValueCodec<Unwritable> {
  static constexpr FormatCode parameter_format(Oid) noexcept { return FormatCode::text; }
  static EncodeError encode(ByteBuffer& out, const Unwritable&, Oid) {
    out.append(std::string_view("half"));
    throw std::runtime_error("an application's encoder");
  }
};

}  // namespace pgreactor

namespace pgreactor::integration {
namespace {

// What becomes of prepared statements when the world changes around them.
class PreparedLife : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    run([](DBConnector& db) -> Task<void> {
      co_await db.execute("CREATE TABLE thing (id int PRIMARY KEY, n int)");
      co_await db.execute("INSERT INTO thing VALUES (1, 1)");
    });
  }
  ConnectionOptions options_for(std::uint32_t connections) const {
    ConnectionOptions few = options();
    few.pool_min_conns = 1;
    few.pool_max_conns = connections;
    return few;
  }
};

TEST_F(PreparedLife, AColumnOfAnotherTypeIsMetAtMostOncePerConnection) {
  run_with(options_for(2), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT * FROM thing WHERE id = $1");
    const auto on_both = [&]() -> Task<int> {
      Transaction first = co_await db.begin();
      Transaction second = co_await db.begin();
      int failures = 0;
      for (Transaction* tx : {&first, &second}) {
        const auto attempt = co_await as_attempt(tx->execute(get, 1));
        if (!attempt) ++failures;
      }
      co_await first.rollback();
      co_await second.rollback();
      co_return failures;
    };
    EXPECT_EQ(co_await on_both(), 0);
    co_await db.execute("ALTER TABLE thing ALTER id TYPE bigint");
    EXPECT_LE(co_await on_both(), 2);
    EXPECT_EQ(co_await on_both(), 0);
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

TEST_F(PreparedLife, AParameterOfAnotherTypeIsLearntByTheNextConnection) {
  run_with(options_for(2), [](DBConnector& db) -> Task<void> {
    const Statement add = db.prepare("UPDATE thing SET n = n + 1 WHERE id = $1");
    co_await db.execute(add, 1);
    co_await db.execute("ALTER TABLE thing ALTER id TYPE bigint");
    Transaction holder = co_await db.begin();  // so that a connection new to it has to run it
    static_cast<void>(co_await as_attempt(db.execute(add, 1)));
    const auto again = co_await as_attempt(db.execute(add, 1));
    EXPECT_TRUE(again) << (again ? "" : again.error().what());
    co_await holder.rollback();
  });
}

TEST_F(PreparedLife, AnEncoderThatThrowsLeavesNothingInThePipeline) {
  run_with(options_for(2), [](DBConnector& db) -> Task<void> {
    const Statement echo = db.prepare("SELECT $1::text");
    Transaction first = co_await db.begin();
    Transaction second = co_await db.begin();
    EXPECT_EQ(co_await first.execute(echo, "a", fetch_val_as<std::string>), "a");
    // Known to the pool and new to this connection: Parse stands before the values.
    bool thrown = false;
    try {
      co_await second.execute(echo, Unwritable{}, fetch_val_as<std::string>);
    } catch (const std::runtime_error& error) {
      thrown = std::string(error.what()) == "an application's encoder";
    }
    EXPECT_TRUE(thrown);
    EXPECT_EQ(co_await second.execute(echo, "b", fetch_val_as<std::string>), "b");
    co_await first.rollback();
    co_await second.rollback();
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

TEST_F(PreparedLife, AnUnknownStatementThatAnotherOneNamesDoesNotSpoilThatOne) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    for (int i = 0; i < 3; ++i) {
      const auto attempt = co_await as_attempt(db.execute("DEALLOCATE missing"));
      EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "26000") << i;
    }
  });
}

TEST_F(PreparedLife, AStatementOfAnotherPoolRunsItsOwnText) {
  run_with(options_for(1), [this](DBConnector& one) -> Task<void> {
    Reactor& reactor = *(co_await detail::CurrentContext{}).reactor;
    DBConnector other(reactor, options_for(1));
    const Statement first = one.prepare("SELECT 'first'");
    const Statement second = other.prepare("SELECT 'second'");
    EXPECT_EQ(co_await other.execute(second, fetch_val_as<std::string>), "second");
    EXPECT_EQ(co_await other.execute(first, fetch_val_as<std::string>), "first");
    EXPECT_EQ(co_await one.execute(second, fetch_val_as<std::string>), "second");
    co_await other.close();
  });
}

}  // namespace
}  // namespace pgreactor::integration
