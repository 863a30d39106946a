#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/combinators.hpp>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/pool/patience.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/scripted_backend.hpp"

// When a pool leaves a server, and what becomes of the connections to it.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using protocol::FrontendTag;
using protocol::ParameterStatus;
using testing::IsEmpty;
using testing_support::error_response;
using testing_support::Script;
using testing_support::ScriptedBackend;
using testing_support::wire_bytes;

/// Bind Execute Sync, refused.
void refuse_run(Script& script, std::string_view sqlstate,
                TransactionStatus status = TransactionStatus::idle) {
  script.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  script.send(protocol::BindComplete{}, error_response(sqlstate, "cannot execute INSERT"),
              protocol::ReadyForQuery{status});
}

/// A session in which the first statement is refused as a write on a standby.
Script read_only_server() {
  Script script;
  script.startup();
  answer_prepare(script, true);
  refuse_run(script, "25006");
  return script;
}

template <class Condition>
Task<void> wait_until(Condition condition) {
  while (!condition()) co_await sleep_for(1ms);
}

class PoolDraining : public testing::Test {
 protected:
  /// Runs body(db, backend) on a warm pool of so many connections, the n-th by the n-th script.
  template <class F>
  void run(std::vector<Script> scripts, std::uint32_t connections, F body,
           TargetSessionAttrs wanted = TargetSessionAttrs::any) {
    ScriptedBackend backend(reactor_, std::move(scripts));
    ConnectionOptions options = options_for(backend, connections);
    options.pool_min_conns = connections;
    options.target_session_attrs = wanted;
    DBConnector db(reactor_, options);
    const auto work = [&]() -> Task<void> {
      co_await db.warm_up();
      co_await body(db, backend);
    };
    reactor_.run(with_timeout(patience, work()));
    EXPECT_THAT(backend.failures(), IsEmpty());
  }
  // Some turns of the loop, in which whatever can happen does.
  static Task<void> turns() {
    for (int turn = 0; turn < 5; ++turn) co_await sleep_for(0ns);
  }
  static Task<void> fails_with(DBConnector& db, std::string_view sqlstate) {
    const auto attempt = co_await as_attempt(db.execute("SELECT 1"));
    if (attempt) co_return ADD_FAILURE() << "it should have been refused";
    EXPECT_EQ(attempt.error().sqlstate(), sqlstate);
  }
  Reactor reactor_;
};

// Requirement: P16
TEST_F(PoolDraining, AServerThatRefusesToWriteIsLeft) {
  // The third connection is opened instead of one of the first two, which end both.
  Script good;
  good.startup();
  answer_prepare_and_run(good);
  run({read_only_server(), Script().startup(), good, Script().startup()}, 2,
      [](DBConnector& db, ScriptedBackend& backend) -> Task<void> {
        co_await fails_with(db, "25006");
        co_await db.execute("SELECT 1");  // not on the connection that was idle all along
        co_await wait_until([&] { return backend.ended() == 2 && db.statistics().open == 2; });
        EXPECT_EQ(db.statistics().evicted, 2u);
        EXPECT_EQ(db.statistics().opened, 4u);
        EXPECT_EQ(db.statistics().closed, 2u);
      });
}

// Requirement: P16
TEST_F(PoolDraining, AServerThatStaysReadOnlyIsNotLeftOverAndOver) {
  Script again;
  again.startup().expect(FrontendTag::parse).expect(FrontendTag::describe);
  again.send(protocol::ParseComplete{}, protocol::ParameterDescription{}, one_int_column());
  refuse_run(again, "25006");
  refuse_run(again, "25006");
  run({read_only_server(), again}, 1, [](DBConnector& db, ScriptedBackend&) -> Task<void> {
    co_await fails_with(db, "25006");
    co_await fails_with(db, "25006");
    co_await fails_with(db, "25006");
    co_await turns();
    EXPECT_EQ(db.statistics().evicted, 1u);
    EXPECT_EQ(db.statistics().opened, 2u);
  });
}

