#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/protocol/player.hpp"

namespace pgreactor::protocol::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = Event::Kind;

const std::vector<Step> run{Step::bind, Step::execute, Step::sync};

std::string one_row() {
  return encoded(BindComplete{}) + sample_row() +
         encoded(CommandComplete{"SELECT 1"}, ReadyForQuery{});
}

TEST(Pipeline, AnswersComeInTheOrderOfTheRequests) {
  auto player = ready_player();
  player.send({Step::parse, Step::describe_statement, Step::sync});
  player.send(run);
  player.send({Step::close, Step::sync});

  player.receive(encoded(ParseComplete{}, ParameterDescription{{oid::int4}},
                         RowDescription{two_columns()}, ReadyForQuery{}) +
                 one_row() + encoded(CloseComplete{}, ReadyForQuery{}));

  EXPECT_THAT(player.kinds(),
              ElementsAre(Kind::parse_complete, Kind::parameter_description, Kind::row_description,
                          Kind::ready, Kind::bind_complete, Kind::data_row, Kind::command_complete,
                          Kind::ready, Kind::close_complete, Kind::ready));
  EXPECT_EQ(player.session().outstanding(), 0U);
}

TEST(Pipeline, AfterAnErrorTheServerSkipsToTheNextSync) {
  auto player = ready_player();
  player.send({Step::parse, Step::bind, Step::execute, Step::sync});
  player.send(run);

  player.receive(failed_with("42601"));
  EXPECT_EQ(player.session().outstanding(), 4U);  // the failed segment's sync, and the next segment
  player.receive(encoded(ReadyForQuery{}) + one_row());

  EXPECT_THAT(player.kinds(), ElementsAre(Kind::error, Kind::ready, Kind::bind_complete,
                                          Kind::data_row, Kind::command_complete, Kind::ready));
}

TEST(Pipeline, WhatIsSentAfterAnErrorIsSkippedUpToItsSync) {
  auto player = ready_player();
  player.send({Step::parse});
  player.receive(failed_with("42601"));
  player.send({Step::bind, Step::execute});
  EXPECT_EQ(player.session().outstanding(), 0U);
  player.send({Step::sync});
  player.send(run);

  player.receive(encoded(ReadyForQuery{}) + one_row());

  EXPECT_THAT(player.kinds(), ElementsAre(Kind::error, Kind::ready, Kind::bind_complete,
                                          Kind::data_row, Kind::command_complete, Kind::ready));
}

TEST(Pipeline, ACommitThatFailsAtTheSyncIsItsError) {
  auto player = ready_player();
  player.send(run);

  player.receive(encoded(BindComplete{}, CommandComplete{"INSERT 0 1"}) + failed_with("23503") +
                 encoded(ReadyForQuery{}));

  EXPECT_THAT(player.kinds(),
              ElementsAre(Kind::bind_complete, Kind::command_complete, Kind::error, Kind::ready));
}

TEST(Pipeline, TheTransactionStatusIsThatOfTheLastReadyForQuery) {
  auto player = ready_player();
  for (const auto status :
       {TransactionStatus::in_transaction, TransactionStatus::failed, TransactionStatus::idle}) {
    player.send({Step::sync});
    player.receive(encoded(ReadyForQuery{status}));
    EXPECT_EQ(player.session().transaction_status(), status);
    EXPECT_EQ(player.seen().back().status, status);
  }
}

TEST(Pipeline, ASuspendedPortalAndAnEmptyQueryEndTheirExecute) {
  auto player = ready_player();
  player.send({Step::execute, Step::execute, Step::sync});

  player.receive(sample_row() + encoded(PortalSuspended{}, EmptyQueryResponse{}, ReadyForQuery{}));

  EXPECT_THAT(player.kinds(),
              ElementsAre(Kind::data_row, Kind::portal_suspended, Kind::empty_query, Kind::ready));
}

TEST(Pipeline, KeepsManyRequestsInOrder) {
  auto player = ready_player();
  constexpr std::size_t requests = 5000;
  for (std::size_t i = 0; i < requests; ++i) player.send(run);
  EXPECT_EQ(player.session().outstanding(), 3 * requests);

  std::string answers;
  for (std::size_t i = 0; i < requests; ++i) answers += one_row();
  player.receive(answers);

  EXPECT_EQ(player.kinds().size(), 4 * requests);
  EXPECT_EQ(player.session().outstanding(), 0U);
}

