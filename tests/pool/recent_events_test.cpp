#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <pgreactor/pgreactor.hpp>
#include <string>

#include "tests/pool/patience.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/scripted_backend.hpp"

// What the error of a lost connection tells of its last messages.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using protocol::FrontendTag;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing_support::Script;
using testing_support::ScriptedBackend;
using testing_support::wire_bytes;

Script prepared(int answered_runs) {
  Script script;
  script.startup();
  answer_prepare(script, true);
  for (int i = 0; i < answered_runs; ++i) answer_run(script);
  return script;
}

// The error of the last of so many statements, the others having succeeded.
struct Told {
  std::string what;
  std::string events;
};
Told told_of(const Script& script, int statements) {
  Reactor reactor;
  ScriptedBackend backend(reactor, script);
  DBConnector db(reactor, options_for(backend, 1));
  Told told;
  const auto body = [&]() -> Task<void> {
    for (int i = 1; i < statements; ++i)
      EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    const auto attempt = co_await as_attempt(db.execute("SELECT 1", fetch_val_as<int>));
    if (attempt) co_return ADD_FAILURE() << "it succeeded";
    EXPECT_NE(dynamic_cast<const ConnectionError*>(&attempt.error()), nullptr);
    told = {attempt.error().what(), std::string(attempt.error().recent_events())};
  };
  reactor.run(with_timeout(patience, body()));
  return told;
}

TEST(RecentEvents, TellWhatALyingServerSaid) {
  Script script = prepared(0);
  script.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  script.send(protocol::BindComplete{}, protocol::CloseComplete{});
  const Told told = told_of(script, 1);
  EXPECT_THAT(told.what, HasSubstr("the server broke the protocol"));
  EXPECT_THAT(told.what, Not(HasSubstr("received")));
  EXPECT_THAT(told.events,
              ContainsRegex("^ +-[0-9.]+ ms  sent      Parse Describe Sync, [0-9]+ bytes\n"
                            " +-[0-9.]+ ms  received  ParseComplete, 5 bytes\n"
                            " +-[0-9.]+ ms  received  ParameterDescription, 7 bytes\n"
                            " +-[0-9.]+ ms  received  RowDescription, ReadyForQuery, [0-9]+ bytes\n"
                            " +-[0-9.]+ ms  sent      Bind Execute Sync, [0-9]+ bytes\n"
                            " +-[0-9.]+ ms  received  BindComplete, 5 bytes\n"
                            " +-[0-9.]+ ms  received  CloseComplete, 5 bytes\n$"));
}

TEST(RecentEvents, NameTheSizeThatAHeaderClaims) {
  Script script = prepared(0);
  script.expect(FrontendTag::bind);
  script.send_raw(wire_bytes(protocol::BindComplete{}) + std::string("D\x7f\xff\xff\xf0", 5));
  EXPECT_THAT(told_of(script, 1).events, HasSubstr("received  DataRow, 2147483633 bytes\n"));
}

TEST(RecentEvents, TellALossAndCountRows) {
  Script script = prepared(1);
  script.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  const std::string one("\0\0\0\1", 4);
  const NullableBytes value = as_bytes(one);
  const protocol::DataRow row{{&value, 1}};
  script.send(protocol::BindComplete{}, row, row, row);
  script.close();
  const Told told = told_of(script, 2);
  EXPECT_THAT(told.what, HasSubstr("was lost"));
  EXPECT_THAT(told.events,
              HasSubstr("received  BindComplete, DataRow or CopyData (1 times), CommandComplete, "
                        "ReadyForQuery, 40 bytes\n"));
  EXPECT_THAT(told.events,
              HasSubstr("received  BindComplete, DataRow or CopyData (3 times), 50 bytes\n"));
}

TEST(RecentEvents, AreTheLastOnes) {
  constexpr int many = 100;
  Script script = prepared(many);
  script.expect(FrontendTag::bind).close();
  const std::string events = told_of(script, many + 1).events;
  EXPECT_EQ(std::count(events.begin(), events.end(), '\n'), 64);
  EXPECT_THAT(events, Not(HasSubstr("Parse")));
  EXPECT_THAT(events, Not(HasSubstr("queued")));
  EXPECT_THAT(events, ContainsRegex("sent      Bind Execute Sync, [0-9]+ bytes\n$"));
}

TEST(RecentEvents, HoldNoContent) {
  Script script = prepared(0);
  script.expect(FrontendTag::bind).close();
  Reactor reactor;
  ScriptedBackend backend(reactor, script);
  DBConnector db(reactor, options_for(backend, 1));
  const auto body = [&]() -> Task<void> {
    const auto attempt = co_await as_attempt(db.execute("SELECT 1 -- secret"));
    if (attempt) co_return ADD_FAILURE() << "it succeeded";
    EXPECT_THAT(std::string(attempt.error().recent_events()), Not(HasSubstr("secret")));
    EXPECT_THAT(std::string(attempt.error().recent_events()), HasSubstr("Bind"));
  };
  reactor.run(with_timeout(patience, body()));
}

TEST(RecentEvents, AreNotKeptOfAnEndThatWasAskedFor) {
  Script script = prepared(0);
  script.expect(FrontendTag::bind).stay_silent();
  Reactor reactor;
  ScriptedBackend backend(reactor, script);
  DBConnector db(reactor, options_for(backend, 1));
  const auto body = [&]() -> Task<void> {
    const auto ask = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(db.execute("SELECT 1"));
      if (attempt) co_return ADD_FAILURE() << "it succeeded";
      EXPECT_EQ(attempt.error().recent_events(), "");
    };
    const auto end = [&]() -> Task<void> { co_await db.close(5ms); };
    co_await when_all(ask(), end());
  };
  reactor.run(with_timeout(patience, body()));
}

}  // namespace
}  // namespace pgreactor::pool_testing