// Requirement: P16
TEST_F(PoolDraining, ARefusalWhereReadingWasDeclaredSaysNothingOfTheServer) {
  Script script;
  script.startup();
  answer_prepare(script, false);
  answer_run(script, "BEGIN", TransactionStatus::in_transaction);
  answer_prepare(script, true, TransactionStatus::in_transaction);
  refuse_run(script, "25006", TransactionStatus::failed);
  answer_prepare(script, false, TransactionStatus::failed);
  answer_run(script, "ROLLBACK");
  run({script}, 1, [](DBConnector& db, ScriptedBackend&) -> Task<void> {
    Transaction tx = co_await db.begin(read_only());
    const auto attempt = co_await as_attempt(tx.execute("SELECT 1"));
    EXPECT_FALSE(attempt) << "it should have been refused";
    co_await tx.rollback();
    co_await turns();
    EXPECT_EQ(db.statistics().evicted, 0u);
    EXPECT_EQ(db.statistics().idle, 1u);
  });
}

// Requirement: P16
TEST_F(PoolDraining, WhereOnlyReadingIsWantedARefusalToWriteIsNoNews) {
  Script script;
  script.expect_first(nullptr).send(protocol::Authentication(protocol::AuthenticationOk{}),
                                    ParameterStatus{"in_hot_standby", "on"},
                                    ParameterStatus{"default_transaction_read_only", "off"},
                                    protocol::ReadyForQuery{});
  answer_prepare(script, true);
  refuse_run(script, "25006");
  for (const auto wanted : {TargetSessionAttrs::read_only, TargetSessionAttrs::standby,
                            TargetSessionAttrs::prefer_standby})
    run(
        {script}, 1,
        [](DBConnector& db, ScriptedBackend&) -> Task<void> {
          co_await fails_with(db, "25006");
          co_await turns();
          EXPECT_EQ(db.statistics().evicted, 0u);
        },
        wanted);
}

/// A session in which a setting changes with the first statement.
Script reporting(std::string_view setting, std::string_view value) {
  Script script;
  script.startup();
  answer_prepare(script, true);
  script.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  const std::string one("\0\0\0\1", 4);
  const NullableBytes field = as_bytes(one);
  script.send(protocol::BindComplete{}, protocol::DataRow{{&field, 1}},
              protocol::CommandComplete{"SELECT 1"}, ParameterStatus{setting, value},
              protocol::ReadyForQuery{});
  return script;
}

// Requirement: P16
TEST_F(PoolDraining, AServerThatReportsAnotherRoleThanIsWantedIsLeft) {
  const auto is_left = [](DBConnector& db, ScriptedBackend& backend) -> Task<void> {
    co_await db.execute("SELECT 1");
    co_await wait_until([&] { return backend.ended() == 2 && db.statistics().open == 2; });
    EXPECT_EQ(db.statistics().evicted, 2u);
  };
  for (const auto wanted : {TargetSessionAttrs::primary, TargetSessionAttrs::read_write})
    run({reporting("in_hot_standby", "on"), Script().startup(), Script().startup(),
         Script().startup()},
        2, is_left, wanted);
  run({reporting("default_transaction_read_only", "on"), Script().startup(), Script().startup(),
       Script().startup()},
      2, is_left, TargetSessionAttrs::read_write);
}

// Requirement: P16
TEST_F(PoolDraining, AReportThatIsNotAgainstWhatIsWantedChangesNothing) {
  const auto stays = [](DBConnector& db, ScriptedBackend&) -> Task<void> {
    co_await db.execute("SELECT 1");
    co_await turns();
    EXPECT_EQ(db.statistics().evicted, 0u);
    EXPECT_EQ(db.statistics().idle, 1u);
  };
  run({reporting("in_hot_standby", "on")}, 1, stays);
  run({reporting("default_transaction_read_only", "on")}, 1, stays, TargetSessionAttrs::primary);
  run({reporting("TimeZone", "Europe/Berlin")}, 1, stays, TargetSessionAttrs::read_write);
}

// Requirement: P16
TEST_F(PoolDraining, AServerThatShutsDownIsLeft) {
  for (const std::string_view code : {"57P01", "57P02"}) {
    Script ended;
    ended.startup();
    answer_prepare(ended, true);
    ended.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
    ended.send(error_response(code, "terminating connection", "FATAL")).close();
    run({ended, Script().startup(), Script().startup(), Script().startup()}, 2,
        [&](DBConnector& db, ScriptedBackend& backend) -> Task<void> {
          co_await fails_with(db, code);
          co_await wait_until([&] { return backend.ended() == 2 && db.statistics().open == 2; });
          EXPECT_EQ(db.statistics().evicted, 1u);
          EXPECT_EQ(db.statistics().closed, 2u);
        });
  }
}

