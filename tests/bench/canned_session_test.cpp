#include "bench/canned/canned_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <pgreactor/values/big_endian.hpp>

#include "tests/bench/canned_conversation.hpp"

namespace pgreactor::bench {
namespace {

using namespace protocol;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(CannedSession, AdmitsEverybodyAndRefusesTls) {
  CannedConversation talk(Start::no);

  EXPECT_EQ(talk.raw(wire_text(SSLRequest{})), "N");
  EXPECT_EQ(talk.raw(wire_text(GSSENCRequest{})), "N");
  const Answer answer = talk.say(StartupMessage{protocol_3_0, {{"user", "bench"}}});

  EXPECT_EQ(answer.tags.front(), 'R');
  EXPECT_TRUE(*decode_authentication(answer.bodies.front()) == Authentication(AuthenticationOk{}));
  EXPECT_TRUE(decode_backend_key_data(answer.body('K')));
  EXPECT_EQ(answer.tags.back(), 'Z');
}
TEST(CannedSession, NegotiatesDownToProtocolThree) {
  CannedConversation talk(Start::no);
  const Answer answer = talk.say(StartupMessage{protocol_3_0 + 2, {{"user", "bench"}}});
  EXPECT_EQ(decode_negotiate_protocol_version(answer.body('v'))->version, protocol_3_0);
  EXPECT_FALSE(talk.ended());
}
TEST(CannedSession, ACancelRequestEndsIt) {
  CannedConversation talk(Start::no);
  talk.say(CancelRequest{{1, std::vector<std::byte>(4)}});
  EXPECT_TRUE(talk.ended());
}
TEST(CannedSession, TerminateEndsItWithoutAWord) {
  CannedConversation talk;
  EXPECT_EQ(talk.raw(wire_text(Terminate{})), "");
  EXPECT_TRUE(talk.ended());
}

TEST(CannedSession, OneGivesTheParameterBack) {
  CannedConversation talk;
  talk.prepare("SELECT $1::int4");
  for (const std::int32_t value : {0, 1, -5, 2147483647})
    EXPECT_THAT(talk.run({int4(value)}).rows, ElementsAre(ElementsAre(int4(value)))) << value;
  EXPECT_THAT(talk.run({"41"}, FormatCode::text).rows, ElementsAre(ElementsAre("41")));
  EXPECT_THAT(talk.run({std::nullopt}).rows, ElementsAre(ElementsAre(int4(7))));
}
TEST(CannedSession, OneWithoutAParameterIsSeven) {
  CannedConversation talk;
  talk.prepare("SELECT 1");
  EXPECT_THAT(talk.run({}).rows, ElementsAre(ElementsAre(int4(7))));
  const Answer answer = talk.say(Query{"SELECT 1"});
  EXPECT_EQ(answer.tags, "TDCZ");
  EXPECT_THAT(answer.rows, ElementsAre(ElementsAre("7")));
}
TEST(CannedSession, ParametersFollowTheText) {
  CannedConversation talk;
  EXPECT_THAT(talk.prepare("SELECT id, randomnumber FROM world WHERE id=$1"),
              ElementsAre(oid::int4));
  EXPECT_THAT(talk.prepare("SELECT $2::int8, $1::text[]"), ElementsAre(oid::text_array, oid::int8));
  EXPECT_THAT(talk.prepare("INSERT INTO bulkin VALUES ($1,$2,$3,$4)"),
              ElementsAre(oid::int8, oid::float8, oid::timestamptz, oid::text));
  EXPECT_THAT(talk.prepare("INSERT INTO bulkin VALUES ($1,$2,$3,$4),($5,$6,$7,$8)"), SizeIs(8));
  EXPECT_THAT(talk.prepare("SELECT $1", {oid::uuid}), ElementsAre(oid::uuid));
  EXPECT_THAT(talk.prepare("SELECT '$0', '$99999'"), SizeIs(0));
}
TEST(CannedSession, WorldIsOneRow) {
  CannedConversation talk;
  talk.prepare("SELECT id, randomnumber FROM world WHERE id=$1");
  const Answer answer = talk.run({int4(17)});
  EXPECT_EQ(answer.tags, "2DCZ");
  EXPECT_THAT(answer.rows, ElementsAre(ElementsAre(int4(4321), int4(1234))));
  EXPECT_EQ(decode_command_complete(answer.body('C'))->tag, "SELECT 1");
}
TEST(CannedSession, BulkIsAMillionRows) {
  CannedConversation talk;
  talk.prepare("SELECT a, b, c, d FROM bulk");
  const Answer answer = talk.run({}, FormatCode::binary, KeepRows::first);
  EXPECT_EQ(answer.data_rows, 1'000'000U);
  const Row first = answer.rows.front();
  EXPECT_EQ(first[0], big_endian(std::int64_t{1'000'003}));
  EXPECT_EQ(first[1], big_endian(0x3FE8000000000000));  // 0.75
  EXPECT_EQ(first[2], big_endian(std::int64_t{631152000000000 + 1'000'001}));
  EXPECT_THAT(first[3], ::testing::Optional(SizeIs(32)));
  EXPECT_EQ(decode_command_complete(answer.body('C'))->tag, "SELECT 1000000");
  EXPECT_THAT(talk.run({}, FormatCode::text, KeepRows::first).rows.front(),
              ElementsAre("1000003", "0.75", "2020-01-01 00:00:01.000001+00", first[3]));
}
TEST(CannedSession, WideIsTenThousandRowsOfFifty) {
  CannedConversation talk;
  talk.prepare("SELECT * FROM wide");
  const Answer answer = talk.run({}, FormatCode::binary, KeepRows::first);
  EXPECT_EQ(answer.data_rows, 10'000U);
  EXPECT_THAT(answer.rows.front(), SizeIs(50));
  EXPECT_EQ(answer.rows.front().back(), int4(99));
}
TEST(CannedSession, DescribeNamesTheColumns) {
  CannedConversation talk;
  talk.prepare("SELECT a, b, c, d FROM bulk");
  const Answer answer = talk.say(Describe{Target::statement, "s"}, Sync{});
  const auto description = decode_row_description(answer.body('T'));
  ASSERT_THAT(description->columns, SizeIs(4));
  EXPECT_EQ(description->columns[2].type, oid::timestamptz);
  EXPECT_EQ(description->columns[2].format, FormatCode::text);
  const FormatCode binary = FormatCode::binary;
  const Answer portal = talk.say(Bind{.statement = "s", .result_formats = {&binary, 1}},
                                 Describe{Target::portal, ""}, Sync{});
  EXPECT_EQ(decode_row_description(portal.body('T'))->columns[2].format, FormatCode::binary);
}

TEST(CannedSession, OnlyTextMayHaveAFormatOfItsOwn) {
  CannedConversation talk;
  talk.prepare("SELECT a, b, c, d FROM bulk");
  const auto first_row = [&](std::vector<FormatCode> formats) {
    return talk.say(Bind{.statement = "s", .result_formats = formats}, Execute{"", 1}, Sync{});
  };
  constexpr FormatCode text = FormatCode::text, binary = FormatCode::binary;
  const Answer wanted = first_row({binary});
  ASSERT_EQ(wanted.tags, "2DsZ");
  EXPECT_EQ(first_row({binary, binary, binary, text}).rows, wanted.rows);
  EXPECT_EQ(first_row({text, text, text, binary}).rows, first_row({}).rows);
  EXPECT_EQ(first_row({binary, binary, text, text}).tags, "EZ");
  EXPECT_EQ(first_row({binary, binary, binary, text, text}).tags, "EZ");
  talk.prepare("SELECT id, randomnumber FROM world WHERE id=1");
  EXPECT_EQ(first_row({binary, text}).tags, "EZ");
}

TEST(CannedSession, ARowLimitSuspendsThePortal) {
  CannedConversation talk;
  talk.prepare("SELECT * FROM wide");
  std::string tags = talk.say(Bind{.statement = "s"}, Execute{"", 1}, Execute{"", 4}, Flush{}).tags;
  EXPECT_EQ(tags, "2DsDDDDs");
  const Answer middle = talk.say(Execute{"", 9'000}, Flush{});
  EXPECT_EQ(middle.data_rows, 9'000U);
  const Answer rest = talk.say(Execute{"", 9'000}, Sync{});
  EXPECT_EQ(rest.data_rows, 995U);
  EXPECT_EQ(decode_command_complete(rest.body('C'))->tag, "SELECT 995");
}
TEST(CannedSession, ALimitOfOneStillGivesTheParameter) {
  CannedConversation talk;
  talk.prepare("SELECT $1::int4");
  const std::string value = int4(5);
  const NullableBytes parameter = as_bytes(value);
  const FormatCode binary = FormatCode::binary;
  const Bind bind{.statement = "s",
                  .parameter_formats = {&binary, 1},
                  .parameters = {&parameter, 1},
                  .result_formats = {&binary, 1}};
  const Answer answer = talk.say(bind, Execute{"", 1}, Execute{"", 1}, Sync{});
  EXPECT_EQ(answer.tags, "2DsCZ");
  EXPECT_THAT(answer.rows, ElementsAre(ElementsAre(value)));
}

TEST(CannedSession, BeginAndCommitMoveTheStatus) {
  CannedConversation talk;
  EXPECT_EQ(talk.say(Query{"BEGIN"}).status(), TransactionStatus::in_transaction);
  EXPECT_EQ(talk.say(Query{"INSERT INTO bulkin VALUES (1)"}).status(),
            TransactionStatus::in_transaction);
  EXPECT_EQ(talk.say(Query{"COMMIT"}).status(), TransactionStatus::idle);
  talk.prepare("start transaction");
  EXPECT_EQ(talk.run({}).status(), TransactionStatus::in_transaction);
  EXPECT_EQ(talk.say(Query{"ROLLBACK TO SAVEPOINT s"}).status(), TransactionStatus::in_transaction);
  EXPECT_EQ(talk.say(Query{"ROLLBACK"}).status(), TransactionStatus::idle);
}
TEST(CannedSession, AnErrorFailsTheTransactionAndSkipsToTheNextSync) {
  CannedConversation talk;
  talk.say(Query{"BEGIN"});
  const Answer answer = talk.say(Bind{.statement = "missing"}, Execute{}, Execute{}, Sync{});
  EXPECT_EQ(answer.tags, "EZ");
  EXPECT_EQ(decode_error_response(answer.body('E'))->report.sqlstate, "26000");
  EXPECT_EQ(answer.status(), TransactionStatus::failed);
  EXPECT_EQ(talk.say(Query{"SELECT 1"}).tags, "TEZ");
  const Answer end = talk.say(Query{"COMMIT"});
  EXPECT_EQ(decode_command_complete(end.body('C'))->tag, "ROLLBACK");
  EXPECT_EQ(end.status(), TransactionStatus::idle);
}
TEST(CannedSession, CommandsHaveTheirTags) {
  CannedConversation talk;
  const auto tag = [&](std::string_view sql) {
    return std::string(decode_command_complete(talk.say(Query{sql}).body('C'))->tag);
  };
  EXPECT_EQ(tag("INSERT INTO bulkin VALUES (1)"), "INSERT 0 1");
  EXPECT_EQ(tag("set search_path = public"), "SET");
  EXPECT_EQ(tag("TRUNCATE bulkin"), "TRUNCATE TABLE");
  EXPECT_EQ(talk.say(Query{" ;"}).tags, "IZ");
  EXPECT_LT(tag(std::string(100'000, 'x')).size(), 100U);
}
TEST(CannedSession, AnUnknownPortalAndAWrongNumberOfParametersAreErrors) {
  CannedConversation talk;
  talk.prepare("SELECT $1::int4");
  EXPECT_EQ(talk.say(Bind{.statement = "s"}, Sync{}).tags, "EZ");
  EXPECT_EQ(talk.say(Execute{"p"}, Sync{}).tags, "EZ");
  EXPECT_EQ(talk.say(Describe{Target::portal, "p"}, Sync{}).tags, "EZ");
  EXPECT_EQ(talk.say(Close{Target::statement, "s"}, Sync{}).tags, "3Z");
  EXPECT_EQ(talk.say(Describe{Target::statement, "s"}, Sync{}).tags, "EZ");
}

}  // namespace
}  // namespace pgreactor::bench
