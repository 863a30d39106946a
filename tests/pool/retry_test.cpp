#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "tests/pool/patience.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/scripted_backend.hpp"

// Which failures of a transaction it is run again after. The serialization failure and the deadlock
// of two real sessions are in tests/integration.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using protocol::FrontendTag;
using testing::HasSubstr;
using testing_support::Script;
using testing_support::ScriptedBackend;

std::string fatal(std::string_view sqlstate) {
  return testing_support::wire_bytes(
      testing_support::error_response(sqlstate, "says the script", "FATAL"));
}

Script refuses(std::string_view sqlstate) {
  return Script().expect_first(nullptr).send_raw(fatal(sqlstate)).close();
}

// A statement that the pool knows from another connection: all in one round trip.
void answer_begin_again(Script& script) {
  script.expect(FrontendTag::parse).expect(FrontendTag::describe);
  script.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  script.send(protocol::ParseComplete{}, protocol::ParameterDescription{}, protocol::NoData{},
              protocol::BindComplete{}, protocol::CommandComplete{"BEGIN"},
              protocol::ReadyForQuery{TransactionStatus::in_transaction});
}

// Admits, and begins.
Script begins() {
  Script script;
  script.startup();
  answer_prepare(script, false);
  answer_run(script, "BEGIN", TransactionStatus::in_transaction);
  return script;
}

// Answers the one statement of the body as well.
Script runs_the_body(Script script = begins()) {
  answer_prepare(script, true, TransactionStatus::in_transaction);
  answer_run(script, {}, TransactionStatus::in_transaction);
  return script;
}

// Takes the COMMIT.
Script gets_the_commit(Script script = runs_the_body()) {
  answer_prepare(script, false, TransactionStatus::in_transaction);
  return script.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
}

Script commits(Script script = runs_the_body()) {
  return gets_the_commit(std::move(script))
      .send(protocol::BindComplete{}, protocol::CommandComplete{"COMMIT"},
            protocol::ReadyForQuery{});
}

// The same on a connection after one on which only BEGIN was prepared.
Script commits_after_begin() {
  Script script;
  script.startup();
  answer_begin_again(script);
  return commits(runs_the_body(std::move(script)));
}

// The body's statement fails in a live session, and ROLLBACK is answered.
Script fails_in_the_body(std::string_view sqlstate) {
  Script script = begins();
  answer_prepare(script, true, TransactionStatus::in_transaction);
  script.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  script.send(testing_support::error_response(sqlstate, "says the script"),
              protocol::ReadyForQuery{TransactionStatus::failed});
  answer_prepare(script, false, TransactionStatus::failed);
  answer_run(script, "ROLLBACK");
  return script;
}

// The same connection then commits at the second attempt: BEGIN and the statement are known to it.
Script fails_in_the_body_once(std::string_view sqlstate) {
  Script script = fails_in_the_body(sqlstate);
  answer_run(script, "BEGIN", TransactionStatus::in_transaction);
  answer_run(script, {}, TransactionStatus::in_transaction);
  answer_prepare(script, false, TransactionStatus::in_transaction);
  answer_run(script, "COMMIT");
  return script;
}

