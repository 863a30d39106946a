#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <pgreactor/pgreactor.hpp>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include "tests/pool/patience.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/answering_backend.hpp"
#include "tests/support/scripted_backend.hpp"

// Who observes a pool is told of each query's begin and end. What needs a server that fails, waits
// or copies stands in tests/integration.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::AnsweringBackend;
using testing_support::CannedResult;
using testing_support::Script;
using testing_support::ScriptedBackend;

// Notes "1 begins SELECT 1" and "1 ends SELECT 1".
class Notes {
 public:
  QueryObserver observer() {
    QueryObserver observer;
    observer.on_begin([this](const QueryBegin& query) {
      lines.push_back(std::to_string(query.query) + " begins " + std::string(query.sql));
      last_begin = query;
    });
    observer.on_end([this](const QueryEnd& query) {
      lines.push_back(std::to_string(query.query) + " ends " +
                      (query.succeeded ? std::string(query.command_tag) : "badly"));
      last_end = query;
      if (query.error != nullptr) last_error = query.error->what();
    });
    return observer;
  }
  std::vector<std::string> lines;
  QueryBegin last_begin;  // its texts are gone
  QueryEnd last_end;
  std::string last_error;
};

class Observed : public testing::Test {
 protected:
  Observed() {
    backend_.answer("BEGIN", CannedResult({}, {}, 0, "BEGIN"));
    backend_.answer("COMMIT", CannedResult({}, {}, 0, "COMMIT"));
    db_.set_observer(notes_.observer());
  }
  template <class F>
  void run(F body) {
    reactor_.run(with_timeout(patience, body()));
  }
  Notes notes_;  // outlives the pool, whose end it is told of
  Reactor reactor_;
  AnsweringBackend backend_{reactor_};
  DBConnector db_{reactor_, options_for(backend_, 1)};
};

TEST_F(Observed, AStatementBeginsAndEnds) {
  run([&]() -> Task<void> {
    const auto before = std::chrono::steady_clock::now();
    co_await db_.execute("SELECT 1");
    EXPECT_THAT(notes_.lines, ElementsAre("1 begins SELECT 1", "1 ends SELECT 1"));
    EXPECT_EQ(notes_.last_begin.connection, 1u);
    EXPECT_EQ(notes_.last_begin.statements, 1u);
    EXPECT_NE(notes_.last_begin.where.line(), 0u);
    EXPECT_GE(notes_.last_begin.at, before);
    EXPECT_EQ(notes_.last_end.connection, 1u);
    EXPECT_EQ(notes_.last_end.rows, 1u);
    EXPECT_EQ(notes_.last_end.error, nullptr);
    EXPECT_GT(notes_.last_end.duration, 0ns);
    EXPECT_LE(notes_.last_begin.at + notes_.last_end.duration, std::chrono::steady_clock::now());
  });
}

TEST_F(Observed, AModeThatShowsNoTagTellsItsObserver) {
  run([&]() -> Task<void> {
    co_await db_.execute("SELECT 1", fetch_val_as<int>);
    EXPECT_THAT(notes_.lines, ElementsAre("1 begins SELECT 1", "1 ends SELECT 1"));
    EXPECT_EQ(notes_.last_end.rows, 1u);
  });
}

TEST_F(Observed, StatementsOnOneConnectionOverlap) {
  run([&]() -> Task<void> {
    co_await db_.execute("SELECT 1");
    notes_.lines.clear();
    co_await when_all(db_.execute("SELECT 1"), db_.execute("SELECT 1"));
    EXPECT_THAT(notes_.lines, ElementsAre("2 begins SELECT 1", "3 begins SELECT 1",
                                          "2 ends SELECT 1", "3 ends SELECT 1"));
  });
}

TEST_F(Observed, ATransactionsOwnStatementsAreTold) {
  run([&]() -> Task<void> {
    Transaction tx = co_await db_.begin();
    co_await tx.execute("SELECT 1");
    co_await tx.commit();
    EXPECT_THAT(notes_.lines, ElementsAre("1 begins BEGIN", "1 ends BEGIN", "2 begins SELECT 1",
                                          "2 ends SELECT 1", "3 begins COMMIT", "3 ends COMMIT"));
  });
}

