#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <pgreactor/combinators.hpp>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <vector>

#include "tests/pool/scripted_answers.hpp"
#include "tests/support/scripted_backend.hpp"

// How a pool comes by its connections when servers are slow, refuse, or go away in the middle.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using protocol::FrontendTag;
using testing_support::Script;
using testing_support::ScriptedBackend;

Task<void> ask_and_forget(DBConnector& db) {
  static_cast<void>(co_await as_attempt(db.execute("SELECT 1")));
}

// Requirement: P18
TEST(PoolConnecting, IsDoneByTwoAtATimeHoweverManyWait) {
  Reactor reactor;
  ScriptedBackend backend(reactor, Script().stay_silent());
  ConnectionOptions options = options_for(backend, 20);
  options.pool_acquire_timeout = 200ms;
  options.tcp_user_timeout = 100ms;
  DBConnector db(reactor, options);
  std::size_t most = 0;
  const auto work = [&]() -> Task<void> {
    std::vector<Task<void>> all;
    for (int i = 0; i < 100; ++i) all.push_back(ask_and_forget(db));
    const auto watch = [&]() -> Task<void> {
      for (;;) {
        most = std::max(most, db.statistics().connecting);
        co_await sleep_for(1ms);
      }
    };
    co_await when_any(when_all(std::move(all)), watch());
  };
  reactor.run(with_timeout(30s, work()));
  EXPECT_EQ(most, 2u);
  EXPECT_EQ(backend.accepted(), 2u);
}

// Each refusal takes no time at all: without pauses there would be thousands.
// Requirement: P18
TEST(PoolConnecting, IsTriedLessAndLessOftenWhereItIsRefused) {
  Reactor reactor;
  Script refusing;
  refusing.expect_first(nullptr).send(
      testing_support::error_response("57P03", "the database system is starting up", "FATAL"));
  ScriptedBackend backend(reactor, refusing);
  ConnectionOptions options = options_for(backend, 20);
  options.pool_acquire_timeout = 600ms;
  options.tcp_user_timeout = 100ms;
  DBConnector db(reactor, options);
  reactor.run(with_timeout(30s, ask_and_forget(db)));
  EXPECT_GE(backend.accepted(), 2u);
  EXPECT_LE(backend.accepted(), 60u);
}

// As a proxy does that has lost its server.
// Requirement: P18
TEST(PoolConnecting, IsTriedLessAndLessOftenWhereItIsAdmittedAndHungUpOn) {
  Reactor reactor;
  ScriptedBackend backend(reactor, Script().startup().close());
  ConnectionOptions options = options_for(backend, 20);
  options.pool_min_conns = 5;
  DBConnector db(reactor, options);
  const auto work = [&]() -> Task<void> {
    const auto warmed = co_await as_attempt(db.warm_up());
    if (warmed) co_return ADD_FAILURE() << "there is nothing to use";
    EXPECT_THAT(warmed.error().what(), ::testing::HasSubstr("closed before it answered anything"));
    EXPECT_EQ(warmed.error().outcome(), Outcome::not_sent);
    co_await sleep_for(500ms);
  };
  reactor.run(with_timeout(3s, work()));
  EXPECT_GE(backend.accepted(), 2u);
  EXPECT_LE(backend.accepted(), 60u);
  EXPECT_GE(db.statistics().failed_connects, 2u);
  EXPECT_LE(db.statistics().failed_connects, db.statistics().opened);
}

TEST(PoolConnecting, IsPausedTooWhereAReasonIsGivenForHangingUp) {
  for (const std::string code : {"57P01", "08P01"}) {
    Reactor reactor;
    Script ending;
    ending.startup().send(testing_support::error_response(code, "not today", "FATAL")).close();
    ScriptedBackend backend(reactor, ending);
    DBConnector db(reactor, options_for(backend, 20));
    const auto work = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(db.execute("SELECT 1"));
      if (attempt) co_return ADD_FAILURE() << "there is nothing to use";
      EXPECT_THAT(attempt.error().what(), ::testing::HasSubstr("not today"));
      co_await sleep_for(300ms);
    };
    reactor.run(with_timeout(10s, work()));
    EXPECT_LE(backend.accepted(), 60u) << code;
  }
}

