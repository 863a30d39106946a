#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/pgreactor.hpp>

#include "tests/pool/scripted_answers.hpp"
#include "tests/support/scripted_backend.hpp"

namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using protocol::FrontendTag;
using testing_support::error_response;
using testing_support::Script;
using testing_support::ScriptedBackend;

// A cancel that comes between the two: the server has the statement, and a second Parse of its name
// would be refused (42P05) for ever.
// Requirement: P9
TEST(DescribeFailure, BehindItsParseGivesTheNameBack) {
  Script script;
  script.startup();
  script.expect(FrontendTag::parse).expect(FrontendTag::describe).expect(FrontendTag::sync);
  script.send(protocol::ParseComplete{}, error_response("57014", "canceling statement"),
              protocol::ReadyForQuery{});
  script.expect(FrontendTag::close).expect(FrontendTag::sync);
  script.send(protocol::CloseComplete{}, protocol::ReadyForQuery{});
  answer_prepare(script, true);
  answer_run(script);
  Reactor reactor;
  const ScriptedBackend backend(reactor, script);
  DBConnector db(reactor, options_for(backend, 1));
  const auto ask = [&]() -> Task<void> {
    const auto attempt = co_await as_attempt(db.execute("SELECT 1", fetch_val_as<int>));
    EXPECT_FALSE(attempt);
    if (!attempt) {
      EXPECT_EQ(attempt.error().sqlstate().view(), "57014");
    }
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
  };
  reactor.run(with_timeout(30s, ask()));
  EXPECT_TRUE(backend.failures().empty());
}

}  // namespace
}  // namespace pgreactor::pool_testing
