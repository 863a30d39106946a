#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <vector>

#include "tests/pool/patience.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/scripted_backend.hpp"

// The stream ends at each byte in turn: every request is told exactly once, and told the truth.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing_support::Delivery;
using testing_support::Script;
using testing_support::ScriptedBackend;

// What a request was told: nothing when it succeeded.
using Told = std::optional<Outcome>;

template <class A>
Task<Told> told(A awaitable) {
  const auto attempt = co_await as_attempt(std::move(awaitable));
  if (attempt) co_return std::nullopt;
  EXPECT_NE(dynamic_cast<const ConnectionError*>(&attempt.error()), nullptr)
      << attempt.error().what();
  EXPECT_FALSE(attempt.error().connection_usable());
  co_return attempt.error().outcome();
}

// Runs `body(db)` against the script whose stream is cut at the offset.
template <class F>
auto run_cut_at(const Script& script, std::size_t offset, F body) {
  Reactor reactor;
  ScriptedBackend backend(reactor, std::vector<Script>{script}, Delivery::cut_at(offset));
  DBConnector db(reactor, options_for(backend, 1));
  return reactor.run(with_timeout(patience, body(db)));
}

// Requirement: A21
TEST(PoolCut, AStatementIsNotSentUntilItsBindIsAndUnknownAfterwards) {
  Script script;
  script.startup();
  answer_prepare(script, true);
  const std::size_t prepared = script.bytes_sent();
  answer_run(script);
  const auto ask = [](DBConnector& db) -> Task<Told> {
    co_return co_await told(db.execute("SELECT 1", fetch_val_as<int>));
  };
  for (std::size_t offset = 0; offset < script.bytes_sent(); ++offset)
    EXPECT_EQ(run_cut_at(script, offset, ask),
              offset < prepared ? Outcome::not_sent : Outcome::unknown)
        << offset;
  EXPECT_EQ(run_cut_at(script, script.bytes_sent(), ask), std::nullopt);
}

// Requirement: P7
TEST(PoolCut, OfSeveralInFlightThoseThatWereAnsweredSucceed) {
  constexpr std::size_t requests = 3;
  Script script;
  script.startup();
  answer_prepare(script, true);
  const std::size_t prepared = script.bytes_sent();
  std::vector<std::size_t> answered;
  for (std::size_t i = 0; i < requests; ++i) {
    answer_run(script);
    answered.push_back(script.bytes_sent());
  }
  const auto ask_all = [](DBConnector& db) -> Task<std::vector<Told>> {
    std::vector<Task<Told>> asking;
    for (std::size_t i = 0; i < requests; ++i)
      asking.push_back(told(db.execute("SELECT 1", fetch_val_as<int>)));
    co_return co_await when_all(std::move(asking));
  };
  for (std::size_t offset = 0; offset <= script.bytes_sent(); ++offset) {
    const std::vector<Told> all = run_cut_at(script, offset, ask_all);
    ASSERT_EQ(all.size(), requests);
    for (std::size_t i = 0; i < requests; ++i) {
      const Told expected = offset >= answered[i] ? Told()
                            : offset < prepared   ? Told(Outcome::not_sent)
                                                  : Told(Outcome::unknown);
      EXPECT_EQ(all[i], expected) << "request " << i << " at " << offset;
    }
  }
}

// Rows that came before a reset of the line are no whole answer, wherever it was.
TEST(PoolCut, AResetAmongTheRowsIsAnErrorAndNoEnd) {
  const std::string one("\0\0\0\1", 4);
  const NullableBytes value = as_bytes(one);
  const protocol::DataRow row{{&value, 1}};
  const std::string answer = testing_support::wire_bytes(protocol::BindComplete{}, row, row,
                                                         protocol::CommandComplete{"SELECT 2"});
  const auto read = [](DBConnector& db) -> Task<std::size_t> {
    RowStream rows = co_await db.stream("SELECT 1");
    std::size_t count = 0;
    while (co_await rows.next()) ++count;
    ADD_FAILURE() << "an end after " << count << " rows";
    co_return count;
  };
  for (std::size_t offset = 0; offset <= answer.size(); ++offset) {
    Script script;
    script.startup();
    answer_prepare(script, true);
    script.expect(protocol::FrontendTag::bind).expect(protocol::FrontendTag::execute);
    script.expect(protocol::FrontendTag::sync).send_raw(answer.substr(0, offset)).reset();
    for (const bool streamed : {false, true}) {
      Reactor reactor;
      ScriptedBackend backend(reactor, script, Delivery::whole(), testing_support::Where::tcp);
      ConnectionOptions options = options_for(backend, 1);
      options.sslmode = SslMode::disable;  // over TCP it would be asked for
      DBConnector db(reactor, options);
      const auto work = [&]() -> Task<Told> {
        if (streamed) return told(read(db));
        return told(db.execute("SELECT 1"));
      };
      EXPECT_EQ(reactor.run(with_timeout(patience, work())), Outcome::unknown) << offset;
    }
  }
}

