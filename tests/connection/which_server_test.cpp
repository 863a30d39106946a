#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "protocol/asynchronous.hpp"
#include "protocol/result.hpp"
#include "protocol/simple_query.hpp"
#include "src/connection/open.hpp"
#include "tests/support/scripted_backend.hpp"

// Which of several servers a connection is made to.
namespace pgreactor::connection {
namespace {

using testing_support::Script;
using testing_support::ScriptedBackend;
using Wanted = TargetSessionAttrs;

// What a server says of itself when a session begins.
class Kind {
 public:
  std::string name;
  const char* standby;
  const char* read_only;
};
const Kind primary{"primary", "off", "off"};
const Kind standby{"standby", "on", "off"};
const Kind frozen{"frozen", "off", "on"};
const Kind old{"old", nullptr, nullptr};

Script script_of(const Kind& kind) {
  Script script;
  script.expect_first(nullptr).send(protocol::AuthenticationOk{},
                                    protocol::ParameterStatus{"application_name", kind.name});
  if (kind.standby != nullptr)
    script.send(protocol::ParameterStatus{"in_hot_standby", kind.standby},
                protocol::ParameterStatus{"default_transaction_read_only", kind.read_only});
  return script.send(protocol::ReadyForQuery{});
}

// The name of the server that is taken of these, or why none is.
std::string taken_of(const std::vector<Script>& scripts, Wanted wanted,
                     LoadBalanceHosts balance = LoadBalanceHosts::disable) {
  Reactor reactor;
  std::vector<std::unique_ptr<ScriptedBackend>> backends;
  ConnectionOptions options;
  options.user = options.database = "tester";
  options.target_session_attrs = wanted;
  options.load_balance_hosts = balance;
  for (const Script& script : scripts) {
    backends.push_back(std::make_unique<ScriptedBackend>(reactor, script));
    options.servers.emplace_back(backends.back()->host(), backends.back()->port());
  }
  ConnectCache cache;
  const auto open = [&]() -> Task<std::string> {
    auto attempt = co_await as_attempt(open_connection(options, cache));
    if (!attempt) co_return attempt.error().what();
    const auto connection = std::move(attempt).value();
    co_return std::string(*connection->session().setting("application_name"));
  };
  return reactor.run(open());
}

std::string taken(const std::vector<Kind>& kinds, Wanted wanted,
                  LoadBalanceHosts balance = LoadBalanceHosts::disable) {
  std::vector<Script> scripts;
  for (const Kind& kind : kinds) scripts.push_back(script_of(kind));
  return taken_of(scripts, wanted, balance);
}

TEST(WhichServer, IsTheFirstOfTheKindThatIsWanted) {
  const std::vector<Kind> all{standby, frozen, primary};
  EXPECT_EQ(taken(all, Wanted::any), "standby");
  EXPECT_EQ(taken(all, Wanted::read_write), "primary");
  EXPECT_EQ(taken(all, Wanted::primary), "frozen");
  EXPECT_EQ(taken({primary, frozen, standby}, Wanted::read_only), "frozen");
  EXPECT_EQ(taken({primary, frozen, standby}, Wanted::standby), "standby");
  EXPECT_EQ(taken({primary, frozen, standby}, Wanted::prefer_standby), "standby");
}

TEST(WhichServer, AnyWillDoWhereAStandbyIsOnlyPreferred) {
  EXPECT_EQ(taken({primary, frozen}, Wanted::prefer_standby), "primary");
  EXPECT_THAT(taken({primary, frozen}, Wanted::standby),
              ::testing::HasSubstr("target_session_attrs: the server is not a standby"));
}

// Before PostgreSQL 14, and asked in just that way.
Script silent_about_itself(const std::string& name, const std::string& question,
                           const char* answer) {
  Script script = script_of({name, nullptr, nullptr});
  const std::array<NullableBytes, 1> values{as_bytes(answer)};
  const auto asks = [question](const protocol::FrontendMessage& message) {
    const auto* query = std::get_if<protocol::Query>(&message);
    return query != nullptr && query->sql == question;
  };
  return script.expect(protocol::FrontendTag::query, asks)
      .send(protocol::RowDescription{{Column{.name = "answer"}}}, protocol::DataRow{values},
            protocol::CommandComplete{"SHOW"}, protocol::ReadyForQuery{});
}

TEST(WhichServer, OneThatDoesNotSayWhatItIsIsAskedOnce) {
  EXPECT_EQ(taken({old}, Wanted::any), "old") << "and not asked at all";
  const auto writing = [](const char* answer) {
    return silent_about_itself("old", "SHOW transaction_read_only", answer);
  };
  const auto standing_by = [](const char* answer) {
    return silent_about_itself("old", "SELECT pg_catalog.pg_is_in_recovery()", answer);
  };
  EXPECT_EQ(taken_of({writing("off")}, Wanted::read_write), "old");
  EXPECT_EQ(taken_of({writing("on")}, Wanted::read_only), "old");
  EXPECT_EQ(taken_of({standing_by("f")}, Wanted::primary), "old");
  EXPECT_EQ(taken_of({standing_by("t")}, Wanted::standby), "old");
  EXPECT_EQ(taken_of({standing_by("t")}, Wanted::prefer_standby), "old");
  EXPECT_THAT(taken_of({writing("on")}, Wanted::read_write),
              ::testing::HasSubstr("target_session_attrs: the session is read-only"));
  EXPECT_EQ(taken_of({writing("on"), script_of(primary)}, Wanted::read_write), "primary");
  EXPECT_EQ(taken_of({standing_by("t"), script_of(primary)}, Wanted::primary), "primary");
}

// With the same name the second time round the answer would be the same.
TEST(WhichServer, OneThatKnowsUsNotIsAskedOnce) {
  Reactor reactor;
  int asked = 0;
  Script refusing;
  refusing
      .expect_first([&](const protocol::FirstMessage&) {
        ++asked;
        return true;
      })
      .send_raw(std::string("E\0\0\0\x19SFATAL\0C28P01\0Mwho?\0\0", 26));
  const ScriptedBackend backend(reactor, refusing);
  ConnectionOptions options;
  options.user = options.database = "tester";
  options.servers.emplace_back(backend.host(), backend.port());
  options.target_session_attrs = Wanted::prefer_standby;
  ConnectCache cache;
  const auto open = [&]() -> Task<std::string> {
    const auto attempt = co_await as_attempt(open_connection(options, cache));
    co_return attempt ? "taken" : attempt.error().what();
  };
  EXPECT_THAT(reactor.run(open()), ::testing::HasSubstr("who?"));
  EXPECT_EQ(asked, 1);
}

TEST(WhichServer, IsDrawnWhereHostsAreBalanced) {
  std::set<std::string> seen;
  for (int i = 0; i < 200 && seen.size() < 3; ++i)
    seen.insert(taken({primary, standby, frozen}, Wanted::any, LoadBalanceHosts::random));
  EXPECT_EQ(seen.size(), 3u);
}

}  // namespace
}  // namespace pgreactor::connection
