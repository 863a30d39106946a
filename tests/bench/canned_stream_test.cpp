// How a CannedSession takes its input apart: cuts, repetition, COPY, and what is no protocol at
// all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "protocol/copy.hpp"
#include "tests/bench/canned_conversation.hpp"

namespace pgreactor::bench {
namespace {

using namespace protocol;
using ::testing::ElementsAre;

std::string copy_data(std::string_view data) { return wire_text(CopyData{as_bytes(data)}); }
std::string copy_done() { return wire_text(CopyDone{}); }
std::string copy_fail() { return wire_text(CopyFail{}); }

// A binary row of an int8 and a NULL.
std::string copied_row(std::int64_t value) {
  return big_endian(std::uint16_t{2}) + big_endian(std::uint32_t{8}) + big_endian(value) +
         big_endian(std::uint32_t{0xFFFFFFFF});
}

// A bit of everything that has a short answer.
std::string whole_session() {
  const auto run = [](std::vector<Value> parameters) {
    return CannedConversation::request(parameters);
  };
  const std::string sync = wire_text(Sync{});
  return wire_text(SSLRequest{}, StartupMessage{protocol_3_0, {{"user", "bench"}}}, Query{"BEGIN"},
                   Parse{"s", "SELECT $1::int4", {}}, Describe{Target::statement, "s"}, Sync{}) +
         run({int4(1)}) + sync + run({int4(2)}) + sync + run({int4(3)}) + run({std::nullopt}) +
         sync + run({int4(4)}) + wire_text(Flush{}) + run({"wrong"}) + run({}) + run({int4(5)}) +
         sync + wire_text(Query{"ROLLBACK"}, Parse{"s", "INSERT INTO b VALUES ($1,$2)", {}}) +
         run({"a", "bc"}) + run({"", std::nullopt}) + sync +
         wire_text(Query{"COPY b FROM STDIN (FORMAT binary)"}) + copy_data(binary_copy_head) +
         copy_data(copied_row(1)) + copy_data(copied_row(2) + copied_row(3)) +
         copy_data(binary_copy_end) + copy_done() + wire_text(Terminate{});
}

TEST(CannedStream, EveryCutGivesTheSameAnswers) {
  const std::string input = whole_session();
  const std::string expected = CannedConversation(Start::no).raw(input);
  ASSERT_GT(expected.size(), 500U);
  for (std::size_t cut = 0; cut <= input.size(); ++cut) {
    CannedConversation talk(Start::no);
    std::string answers = talk.raw(std::string_view(input).substr(0, cut));
    answers += talk.raw(std::string_view(input).substr(cut));
    EXPECT_EQ(answers, expected) << cut;
    EXPECT_TRUE(talk.ended());
  }
}
TEST(CannedStream, BytewiseGivesTheSameAnswers) {
  const std::string input = whole_session();
  CannedConversation talk(Start::no);
  std::string answers;
  for (const char& byte : input) answers += talk.raw({&byte, 1});
  EXPECT_EQ(answers, CannedConversation(Start::no).raw(input));
}
TEST(CannedStream, ARepeatedRequestIsAnsweredAsTheFirst) {
  CannedConversation talk;
  talk.prepare("SELECT id, randomnumber FROM world WHERE id=$1");
  const std::string first = talk.run({int4(1)}).text;
  for (int i = 2; i < 5; ++i) EXPECT_EQ(talk.run({int4(i)}).text, first);
  std::string input;
  for (int i = 0; i < 64; ++i) input += CannedConversation::request({int4(i)});
  const Answer batch(talk.raw(input + wire_text(Sync{})));
  EXPECT_EQ(std::count(batch.tags.begin(), batch.tags.end(), 'D'), 64);
  EXPECT_EQ(std::count(batch.tags.begin(), batch.tags.end(), 'Z'), 1);
}
TEST(CannedStream, ARepeatedRequestHeedsWhatCameBetween) {
  CannedConversation talk;
  talk.prepare("SELECT $1::int4");
  talk.run({int4(1)});
  talk.run({int4(1)});
  talk.say(Query{"BEGIN"});
  EXPECT_EQ(talk.run({int4(2)}).status(), TransactionStatus::in_transaction);
  EXPECT_EQ(talk.run({int4(2), int4(3)}).tags, "EZ");
  EXPECT_EQ(talk.run({int4(2)}).tags, "2EZ");
  talk.say(Query{"ROLLBACK"});
  EXPECT_THAT(talk.run({int4(2)}).rows, ElementsAre(ElementsAre(int4(2))));
  talk.prepare("INSERT INTO bulkin VALUES ($1)");
  EXPECT_EQ(talk.run({int4(2)}).tags, "2CZ");
}
TEST(CannedStream, CopyOutIsTheRowsOfBulk) {
  CannedConversation talk;
  const Answer answer = talk.say(Query{"COPY bulk (a, b, c, d) TO STDOUT (FORMAT binary)"});
  EXPECT_EQ(answer.tags.substr(0, 2), "Hd");
  EXPECT_EQ(answer.tags.substr(answer.tags.size() - 4), "dcCZ");
  EXPECT_EQ(answer.tags.size(), 1'000'005U);
  EXPECT_EQ(decode_command_complete(answer.body('C'))->tag, "COPY 1000000");
  CopyRowCounter counter(FormatCode::binary);
  for (std::size_t i = 0; i < answer.tags.size(); ++i)
    if (answer.tags[i] == 'd') counter.add(answer.bodies[i]);
  EXPECT_EQ(counter.rows(), 1'000'000U);
}
TEST(CannedStream, CopyOutAsTextHasALineEach) {
  CannedConversation talk;
  const Answer answer = talk.say(Query{"COPY bulk TO STDOUT"});
  EXPECT_THAT(std::string(as_text(answer.body('d'))),
              ::testing::StartsWith("1000003\t0.75\t2020-01-01 00:00:01.000001+00\t"));
  EXPECT_EQ(answer.data_rows, 0U);
}
TEST(CannedStream, CopyInCountsItsRowsAndIgnoresAnEarlySync) {
  CannedConversation talk;
  talk.prepare("COPY bulkin FROM STDIN (FORMAT binary)");
  EXPECT_EQ(talk.run({}).tags, "2G");
  EXPECT_EQ(talk.raw(copy_data(std::string(binary_copy_head) + copied_row(1)) +
                     copy_data(copied_row(2)) + copy_data(binary_copy_end)),
            "");
  const Answer answer(talk.raw(copy_done() + wire_text(Sync{})));
  EXPECT_EQ(answer.tags, "CZ");
  EXPECT_EQ(decode_command_complete(answer.body('C'))->tag, "COPY 2");
}
TEST(CannedStream, AFailedCopyIsAnError) {
  CannedConversation talk;
  talk.say(Query{"COPY bulkin FROM STDIN"});
  EXPECT_EQ(Answer(talk.raw(copy_fail())).tags, "EZ");
  talk.prepare("COPY bulkin FROM STDIN");
  talk.run({});
  EXPECT_EQ(Answer(talk.raw(copy_fail())).tags, "E");
  EXPECT_EQ(Answer(talk.raw(copy_data("late") + wire_text(Flush{}, Sync{}))).tags, "Z");
}
TEST(CannedStream, RowsOfCopyMayBeCutAnywhere) {
  const std::string data =
      std::string(binary_copy_head) + copied_row(1) + copied_row(2) + std::string(binary_copy_end);
  for (std::size_t a = 0; a <= data.size(); ++a)
    for (std::size_t b = a; b <= data.size(); ++b) {
      CopyRowCounter counter(FormatCode::binary);
      counter.add(as_bytes(std::string_view(data).substr(0, a)));
      counter.add(as_bytes(std::string_view(data).substr(a, b - a)));
      counter.add(as_bytes(std::string_view(data).substr(b)));
      ASSERT_EQ(counter.rows(), 2U) << a << ' ' << b;
      ASSERT_TRUE(counter.well_formed());
    }
}

// Nothing but a FATAL error, and the end.
void expect_refusal(CannedConversation& talk, std::string_view bytes) {
  const Answer answer(talk.raw(bytes));
  EXPECT_EQ(answer.tags, "E");
  EXPECT_EQ(decode_error_response(answer.body('E'))->report.severity, "FATAL");
  EXPECT_TRUE(talk.ended());
  EXPECT_EQ(talk.raw(wire_text(Sync{})), "");
}
TEST(CannedStream, EveryTruncatedBodyEndsTheSession) {
  const std::vector<std::string> messages{CannedConversation::request({int4(1)}),
                                          wire_text(Parse{"s", "SELECT 1", {oid::int4}}),
                                          wire_text(Describe{Target::portal, "p"}),
                                          wire_text(Close{Target::portal, "p"}),
                                          wire_text(Execute{"p", 1}),
                                          wire_text(Query{"SELECT 1"})};
  for (const std::string& message : messages) {
    const std::size_t length = load_big_endian<std::uint32_t>(as_bytes(message).data() + 1);
    for (std::size_t size = 4; size < length; ++size) {
      std::string cut = message.substr(0, 1) + big_endian(static_cast<std::uint32_t>(size)) +
                        message.substr(5, size - 4);
      CannedConversation talk;
      talk.prepare("SELECT $1::int4");
      talk.run({int4(1)});  // so that the request is known
      expect_refusal(talk, cut);
    }
    CannedConversation talk;
    expect_refusal(talk, message.substr(0, 1) + big_endian(static_cast<std::uint32_t>(length + 1)) +
                             message.substr(5, length - 4) + "x");
  }
}
TEST(CannedStream, LengthsBeyondTheBoundsEndTheSession) {
  for (const std::string_view header :
       {std::string_view("P\x7F\xFF\xFF\xFF", 5), std::string_view("P\0\0\0\3", 5),
        std::string_view("S\0\0\0\5", 5), std::string_view("d\x40\0\0\0", 5),
        std::string_view("?", 1)}) {
    CannedConversation talk;
    expect_refusal(talk, header);
  }
  for (const std::string_view opening :
       {std::string_view("\0\0\x40\0", 4), std::string_view("\0\0\0\3", 4),
        std::string_view("\0\0\0\x08\0\0\0\0", 8)}) {
    CannedConversation talk(Start::no);
    expect_refusal(talk, opening);
  }
}
TEST(CannedStream, RandomBytesNeverHarmIt) {
  std::uint64_t seed = 1;
  const auto next = [&seed] {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    return static_cast<std::size_t>(seed >> 33);
  };
  const std::string good = whole_session().substr(8);  // without the SSLRequest
  for (int round = 0; round < 500; ++round) {
    std::string bad = good;
    for (std::size_t i = next() % 4 + 1; i != 0; --i)
      bad[next() % bad.size()] = static_cast<char>(next());
    CannedConversation talk(Start::no);
    talk.raw(bad);
  }
}

}  // namespace
}  // namespace pgreactor::bench