TEST_F(Observed, ABatchIsOneQuery) {
  run([&]() -> Task<void> {
    Batch batch(db_);
    for (int i = 0; i < 3; ++i) batch.add("SELECT 1");
    co_await batch.run();
    EXPECT_THAT(notes_.lines, ElementsAre("1 begins SELECT 1", "1 ends SELECT 1"));
    EXPECT_EQ(notes_.last_begin.statements, 3u);
    EXPECT_EQ(notes_.last_end.rows, 3u);
  });
}

TEST_F(Observed, AStreamEndsWithItsLastRow) {
  run([&]() -> Task<void> {
    RowStream rows = co_await db_.stream("SELECT 1");
    EXPECT_THAT(notes_.lines, ElementsAre("1 begins SELECT 1"));
    while (co_await rows.next()) {
    }
    EXPECT_THAT(notes_.lines, ElementsAre("1 begins SELECT 1", "1 ends SELECT 1"));
    EXPECT_EQ(notes_.last_end.rows, 1u);
  });
}

TEST_F(Observed, AStreamThatIsDroppedHasEnded) {
  backend_.answer("SELECT 2", CannedResult({}, {2}, 3, "SELECT 3"));
  run([&]() -> Task<void> {
    {
      RowStream rows = co_await db_.stream("SELECT 2");
      const auto first = co_await rows.next();
      EXPECT_TRUE(first);
    }
    EXPECT_THAT(notes_.lines, ElementsAre("1 begins SELECT 2", "1 ends badly"));
    EXPECT_THAT(notes_.last_error, HasSubstr("destroyed"));
  });
}

TEST_F(Observed, WhatIsWrongWithAStatementBeforeItIsSentIsItsEnd) {
  run([&]() -> Task<void> {
    co_await db_.execute("SELECT 1");
    notes_.lines.clear();
    const auto attempt = co_await as_attempt(db_.execute("SELECT 1", 5));  // has no parameter
    EXPECT_FALSE(attempt);
    EXPECT_THAT(notes_.lines, ElementsAre("2 begins SELECT 1", "2 ends badly"));
    EXPECT_EQ(notes_.last_end.outcome, Outcome::not_sent);
    EXPECT_THAT(notes_.last_error, HasSubstr("0 parameters but 1 argument"));
  });
}

TEST_F(Observed, AnObserverThatThrowsIsCountedAndChangesNothing) {
  QueryObserver thrower;
  thrower.on_begin([](const QueryBegin&) { throw std::runtime_error("no"); });
  thrower.on_end([](const QueryEnd&) { throw 1; });
  db_.set_observer(thrower);
  run([&]() -> Task<void> {
    EXPECT_EQ(co_await db_.execute("SELECT 1", fetch_val_as<int>), 1);
    EXPECT_EQ(db_.statistics().failed_observations, 2u);
    EXPECT_EQ(db_.statistics().open, 1u);
    EXPECT_THROW(db_.set_observer(QueryObserver()), ConfigurationError);
  });
}

// A server that begins to answer and does no more: the statement's end is ours.
class ObservedWithoutAnAnswer : public testing::Test {
 protected:
  static Script silent() {
    Script script;
    script.startup();
    answer_prepare(script, true);
    script.expect(protocol::FrontendTag::bind).stay_silent();
    return script;
  }
  Notes notes_;
  Reactor reactor_;
  ScriptedBackend backend_{reactor_, silent()};
};

TEST_F(ObservedWithoutAnAnswer, ATimeoutIsAnEnd) {
  DBConnector db(reactor_, options_for(backend_, 1));
  db.set_observer(notes_.observer());
  const auto body = [&]() -> Task<void> {
    co_await db.warm_up();
    EXPECT_FALSE(co_await as_attempt(db.execute("SELECT 1", timeout(50ms))));
    EXPECT_THAT(notes_.lines, ElementsAre("1 begins SELECT 1", "1 ends badly"));
    EXPECT_THAT(notes_.last_error, HasSubstr("50 ms were over"));
    EXPECT_GE(notes_.last_end.duration, 1ms);
  };
  reactor_.run(with_timeout(patience, body()));
}