TEST(Pipeline, MoreRequestsThanItHoldsFailTheSession) {
  auto player = ready_player();
  for (std::uint32_t i = 0; i <= StepQueue::most; ++i) player.session().expect(Step::sync);
  EXPECT_EQ(player.session().phase(), Phase::failed);
}

TEST(SimpleQuery, MayHoldSeveralCommands) {
  auto player = ready_player();
  player.send({Step::query});

  player.receive(encoded(CommandComplete{"BEGIN"}, RowDescription{two_columns()}) + sample_row() +
                 encoded(CommandComplete{"SELECT 1"}, CommandComplete{"COMMIT"}, ReadyForQuery{}));

  EXPECT_THAT(player.kinds(),
              ElementsAre(Kind::command_complete, Kind::row_description, Kind::data_row,
                          Kind::command_complete, Kind::command_complete, Kind::ready));
}

TEST(SimpleQuery, EndsWithItsErrorOrWithNothingToDo) {
  auto player = ready_player();
  player.send({Step::query, Step::query, Step::query});

  player.receive(failed_with("42601") + encoded(ReadyForQuery{}) +
                 encoded(EmptyQueryResponse{}, ReadyForQuery{}) +
                 encoded(RowDescription{two_columns()}) + sample_row() + failed_with("22012") +
                 encoded(ReadyForQuery{}));

  EXPECT_THAT(player.kinds(),
              ElementsAre(Kind::error, Kind::ready, Kind::empty_query, Kind::ready,
                          Kind::row_description, Kind::data_row, Kind::error, Kind::ready));
}

TEST(SimpleQuery, ItsReadyForQueryMayNotComeBeforeItsAnswer) {
  auto player = ready_player();
  player.send({Step::query});
  player.receive(encoded(ReadyForQuery{}));
  EXPECT_THAT(player.kinds(), ElementsAre(Kind::violation));
}

// Requirement: P7
TEST(Fatal, ClosesTheSessionAndWhatFollowsIsDropped) {
  for (const std::string_view severity : {"FATAL", "PANIC"}) {
    auto player = ready_player();
    player.send(run);
    player.receive(error_with(severity, "57P01"));
    EXPECT_EQ(player.session().phase(), Phase::closed);
    player.receive(error_with("FATAL", "57P01") + "garbage");
    EXPECT_THAT(player.kinds(), ElementsAre(Kind::error));
  }
}

TEST(Fatal, ComesToAnIdleSession) {
  auto player = ready_player();
  player.receive(error_with("FATAL", "57P05"));
  EXPECT_THAT(player.kinds(), ElementsAre(Kind::error));
  EXPECT_EQ(player.session().phase(), Phase::closed);
}

TEST(Terminate, IsTheLastThingSent) {
  auto player = ready_player();
  player.session().terminate();
  player.session().terminate();
  EXPECT_EQ(player.sent(), encoded(Terminate{}));
  player.receive(encoded(ReadyForQuery{}));
  EXPECT_THAT(player.kinds(), IsEmpty());
}

TEST(Violation, IsForGoodAndSaysWhatCameInsteadOfWhat) {
  auto player = ready_player();
  player.send({Step::parse, Step::sync});
  player.session().output().append("queued");

  player.receive(sample_row());
  player.receive(encoded(ParseComplete{}, ReadyForQuery{}));

  EXPECT_THAT(player.kinds(), ElementsAre(Kind::violation, Kind::violation));
  EXPECT_EQ(player.violation(), "DataRow while ParseComplete was awaited");
  EXPECT_EQ(player.sent(), "");
}

TEST(Violation, FoundByTheCallerIsOneToo) {
  auto player = ready_player();
  player.session().fail("a row of 2 values where 3 columns were described");
  player.session().fail("another");
  player.receive(encoded(ReadyForQuery{}));
  EXPECT_THAT(player.kinds(), ElementsAre(Kind::violation));
  EXPECT_THAT(player.violation(), HasSubstr("2 values"));
}

TEST(Settings, AreRememberedAsLastReported) {
  auto player = ready_player();
  EXPECT_EQ(player.session().setting("server_version"), "15.18");
  EXPECT_EQ(player.session().setting("TimeZone"), std::nullopt);
  player.receive(encoded(ParameterStatus{"TimeZone", "UTC"}, ParameterStatus{"TimeZone", "CET"}));
  EXPECT_EQ(player.session().setting("TimeZone"), "CET");
}