// Requirement: P18
TEST(PoolConnecting, IsNotPausedWhereConnectionsEndAfterAnAnswer) {
  constexpr std::uint64_t rounds = 30;
  Script first;
  first.startup();
  answer_prepare(first, true);
  answer_run(first);
  first.close();
  Script later;
  later.startup();
  answer_prepare_and_run(later);
  later.close();
  std::vector<Script> scripts(rounds, later);
  scripts.front() = first;
  scripts.push_back(Script().startup());
  Reactor reactor;
  ScriptedBackend backend(reactor, scripts);
  DBConnector db(reactor, options_for(backend, 1));
  const auto work = [&]() -> Task<void> {
    for (std::uint64_t round = 1; round <= rounds; ++round) {
      EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
      while (db.statistics().closed < round) co_await sleep_for(0ns);
    }
    while (db.statistics().open == 0) co_await sleep_for(0ns);
  };
  reactor.run(with_timeout(3s, work()));
  EXPECT_EQ(db.statistics().failed_connects, 0u);
}

// Requirement: P15
TEST(PoolConnecting, DoesNotKeepAWaiterFromAConnectionThatIsGivenBack) {
  Reactor reactor;
  Script first;
  first.startup();
  answer_prepare(first, true);
  answer_run(first);
  answer_prepare(first, false);
  answer_run(first, "BEGIN", TransactionStatus::in_transaction);
  answer_prepare(first, false, TransactionStatus::in_transaction);
  answer_run(first, "ROLLBACK");
  answer_run(first);
  const std::vector<Script> scripts{first, Script().stay_silent()};
  ScriptedBackend backend(reactor, scripts);
  ConnectionOptions options = options_for(backend, 2);
  options.pool_sharing_time = 0us;
  DBConnector db(reactor, options);
  const auto work = [&]() -> Task<void> {
    co_await db.execute("SELECT 1", fetch_val_as<int>);
    Transaction held = co_await db.begin();
    const auto wait = [&]() -> Task<void> {
      // The other connection never comes; this one does.
      EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    };
    const auto give_back = [&]() -> Task<void> {
      while (backend.accepted() < 2) co_await sleep_for(1ms);
      EXPECT_EQ(db.statistics().connecting, 1u);
      EXPECT_EQ(db.statistics().waiting, 1u);
      co_await held.rollback();
    };
    co_await when_all(wait(), give_back());
    EXPECT_EQ(db.statistics().connecting, 1u);
  };
  reactor.run(with_timeout(3s, work()));
}

// The server goes away while eight mebibytes are being written and an answer is being awaited.
// Requirement: P6
TEST(PoolConnecting, LostWhileMuchIsBeingWrittenAndReadEndsBoth) {
  Reactor reactor;
  Script script;
  script.startup();
  answer_prepare(script, true);
  script.expect(FrontendTag::parse).expect(FrontendTag::describe).expect(FrontendTag::sync);
  script.send(protocol::ParseComplete{}, protocol::ParameterDescription{{oid::text}},
              one_int_column(), protocol::ReadyForQuery{});
  script.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync).close();
  ScriptedBackend backend(reactor, std::vector<Script>{script});
  DBConnector db(reactor, options_for(backend, 1));
  const auto work = [&]() -> Task<void> {
    const Statement small = db.prepare("SELECT 1");
    const Statement large = db.prepare("SELECT length($1)");
    const std::string text(8u << 20, 'x');
    const auto ask = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(db.execute(small, fetch_val_as<int>));
      EXPECT_FALSE(attempt) << "nobody has answered it";
    };
    const auto ask_much = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(db.execute(large, text, fetch_val_as<int>));
      EXPECT_FALSE(attempt);
    };
    co_await when_all(ask(), ask_much());
  };
  reactor.run(with_timeout(10s, work()));
  EXPECT_THAT(backend.failures(), ::testing::Each(::testing::HasSubstr("no script for it")));
}

}  // namespace
}  // namespace pgreactor::pool_testing