// What became of a transaction on backends that follow these scripts.
class Tried {
 public:
  Tried(std::vector<Script> scripts, const RetryPolicy& policy,
        std::chrono::milliseconds acquire_timeout = 10s,
        const std::function<void(int)>& in_body = nullptr) {
    Reactor reactor;
    ScriptedBackend backend(reactor, std::move(scripts));
    ConnectionOptions options = options_for(backend, 1);
    options.pool_min_conns = 0;  // so that each connection is one that an attempt asked for
    options.pool_acquire_timeout = acquire_timeout;
    options.tcp_user_timeout = acquire_timeout / 2;
    DBConnector db(reactor, options);
    const auto body = [&](Transaction& tx) -> Task<int> {
      ++bodies;
      if (in_body) in_body(bodies);
      co_return co_await tx.execute("SELECT 1", fetch_val_as<int>);
    };
    const auto all = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(db.transaction(policy, body));
      succeeded = static_cast<bool>(attempt);
      if (!succeeded) {
        const Error& error = attempt.error();
        what = error.what();
        type = typeid(error).name();
        outcome = error.outcome();
        sqlstate = error.sqlstate();
        if (const auto* mismatch = dynamic_cast<const ColumnMatchError*>(&error))
          missing_column = mismatch->details() ? mismatch->details()->column : "no details";
      }
      co_await db.close(100ms);
    };
    reactor.run(with_timeout(patience, all()));
    connections = backend.accepted();
    EXPECT_THAT(backend.failures(), testing::IsEmpty());
  }

  bool succeeded = false;
  int bodies = 0;
  std::size_t connections = 0;
  std::string what, type;
  Outcome outcome = Outcome::committed;
  Sqlstate sqlstate;
  std::string missing_column;
};

TEST(Retry, AServerThatIsStartingOrFullIsAskedAgain) {
  for (const auto* code : {"57P03", "53300"}) {
    const Tried tried({refuses(code), refuses(code), commits()}, retrying());
    EXPECT_TRUE(tried.succeeded) << code << tried.what;
    EXPECT_EQ(tried.connections, 3u);
    EXPECT_EQ(tried.bodies, 1);
  }
}

TEST(Retry, AConnectionLostBeforeTheBodyBeganIsMadeAgain) {
  Script in_begin;
  in_begin.startup().expect(FrontendTag::parse).close();
  const Tried tried({Script().expect_first(nullptr).close(), in_begin, commits()}, retrying());
  EXPECT_TRUE(tried.succeeded) << tried.what;
  EXPECT_EQ(tried.connections, 3u);
  EXPECT_EQ(tried.bodies, 1);
}

TEST(Retry, AnotherRefusalAtConnectIsFinal) {
  for (const auto* code : {"28P01", "3D000"}) {
    const Tried tried(std::vector<Script>(5, refuses(code)), retrying());
    EXPECT_FALSE(tried.succeeded);
    EXPECT_EQ(tried.sqlstate, code);
    EXPECT_THAT(tried.what, Not(HasSubstr("attempt")));
  }
}

// The pool itself goes on to ask such a server until its acquire timeout.
const std::vector<Script> always_starting(40, refuses("57P03"));

TEST(Retry, AfterFiveAttemptsTheLastErrorSaysSo) {
  const Tried tried(always_starting, retrying(), 20ms);
  EXPECT_FALSE(tried.succeeded);
  EXPECT_THAT(tried.what, HasSubstr("failed in attempt 5: "));
  EXPECT_EQ(tried.outcome, Outcome::not_sent);
}

// The first attempt fails in a way that asks for another, whose body throws.
Tried thrown_by_the_second_body(const std::function<void()>& throws) {
  Script script = fails_in_the_body("40001");
  answer_run(script, "BEGIN", TransactionStatus::in_transaction);
  answer_run(script, "ROLLBACK");
  return Tried({script}, retrying(), 10s, [&](int bodies) {
    if (bodies == 2) throws();
  });
}

template <class Kind, class... Arguments>
void expect_type_kept(const Arguments&... arguments) {
  const Tried tried = thrown_by_the_second_body([&] { throw Kind(arguments...); });
  EXPECT_EQ(tried.type, typeid(Kind).name());
  EXPECT_THAT(tried.what, HasSubstr("failed in attempt 2: said"));
}