TEST_F(ObservedWithoutAnAnswer, AStopIsAnEnd) {
  DBConnector db(reactor_, options_for(backend_, 1));
  db.set_observer(notes_.observer());
  const auto body = [&]() -> Task<void> {
    co_await db.warm_up();
    const auto ask = [&]() -> Task<void> { co_await db.execute("SELECT 1"); };
    static_cast<void>(co_await as_attempt(with_timeout(50ms, ask())));
    EXPECT_THAT(notes_.lines, ElementsAre("1 begins SELECT 1", "1 ends badly"));
    EXPECT_THAT(notes_.last_error, HasSubstr("a stop was requested"));
  };
  reactor_.run(with_timeout(patience, body()));
}

TEST_F(ObservedWithoutAnAnswer, ThePoolsEndIsAnEnd) {
  {
    DBConnector db(reactor_, options_for(backend_, 1));
    db.set_observer(notes_.observer());
    const auto body = [&]() -> Task<void> {
      const auto ask = [&]() -> Task<void> {
        static_cast<void>(co_await as_attempt(db.execute("SELECT 1")));
      };
      const auto end = [&]() -> Task<void> {
        while (notes_.lines.empty()) co_await sleep_for(1ms);
        co_await db.close(0ns);
      };
      co_await when_all(ask(), end());
    };
    reactor_.run(with_timeout(patience, body()));
  }
  EXPECT_THAT(notes_.lines, ElementsAre("1 begins SELECT 1", "1 ends badly"));
  EXPECT_THAT(notes_.last_error, HasSubstr("the pool was closed"));
}

TEST_F(ObservedWithoutAnAnswer, ThePoolsDestructionIsAnEnd) {
  auto reactor = std::make_unique<Reactor>();
  auto backend = std::make_unique<ScriptedBackend>(*reactor, silent());
  auto db = std::make_unique<DBConnector>(*reactor, options_for(*backend, 1));
  db->set_observer(notes_.observer());
  {
    const auto ask = [&]() -> Task<void> { co_await db->execute("SELECT 1"); };
    const auto until_it_began = [&]() -> Task<void> {
      while (notes_.lines.empty()) co_await sleep_for(1ms);
    };
    reactor->spawn(ask());
    reactor->run(with_timeout(patience, until_it_began()));
  }
  EXPECT_THAT(notes_.lines, ElementsAre("1 begins SELECT 1"));
  db.reset();
  backend.reset();
  EXPECT_THAT(notes_.lines, ElementsAre("1 begins SELECT 1", "1 ends badly"));
}

// The end of one is the reason to give up the others, while the connection goes through them.
TEST(ObservedByOneWhoGivesUp, TheOthersThatWaitForTheSamePreparationEndAsWell) {
  Script script;
  script.startup();
  script.expect(protocol::FrontendTag::parse)
      .expect(protocol::FrontendTag::describe)
      .expect(protocol::FrontendTag::sync);
  script.send(testing_support::error_response("42703", "no such column"),
              protocol::ReadyForQuery{});
  Reactor reactor;
  const ScriptedBackend backend(reactor, script);
  DBConnector db(reactor, options_for(backend, 1));
  std::stop_source stop;
  QueryObserver observer;
  observer.on_end([&](const QueryEnd&) { stop.request_stop(); });
  db.set_observer(std::move(observer));
  int ended = 0;
  const auto ask = [&]() -> Task<void> {
    EXPECT_FALSE(co_await as_attempt(db.execute("SELECT bad")));
    ++ended;
  };
  for (int i = 0; i < 4; ++i) reactor.spawn(ask(), stop.get_token());
  const auto all_ended = [&]() -> Task<void> {
    while (ended < 4) co_await sleep_for(1ms);
  };
  reactor.run(with_timeout(patience, all_ended()));
  EXPECT_TRUE(backend.failures().empty());
}

}  // namespace
}  // namespace pgreactor::pool_testing
