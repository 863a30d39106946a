#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/combinators.hpp>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <vector>

#include "tests/pool/scripted_answers.hpp"
#include "tests/support/scripted_backend.hpp"

// Answers that no server of PostgreSQL gives, from the wire to the caller.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using protocol::FrontendTag;
using ::testing::HasSubstr;
using testing_support::Script;
using testing_support::ScriptedBackend;
using testing_support::wire_bytes;

// What becomes of one statement at a backend that follows this script.
template <class Ask>
auto asked(const Script& script, Ask ask) {
  Reactor reactor;
  const ScriptedBackend backend(reactor, script);
  DBConnector db(reactor, options_for(backend, 1));
  return reactor.run(with_timeout(30s, ask(db)));
}

Script expecting_a_run(Script script) {
  script.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  return script;
}

protocol::RowDescription int_columns(std::size_t count) {
  const Column one = one_int_column().columns.front();
  return {std::vector<Column>(count, one)};
}

std::string row_of_nulls(std::size_t count) {
  const std::vector<NullableBytes> values(count);
  return wire_bytes(protocol::DataRow{values});
}

std::string end_of_run() {
  return wire_bytes(protocol::CommandComplete{"SELECT 1"}, protocol::ReadyForQuery{});
}

// Requirement: W7
TEST(HostileRows, OfAnotherNumberOfValuesThanColumnsEndTheConnection) {
  for (const std::size_t values : {0U, 2U, 65535U}) {
    Script script;
    script.startup();
    answer_prepare(script, true);
    script = expecting_a_run(std::move(script));
    script.send_raw(wire_bytes(protocol::BindComplete{}) + row_of_nulls(values) + end_of_run());
    const auto ask = [](DBConnector& db) -> Task<std::string> {
      const auto attempt = co_await as_attempt(db.execute("SELECT 1", fetch_all));
      if (attempt) co_return "a result";
      EXPECT_NE(dynamic_cast<const ConnectionError*>(&attempt.error()), nullptr);
      EXPECT_FALSE(attempt.error().connection_usable());
      co_return attempt.error().what();
    };
    EXPECT_THAT(asked(script, ask), HasSubstr("a row of " + std::to_string(values) +
                                              " columns where 1 were described"));
  }
}

TEST(HostileRows, SuspendedWhereNobodyAskedForSomeEndTheConnection) {
  Script script;
  script.startup();
  answer_prepare(script, true);
  script = expecting_a_run(std::move(script));
  script.send_raw(wire_bytes(protocol::BindComplete{}) + row_of_nulls(1) +
                  wire_bytes(protocol::PortalSuspended{}, protocol::ReadyForQuery{}));
  const auto ask = [](DBConnector& db) -> Task<std::string> {
    const auto attempt = co_await as_attempt(db.execute("SELECT 1", fetch_all));
    if (attempt) co_return "a result";
    EXPECT_FALSE(attempt.error().connection_usable());
    co_return attempt.error().what();
  };
  EXPECT_THAT(asked(script, ask), HasSubstr("an answer that nothing asked for"));
}

TEST(HostileRows, MoreThanACursorAskedForEndTheConnection) {
  const auto in_transaction = [](std::string bytes) {
    return bytes + wire_bytes(protocol::ReadyForQuery{TransactionStatus::in_transaction});
  };
  Script script;
  script.startup();
  script.expect(FrontendTag::parse).expect(FrontendTag::describe).expect(FrontendTag::sync);
  script.send(protocol::ParseComplete{}, protocol::ParameterDescription{}, protocol::NoData{},
              protocol::ReadyForQuery{});
  script = expecting_a_run(std::move(script));
  script.send_raw(
      in_transaction(wire_bytes(protocol::BindComplete{}, protocol::CommandComplete{"BEGIN"})));
  script.expect(FrontendTag::parse).expect(FrontendTag::describe).expect(FrontendTag::sync);
  script.send_raw(in_transaction(
      wire_bytes(protocol::ParseComplete{}, protocol::ParameterDescription{}, int_columns(1))));
  script = expecting_a_run(std::move(script));
  script.send_raw(in_transaction(wire_bytes(protocol::BindComplete{}) + row_of_nulls(1) +
                                 row_of_nulls(1) + wire_bytes(protocol::PortalSuspended{})));
  const auto ask = [](DBConnector& db) -> Task<std::string> {
    Transaction tx = co_await db.begin();
    Cursor cursor = co_await tx.cursor("SELECT 1");
    const auto attempt = co_await as_attempt(cursor.fetch(1));
    if (attempt) co_return "a result";
    EXPECT_FALSE(attempt.error().connection_usable());
    co_return attempt.error().what();
  };
  EXPECT_THAT(asked(script, ask), HasSubstr("more rows than were asked for"));
}

// Requirement: W14
TEST(HostileRows, OfMoreColumnsThanAServerAllowsToday) {
  for (const std::size_t columns : {1664U, 1665U, 65535U}) {
    Script script;
    script.startup();
    script.expect(FrontendTag::parse).expect(FrontendTag::describe).expect(FrontendTag::sync);
    script.send(protocol::ParseComplete{}, protocol::ParameterDescription{}, int_columns(columns),
                protocol::ReadyForQuery{});
    script = expecting_a_run(std::move(script));
    script.send_raw(wire_bytes(protocol::BindComplete{}) + row_of_nulls(columns) + end_of_run());
    const auto ask = [](DBConnector& db) -> Task<std::size_t> {
      const auto row = co_await db.execute("SELECT 1", fetch_row);
      co_return row->size();
    };
    EXPECT_EQ(asked(script, ask), columns);
  }
}

// Requirement: W17
TEST(HostileWords, AreNoFormatStrings) {
  const std::string words = "%s%n%d {} {0} {:>1000000} %";
  Script script;
  script.startup();
  script.expect(FrontendTag::parse).expect(FrontendTag::describe).expect(FrontendTag::sync);
  script.send(testing_support::error_response("42601", words), protocol::ReadyForQuery{});
  const auto ask = [](DBConnector& db) -> Task<std::string> {
    const auto attempt = co_await as_attempt(db.execute("SELECT 1"));
    co_return attempt ? "a result" : attempt.error().what();
  };
  EXPECT_THAT(asked(script, ask), HasSubstr(words));

  Script refusing;
  refusing.expect_first(nullptr).send(testing_support::error_response("28000", words, "FATAL"));
  EXPECT_THAT(asked(refusing, ask), HasSubstr(words));
}

}  // namespace
}  // namespace pgreactor::pool_testing