TEST(Retry, ALaterAttemptThrowsTheTypeThatItMet) {
  const std::string said = "said by the body";
  expect_type_kept<QueryError>(said);
  expect_type_kept<TimeoutError>(said);
  expect_type_kept<CancelledError>(said);
  expect_type_kept<UniqueViolation>(said);
  expect_type_kept<ForeignKeyViolation>(said);
  expect_type_kept<NotNullViolation>(said);
  expect_type_kept<CheckViolation>(said);
  expect_type_kept<ExclusionViolation>(said);
  expect_type_kept<ConstraintViolation>(said);
  expect_type_kept<SyntaxError>(said);
  expect_type_kept<SerializationFailure>(said);
  expect_type_kept<DeadlockDetected>(said);
  expect_type_kept<ConflictError>(said);
  expect_type_kept<NotFoundError>(said);
  expect_type_kept<SchemaError>(said);
  expect_type_kept<ColumnMatchError>(said);
  expect_type_kept<ConnectionError>(said);
  expect_type_kept<CredentialsError>(said);
  expect_type_kept<ConfigurationError>(std::string_view("host"), said);
}

TEST(Retry, WhatACallerDerivedComesOutAsItWasThrown) {
  class OutOfStock : public QueryError {
   public:
    using QueryError::QueryError;
  };
  const Tried tried = thrown_by_the_second_body([] { throw OutOfStock("no more of these"); });
  EXPECT_EQ(tried.type, typeid(OutOfStock).name());
  EXPECT_EQ(tried.what, "no more of these");
}

TEST(Retry, AMissingColumnKeepsItsFieldsInALaterAttempt) {
  const auto details = std::make_shared<const ColumnMatchDetails>(
      ColumnMatchDetails{"public", "users", "userId", {}, {"user_id"}});
  const Tried tried =
      thrown_by_the_second_body([&] { throw ColumnMatchError("no such column", details); });
  EXPECT_EQ(tried.what, "the transaction failed in attempt 2: no such column");
  EXPECT_EQ(tried.missing_column, "userId");
}

TEST(Retry, TheLimitCanBeSet) {
  const Tried twice(always_starting, retrying().at_most(2), 20ms);
  EXPECT_THAT(twice.what, HasSubstr("failed in attempt 2: "));
  const Tried once(always_starting, retrying().at_most(0), 20ms);
  EXPECT_FALSE(once.succeeded);
  EXPECT_THAT(once.what, Not(HasSubstr("attempt")));
}

TEST(Retry, AConnectionLostBeforeCommitIsForRepeatableBodiesOnly) {
  const std::vector<Script> lost = {begins().expect(FrontendTag::parse).close()};
  const Tried unmarked(lost, retrying());
  EXPECT_FALSE(unmarked.succeeded);
  EXPECT_EQ(unmarked.outcome, Outcome::rolled_back);
  EXPECT_EQ(unmarked.bodies, 1);
  const Tried marked({lost[0], commits_after_begin()}, retrying().repeatable());
  EXPECT_TRUE(marked.succeeded) << marked.what;
  EXPECT_EQ(marked.bodies, 2);
}

TEST(Retry, AShutdownBeforeCommitIsForRepeatableBodiesOnly) {
  for (const auto* code : {"57P01", "57P02"}) {
    const Script ended = begins().expect(FrontendTag::parse).send_raw(fatal(code)).close();
    const Tried unmarked({ended}, retrying());
    EXPECT_FALSE(unmarked.succeeded);
    EXPECT_EQ(unmarked.sqlstate, code);
    const Tried marked({ended, commits_after_begin()}, retrying().repeatable());
    EXPECT_TRUE(marked.succeeded) << marked.what;
    EXPECT_EQ(marked.bodies, 2);
  }
}

TEST(Retry, ACommitWithoutAnAnswerIsNeverSentAgain) {
  const RetryPolicy everything =
      retrying().repeatable().on_conflict().on_lock_timeout().on_statement_timeout();
  const Tried silent({gets_the_commit().close()}, everything);
  EXPECT_FALSE(silent.succeeded);
  EXPECT_EQ(silent.outcome, Outcome::unknown);
  EXPECT_EQ(silent.bodies, 1);
  const Tried shut_down({gets_the_commit().send_raw(fatal("57P01")).close()}, everything);
  EXPECT_EQ(shut_down.outcome, Outcome::unknown);
  EXPECT_EQ(shut_down.bodies, 1);
}

