#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/pgreactor.hpp>
#include <string>

#include "tests/pool/scripted_answers.hpp"
#include "tests/support/scripted_backend.hpp"

namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using testing_support::Script;
using testing_support::ScriptedBackend;

// Its COMMIT would go out behind a question that such a server answers with an error, and a failed
// transaction is rolled back.
TEST(TraceOfATransaction, IsRefusedByAServerThatDoesNotNameThemBeforeAnythingIsSent) {
  Script script;
  script.expect_first(nullptr).send(protocol::Authentication(protocol::AuthenticationOk{}),
                                    protocol::ParameterStatus{"server_version", "12.22 (Debian)"},
                                    protocol::ReadyForQuery{});
  answer_prepare(script, true);
  answer_run(script);
  Reactor reactor;
  const ScriptedBackend backend(reactor, script);
  DBConnector db(reactor, options_for(backend, 1));
  const auto ask = [&]() -> Task<void> {
    CommitToken token;
    const auto attempt = co_await as_attempt(db.begin(trace(token)));
    EXPECT_FALSE(attempt);
    if (!attempt) {
      EXPECT_EQ(attempt.error().outcome(), Outcome::not_sent);
      EXPECT_EQ(std::string(attempt.error().what()),
                "trace() needs PostgreSQL 13 or later; this server is 12.22 (Debian)");
    }
    EXPECT_FALSE(token.is_known());
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1) << "the connection is as good";
  };
  reactor.run(with_timeout(30s, ask()));
  EXPECT_TRUE(backend.failures().empty());
}

}  // namespace
}  // namespace pgreactor::pool_testing
