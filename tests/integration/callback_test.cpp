#include <uv.h>

#include <optional>
#include <string>

#include "tests/integration/database_fixture.hpp"

// A host with a loop of its own and no coroutine: what it asks for comes to handlers.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;

class Callbacks : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_EQ(uv_loop_init(&loop_), 0);
    reactor_.emplace(loop_);
    db_.emplace(*reactor_, options());
  }
  void TearDown() override {
    db_.reset();
    reactor_.reset();
    uv_run(&loop_, UV_RUN_DEFAULT);
    EXPECT_EQ(uv_loop_close(&loop_), 0);
    DatabaseTest::TearDown();
  }
  /// Turns the host's loop until the handlers have said that it is enough.
  void turn_until(const bool& done) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!done && std::chrono::steady_clock::now() < deadline) uv_run(&loop_, UV_RUN_ONCE);
    ASSERT_TRUE(done) << "no handler was called";
  }

  uv_loop_t loop_{};
  std::optional<Reactor> reactor_;
  std::optional<DBConnector> db_;
};

TEST_F(Callbacks, TheHandlerGetsTheResultAndNotBeforeTheLoopTurns) {
  bool done = false;
  async_execute(*db_, "SELECT $1::int + 1", 41, fetch_val_as<int>, [&](Attempt<int> sum) noexcept {
    ASSERT_TRUE(sum);
    EXPECT_EQ(sum.value(), 42);
    done = true;
  });
  EXPECT_FALSE(done);
  turn_until(done);
}

TEST_F(Callbacks, ValuesMayBeGoneWhenTheLoopTurns) {
  bool done = false;
  {
    std::string text = "longer than what a string keeps within";
    std::string_view view = text;
    const char* none = nullptr;
    async_execute(*db_, "SELECT $1::text || $2::text || coalesce($3::text, '!')", text, view, none,
                  fetch_row, [&](Attempt<std::optional<Row>> row) noexcept {
                    ASSERT_TRUE(row);
                    const std::string once = "longer than what a string keeps within";
                    EXPECT_EQ((*row.value())[0].as<std::string>(), once + once + "!");
                    done = true;
                  });
    text.assign(text.size(), 'x');
  }
  turn_until(done);
}

TEST_F(Callbacks, AnErrorComesAsAnAttemptThatFailed) {
  bool done = false;
  async_execute(*db_, "SELECT 1 / 0", [&](Attempt<Result> result) noexcept {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().sqlstate(), "22012");
    done = true;
  });
  turn_until(done);
}

TEST_F(Callbacks, WhatIsNoErrorOfTheLibraryComesAsOneToo) {
  bool done = false;
  const auto fail = []() -> detail::Sleep { throw std::domain_error("mine"); };
  async_call(*db_, fail, [&](Attempt<void> result) noexcept {
    ASSERT_FALSE(result);
    EXPECT_STREQ(result.error().what(), "mine");
    EXPECT_EQ(result.error().outcome(), Outcome::unknown);
    done = true;
  });
  turn_until(done);
}

TEST_F(Callbacks, CancellingEndsItWithACancelledError) {
  bool done = false;
  AsyncCall call = async_execute(*db_, "SELECT pg_sleep(60)", [&](Attempt<Result> result) noexcept {
    ASSERT_FALSE(result);
    EXPECT_NE(dynamic_cast<const CancelledError*>(&result.error()), nullptr);
    done = true;
  });
  // Wherever it has come to by then, it ends as cancelled.
  async_call(*db_, [] { return sleep_for(1ms); }, [&](Attempt<void>) noexcept { call.cancel(); });
  turn_until(done);
  call.cancel();  // for which it is too late
}

TEST_F(Callbacks, ATransactionGoesFromHandlerToHandler) {
  struct Host {
    DBConnector& db;
    std::optional<Transaction> tx;
    int seen = 0;
    bool done = false;

    void begun(Attempt<Transaction> attempt) noexcept {
      ASSERT_TRUE(attempt);
      tx.emplace(std::move(attempt.value()));
      async_execute_in(db, *tx, "CREATE TABLE entry AS SELECT 7 AS id",
                       [this](Attempt<Result> made) noexcept { created(std::move(made)); });
    }
    void created(Attempt<Result> made) noexcept {
      ASSERT_TRUE(made);
      async_call(
          db, [this] { return tx->commit(); },
          [this](Attempt<void> ended) noexcept { committed(std::move(ended)); });
    }
    void committed(Attempt<void> ended) noexcept {
      ASSERT_TRUE(ended);
      async_execute(db, "SELECT id FROM entry", fetch_val_as<int>,
                    [this](Attempt<int> id) noexcept {
                      ASSERT_TRUE(id);
                      seen = id.value();
                      done = true;
                    });
    }
  } host{*db_, std::nullopt};
  async_call(
      *db_, [&] { return db_->begin(); },
      [&](Attempt<Transaction> attempt) noexcept { host.begun(std::move(attempt)); });
  turn_until(host.done);
  EXPECT_EQ(host.seen, 7);
}

}  // namespace
}  // namespace pgreactor::integration