TEST(Retry, SerializationFailuresAndDeadlocksAreRunAgain) {
  for (const auto* code : {"40001", "40P01"}) {
    const Tried tried({fails_in_the_body_once(code)}, retrying());
    EXPECT_TRUE(tried.succeeded) << code << tried.what;
    EXPECT_EQ(tried.bodies, 2);
    EXPECT_EQ(tried.connections, 1u);
  }
}

TEST(Retry, WhatIsOptInIsNotRunAgainUnlessAskedFor) {
  class Row {
   public:
    const char* code;
    RetryPolicy policy;
  };
  const std::vector<Row> rows = {{"55P03", retrying().on_lock_timeout()},
                                 {"57014", retrying().on_statement_timeout()},
                                 {"23505", retrying().on_conflict()},
                                 {"23P01", retrying().on_conflict()}};
  for (const Row& row : rows) {
    const Tried without({fails_in_the_body(row.code)}, retrying().repeatable());
    EXPECT_FALSE(without.succeeded) << row.code;
    EXPECT_EQ(without.bodies, 1);
    const Tried with({fails_in_the_body_once(row.code)}, row.policy);
    EXPECT_TRUE(with.succeeded) << row.code << with.what;
    EXPECT_EQ(with.bodies, 2);
  }
}

TEST(Retry, AllElseIsNeverRunAgain) {
  const RetryPolicy everything =
      retrying().repeatable().on_conflict().on_lock_timeout().on_statement_timeout();
  for (const auto* code : {"25P02", "42601", "22012", "23503", "XX000"}) {
    const Tried tried({fails_in_the_body(code)}, everything);
    EXPECT_FALSE(tried.succeeded) << code;
    EXPECT_EQ(tried.sqlstate, code);
    EXPECT_EQ(tried.bodies, 1);
  }
}

QueryError deadlock_error() {
  const auto report = std::make_shared<ServerReport>();
  report->sqlstate = Sqlstate("40P01");
  return QueryError("deadlock detected", Outcome::rolled_back, report);
}

TEST(Retry, PausesAreBetween5And500MsAndNotAllTheSame) {
  const RetryPolicy policy = retrying().at_most(1000);
  const QueryError deadlock = deadlock_error();
  detail::RetryLoop loop(policy);
  std::chrono::nanoseconds least = 1h, most = 0ns;
  for (int i = 1; i < 1000; ++i) {
    loop.begin_attempt();
    loop.begin_body();
    const auto pause = loop.pause_after(nullptr, deadlock);
    least = std::min(least, pause);
    most = std::max(most, pause);
    EXPECT_LE(pause, i == 1 ? 20ms : 500ms);
  }
  EXPECT_GE(least, 5ms);
  EXPECT_GT(most - least, 100ms);
}

TEST(Retry, NoPauseBeginsThatTheDeadlineWouldEnd) {
  const RetryPolicy policy = retrying().within(1ms);
  const QueryError deadlock = deadlock_error();
  detail::RetryLoop loop(policy);
  loop.begin_attempt();
  loop.begin_body();
  EXPECT_THROW(loop.pause_after(std::make_exception_ptr(deadlock), deadlock), QueryError)
      << "the error itself says more than that the time was over";
}

TEST(Retry, TheDeadlineStopsAnAttemptThatIsUnderWay) {
  const Script cancelled = Script().expect_first(nullptr).close();
  Script silent = begins();
  answer_prepare(silent, true, TransactionStatus::in_transaction);
  silent.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  const Tried in_body({silent.stay_silent(), cancelled}, retrying().within(50ms));
  EXPECT_THAT(in_body.what, HasSubstr("after 50 ms"));
  EXPECT_EQ(in_body.outcome, Outcome::rolled_back);
  const Tried in_commit({gets_the_commit().stay_silent(), cancelled}, retrying().within(50ms));
  EXPECT_EQ(in_commit.outcome, Outcome::unknown);
}

}  // namespace
}  // namespace pgreactor::pool_testing