// An immediate shutdown is told as a warning, and then the stream ends.
// Requirement: P16
TEST_F(PoolDraining, TheWarningOfACrashIsHeardToo) {
  Script ended;
  ended.startup();
  answer_prepare(ended, true);
  ended.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  protocol::NoticeResponse warning;
  warning.report = error_response("57P02", "terminating connection", "WARNING").report;
  ended.send(warning).close();
  run({ended, Script().startup(), Script().startup(), Script().startup()}, 2,
      [](DBConnector& db, ScriptedBackend& backend) -> Task<void> {
        EXPECT_FALSE(co_await as_attempt(db.execute("SELECT 1"))) << "nobody has answered";
        co_await wait_until([&] { return backend.ended() == 2 && db.statistics().open == 2; });
        EXPECT_EQ(db.statistics().evicted, 1u);
      });
}

// A function may raise whatever it likes.
// Requirement: P16
TEST_F(PoolDraining, AnErrorOfAStatementIsNoShutdown) {
  Script script;
  script.startup();
  answer_prepare(script, true);
  refuse_run(script, "57P01");
  run({script}, 1, [](DBConnector& db, ScriptedBackend&) -> Task<void> {
    co_await fails_with(db, "57P01");
    co_await turns();
    EXPECT_EQ(db.statistics().evicted, 0u);
  });
}

// Requirement: P16
TEST_F(PoolDraining, WhatIsLentIsClosedWhenItIsGivenBack) {
  Script lent;
  lent.startup();
  answer_prepare(lent, false);
  answer_run(lent, "BEGIN", TransactionStatus::in_transaction);
  answer_prepare_and_run(lent, TransactionStatus::in_transaction);
  answer_prepare(lent, false, TransactionStatus::in_transaction);
  answer_run(lent, "ROLLBACK");
  run({lent, read_only_server(), Script().startup(), Script().startup()}, 2,
      [](DBConnector& db, ScriptedBackend& backend) -> Task<void> {
        Transaction tx = co_await db.begin();
        co_await fails_with(db, "25006");
        co_await wait_until([&] { return backend.ended() == 1; });
        co_await tx.execute("SELECT 1");  // is at work to its end
        EXPECT_EQ(db.statistics().lent, 1u);
        co_await tx.rollback();
        co_await wait_until([&] { return backend.ended() == 2 && db.statistics().open == 2; });
        EXPECT_EQ(db.statistics().evicted, 2u);
      });
}

// Requirement: P16
TEST_F(PoolDraining, WhatIsBusyEndsItsStatementsAndTakesNoMore) {
  Script busy;
  busy.startup();
  answer_prepare(busy, true);
  refuse_run(busy, "25006");
  answer_run(busy);  // of a statement that was sent before the first was answered
  Script fresh;
  fresh.startup();
  answer_prepare_and_run(fresh);
  run({busy, fresh}, 1, [](DBConnector& db, ScriptedBackend& backend) -> Task<void> {
    const auto ask = [&]() -> Task<void> {
      EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    };
    const auto refused = [&]() -> Task<void> {
      co_await fails_with(db, "25006");
      co_await ask();  // behind the other one, on a connection of its own
    };
    co_await when_all(refused(), ask());
    EXPECT_EQ(backend.ended(), 1u);
    EXPECT_EQ(db.statistics().evicted, 1u);
  });
}

// Requirement: P16
TEST_F(PoolDraining, AWaiterGetsOneOfTheConnectionsThatReplaceThem) {
  Script ended;
  ended.startup();
  answer_prepare(ended, false);
  answer_run(ended, "BEGIN", TransactionStatus::in_transaction);
  answer_prepare(ended, true, TransactionStatus::in_transaction);
  ended.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  ended.send(error_response("57P01", "terminating connection", "FATAL")).close();
  Script fresh;
  fresh.startup();
  answer_prepare_and_run(fresh);
  run({ended, fresh}, 1, [](DBConnector& db, ScriptedBackend&) -> Task<void> {
    const auto lose = [&]() -> Task<void> {
      Transaction tx = co_await db.begin();
      co_await turns();
      EXPECT_EQ(db.statistics().waiting, 1u);
      EXPECT_FALSE(co_await as_attempt(tx.execute("SELECT 1"))) << "the session has ended";
    };
    const auto wait = [&]() -> Task<void> {
      EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    };
    co_await when_all(lose(), wait());
  });
}

}  // namespace
}  // namespace pgreactor::pool_testing