TEST(Settings, AnotherClientEncodingIsFatal) {
  auto player = ready_player();
  player.receive(encoded(ParameterStatus{"client_encoding", "SJIS"}));
  EXPECT_THAT(player.kinds(), ElementsAre(Kind::violation));
}

TEST(Settings, AreBoundedInNumberAndInBytes) {
  auto many = ready_player();
  for (int i = 0; i < 300; ++i) many.receive(encoded(ParameterStatus{"n" + std::to_string(i), ""}));
  EXPECT_EQ(many.session().phase(), Phase::failed);
  auto large = ready_player();
  for (int i = 0; i < 20; ++i)
    large.receive(encoded(ParameterStatus{std::to_string(i), std::string(65000, 'x')}));
  EXPECT_EQ(large.session().phase(), Phase::failed);
}

// Requirement: W5
TEST(Limits, AMessageAboveTheSessionsOwnLimitIsRefusedAtItsHeader) {
  auto options = sample_options();
  options.max_message_body = 1000;
  Player player(std::move(options));
  player.receive(admitted + settled());
  player.send(run);
  player.kinds();
  player.receive(encoded(BindComplete{}) + std::string("D\0\0\x03\xED", 5));
  EXPECT_THAT(player.kinds(), ElementsAre(Kind::bind_complete, Kind::violation));
}

// next_rows() is next() in fewer steps: it takes the rows that next() takes, and nothing else.
TEST(NextRows, TakesTheRowsThatNextTakes) {
  std::vector<std::string> inputs;
  const std::string row = sample_row();
  for (std::size_t size = 0; size <= row.size(); ++size) inputs.push_back(row.substr(0, size));
  for (std::size_t at = 0; at < row.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      inputs.push_back(row + "more");
      inputs.back()[at] = static_cast<char>(inputs.back()[at] ^ (1 << bit));
    }
  }
  constexpr std::size_t sample_columns = 3;
  std::size_t taken = 0;
  for (const Step step : {Step::execute, Step::query, Step::sync}) {
    for (const std::string& input : inputs) {
      for (const std::string& before : {std::string(), row, row + row}) {
        auto player = ready_player();
        player.send({step});
        const std::string received = before + input;
        Bytes left = as_bytes(received);
        const Bytes rows = player.session().next_rows(left, sample_columns, received.size());
        Bytes rest = as_bytes(received);
        std::size_t wanted = 0;
        for (Bytes unread = rest; player.session().next(unread).kind == Kind::data_row;) {
          wanted = rest.size() - unread.size();
        }
        EXPECT_EQ(rows.size(), wanted);
        EXPECT_EQ(left.size(), received.size() - wanted);
        taken += wanted != 0 ? 1U : 0U;
      }
    }
  }
  EXPECT_GT(taken, 5U);
}

// Requirement: W7
TEST(NextRows, TakesNoMoreThanAskedFor) {
  auto player = ready_player();
  player.send(run);
  player.receive(encoded(BindComplete{}));
  player.kinds();
  const std::string row = sample_row(), three = row + row + row;
  Bytes left = as_bytes(three);
  EXPECT_EQ(player.session().next_rows(left, 3, 2).size(), 2 * row.size());
  EXPECT_EQ(left.size(), row.size());
  EXPECT_EQ(player.session().next_rows(left, 2, 2).size(), 0U) << "of another number of values";
  EXPECT_EQ(left.size(), row.size());
}

TEST(NextRows, KeepsToTheSessionsOwnLimit) {
  auto options = sample_options();
  options.max_message_body = 1000;
  Player player(std::move(options));
  player.receive(admitted + settled());
  player.send({Step::execute, Step::sync});
  constexpr std::size_t count_and_length = 2 + 4;
  for (const std::size_t body : {1000U, 1001U}) {
    const std::string value(body - count_and_length, 'x');
    const NullableBytes values[] = {as_bytes(value)};
    const std::string row = encoded(DataRow{values});
    Bytes left = as_bytes(row);
    EXPECT_EQ(player.session().next_rows(left, 1, 10).size(), body == 1000 ? row.size() : 0U);
  }
}

}  // namespace
}  // namespace pgreactor::protocol::testing
