#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/pgreactor.hpp>

#include "tests/pool/patience.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/scripted_backend.hpp"

namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using protocol::FrontendTag;
using testing_support::Script;
using testing_support::ScriptedBackend;

// A server so busy that it has not read the cancel request when our patience ends: whatever its
// session runs by then would be stopped, also when that is another caller's.
// Requirement: P4
TEST(LateCancel, ItsConnectionIsNotUsedAgain) {
  Script session;
  session.startup();
  answer_prepare(session, true);
  session.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  // The statement ends by itself as soon as somebody asks for that.
  session.expect(FrontendTag::sync);
  session.send(protocol::BindComplete{}, protocol::CommandComplete{"SELECT 0"},
               protocol::ReadyForQuery{}, protocol::ReadyForQuery{});
  const Script unread = Script().expect_first(nullptr).stay_silent();
  Script another;
  another.startup();
  answer_prepare_and_run(another);
  Reactor reactor;
  const ScriptedBackend backend(reactor, {session, unread, another});
  ConnectionOptions options = options_for(backend, 1);
  // Longer than a cancel request is waited for, and shorter than the wait behind it would be.
  options.pool_acquire_timeout = 3s;
  options.tcp_user_timeout = 1s;
  DBConnector db(reactor, options);
  const auto body = [&]() -> Task<void> {
    const auto attempt = co_await as_attempt(db.execute("SELECT 1", timeout(20ms)));
    EXPECT_FALSE(attempt);
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    EXPECT_EQ(db.statistics().opened, 2u);
    EXPECT_EQ(db.statistics().closed, 1u);
    EXPECT_EQ(db.statistics().cancels, 1u);
  };
  reactor.run(with_timeout(patience, body()));
}

}  // namespace
}  // namespace pgreactor::pool_testing