// BEGIN, SELECT 1 and COMMIT, each prepared and run.
class TransactionScript {
 public:
  TransactionScript() {
    script.startup();
    answer_prepare(script, false);
    answer_run(script, "BEGIN", TransactionStatus::in_transaction);
    answer_prepare(script, true, TransactionStatus::in_transaction);
    answer_run(script, {}, TransactionStatus::in_transaction);
    answer_prepare(script, false, TransactionStatus::in_transaction);
    commit_is_sent = script.bytes_sent();
    answer_run(script, "COMMIT");
  }
  static Task<Told> run(DBConnector& db) {
    const auto body = [](Transaction& tx) -> Task<void> { co_await tx.execute("SELECT 1"); };
    co_return co_await told(db.transaction(body));
  }

  Script script;
  std::size_t commit_is_sent = 0;  // the offset from which on its Bind is on the way
};

TEST(PoolCut, ATransactionIsKnownNotToHaveHappenedUntilItsCommitIsSent) {
  const TransactionScript transaction;
  for (std::size_t offset = 0; offset < transaction.commit_is_sent; ++offset) {
    const Told outcome = run_cut_at(transaction.script, offset, &TransactionScript::run);
    ASSERT_TRUE(outcome == Outcome::not_sent || outcome == Outcome::rolled_back)
        << offset << ": " << (outcome ? name_of(*outcome) : "succeeded");
  }
}

TEST(PoolCut, ATransactionIsUnknownFromItsCommitOnUntilThatIsAnswered) {
  const TransactionScript transaction;
  const std::size_t end = transaction.script.bytes_sent();
  for (std::size_t offset = transaction.commit_is_sent; offset < end; ++offset)
    EXPECT_EQ(run_cut_at(transaction.script, offset, &TransactionScript::run), Outcome::unknown)
        << offset;
  EXPECT_EQ(run_cut_at(transaction.script, end, &TransactionScript::run), std::nullopt);
}

TEST(PoolCut, AfterACutTheNextStatementRunsOnAnotherConnection) {
  Script whole;
  whole.startup();
  answer_prepare(whole, true);
  const std::size_t prepared = whole.bytes_sent();
  answer_run(whole);
  // The second connection finds the statement known to the pool: all in one exchange.
  Script second;
  second.startup();
  second.expect(protocol::FrontendTag::parse).expect(protocol::FrontendTag::describe);
  second.expect(protocol::FrontendTag::bind).expect(protocol::FrontendTag::execute);
  second.expect(protocol::FrontendTag::sync);
  const std::string one("\0\0\0\1", 4);
  const NullableBytes value = as_bytes(one);
  second.send(protocol::ParseComplete{}, protocol::ParameterDescription{}, one_int_column(),
              protocol::BindComplete{}, protocol::DataRow{{&value, 1}},
              protocol::CommandComplete{"SELECT 1"},
              protocol::ReadyForQuery{TransactionStatus::idle});
  Script first;
  first.startup();
  answer_prepare(first, true);
  first.expect(protocol::FrontendTag::bind).close();
  ASSERT_EQ(first.bytes_sent(), prepared);

  Reactor reactor;
  ScriptedBackend backend(reactor, std::vector<Script>{first, second});
  const auto work = [&]() -> Task<void> {
    DBConnector db(reactor, options_for(backend, 1));
    EXPECT_EQ(co_await told(db.execute("SELECT 1")), Outcome::unknown);
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    co_await db.close();
    co_await backend.wait_for_end(2);
  };
  reactor.run(with_timeout(patience, work()));
  EXPECT_THAT(backend.failures(), IsEmpty());
}

// Requirement: P1
TEST(PoolCut, EverySplitOfTheStreamGivesTheSameAnswers) {
  const TransactionScript transaction;
  for (std::size_t offset = 0; offset < transaction.script.bytes_sent(); ++offset) {
    Reactor reactor;
    ScriptedBackend backend(reactor, transaction.script, Delivery::split_at(offset));
    const auto work = [&]() -> Task<void> {
      DBConnector db(reactor, options_for(backend, 1));
      EXPECT_EQ(co_await TransactionScript::run(db), std::nullopt) << offset;
      co_await db.close();
      co_await backend.wait_for_end();
    };
    reactor.run(with_timeout(patience, work()));
    EXPECT_THAT(backend.failures(), IsEmpty()) << offset;
  }
}

TEST(PoolCut, ATransactionWhoseServerStopsAnsweringTheRollbackIsReplaced) {
  Script silent;
  silent.startup();
  answer_prepare(silent, false);
  answer_run(silent, "BEGIN", TransactionStatus::in_transaction);
  silent.stay_silent();
  Script whole;
  whole.startup();
  answer_prepare(whole, true);
  answer_run(whole);
  Reactor reactor;
  ScriptedBackend backend(reactor, std::vector<Script>{silent, whole});
  const auto work = [&]() -> Task<void> {
    DBConnector db(reactor, options_for(backend, 1));
    {
      Transaction dropped = co_await db.begin();
    }
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    EXPECT_EQ(db.statistics().closed, 1u);
    co_await db.close();
    co_await backend.wait_for_end(2);
  };
  reactor.run(with_timeout(patience, work()));
  EXPECT_THAT(backend.failures(), IsEmpty());
}

}  // namespace
}  // namespace pgreactor::pool_testing
