#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/protocol/exemplars.hpp"

namespace pgreactor::protocol::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What decoding `message`'s own encoding gives back; the decoder reads the body of a typed message.
template <class Message, class Decode>
void expect_round_trip(const Message& message, Decode decode) {
  const std::string bytes = encoded(message);
  const auto again = decode(as_bytes(bytes).subspan(header_size));
  ASSERT_EQ(again.error(), DecodeError::none);
  EXPECT_TRUE(*again == message);
}

template <class Message>
void expect_first_message(const Message& message) {
  const std::string bytes = encoded(message);
  const auto again = decode_first_message(as_bytes(bytes).subspan(length_size));
  ASSERT_EQ(again.error(), DecodeError::none);
  ASSERT_TRUE(std::holds_alternative<Message>(*again));
  EXPECT_TRUE(std::get<Message>(*again) == message);
}

Frame frame_of(const std::string& bytes, const BodyCaps& caps) {
  Bytes input = as_bytes(bytes);
  Frame frame;
  std::size_t needed = 0;
  EXPECT_EQ(take_frame(input, caps, frame, needed), FrameState::whole);
  EXPECT_THAT(input, IsEmpty());
  return frame;
}

// As the other side receives it.
template <class Message>
Message from_frontend(const std::string& bytes) {
  auto message = decode_frontend_message(frame_of(bytes, frontend_body_caps));
  EXPECT_EQ(message.error(), DecodeError::none);
  return std::get<Message>(std::move(*message));
}
template <class Message>
Message from_backend(const std::string& bytes) {
  auto message = decode_backend_message(frame_of(bytes, backend_body_caps));
  EXPECT_EQ(message.error(), DecodeError::none);
  return std::get<Message>(std::move(*message));
}

TEST(Messages, OfTheOpeningComeBackAsTheyWere) {
  expect_first_message(StartupMessage{.parameters = {{"user", "me"}, {"options", ""}}});
  expect_first_message(SSLRequest{});
  expect_first_message(GSSENCRequest{});
  expect_first_message(CancelRequest{short_key()});
  expect_first_message(CancelRequest{{1, std::vector<std::byte>(256, std::byte{9})}});
}

// Requirement: W19
TEST(Messages, OfTheBackendComeBackAsTheyWere) {
  expect_round_trip(NegotiateProtocolVersion{protocol_3_0, {"_pq_.a", "_pq_.b"}},
                    decode_negotiate_protocol_version);
  expect_round_trip(BackendKeyData{short_key()}, decode_backend_key_data);
  expect_round_trip(ParameterStatus{"TimeZone", ""}, decode_parameter_status);
  for (const auto status :
       {TransactionStatus::idle, TransactionStatus::in_transaction, TransactionStatus::failed})
    expect_round_trip(ReadyForQuery{status}, decode_ready_for_query);
  expect_round_trip(ParameterDescription{{oid::int4, 0x80000001}}, decode_parameter_description);
  expect_round_trip(RowDescription{two_columns()}, decode_row_description);
  expect_round_trip(RowDescription{}, decode_row_description);
  expect_round_trip(CommandComplete{"INSERT 0 5"}, decode_command_complete);
  expect_round_trip(ErrorResponse{full_report()}, decode_error_response);
  expect_round_trip(ErrorResponse{}, decode_error_response);
  expect_round_trip(NoticeResponse{full_report()}, decode_notice_response);
  expect_round_trip(NotificationResponse{1, "c", ""}, decode_notification_response);
}

TEST(Messages, OfAuthenticationComeBackAsTheyWere) {
  const AuthenticationMD5Password md5{{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}}};
  expect_round_trip(Authentication{AuthenticationOk{}}, decode_authentication);
  expect_round_trip(Authentication{AuthenticationCleartextPassword{}}, decode_authentication);
  expect_round_trip(Authentication{md5}, decode_authentication);
  expect_round_trip(Authentication{AuthenticationSASL{{"A", "B"}}}, decode_authentication);
  expect_round_trip(Authentication{AuthenticationSASLContinue{"r=x"}}, decode_authentication);
  expect_round_trip(Authentication{AuthenticationSASLFinal{""}}, decode_authentication);
  for (const std::uint32_t code : {1U, 2U, 6U, 7U, 8U, 9U, 13U, 0xFFFFFFFFU})
    for (const std::string_view data : {"", "a token"})
      expect_round_trip(Authentication{AuthenticationUnsupported{code, data}},
                        decode_authentication);
  expect_round_trip(PasswordMessage{"secret"}, decode_password_message);
  expect_round_trip(SASLInitialResponse{"SCRAM-SHA-256", ""}, decode_sasl_initial_response);
  expect_round_trip(SASLResponse{"c=biws"}, decode_sasl_response);
}

TEST(Messages, OfTheFrontendComeBackAsTheyWere) {
  const Parse parse{"s", "SELECT $1", {oid::int4, oid::unspecified}};
  EXPECT_EQ(from_frontend<Parse>(encoded(parse)), parse);
  const Describe describe{Target::portal, "p"};
  EXPECT_EQ(from_frontend<Describe>(encoded(describe)), describe);
  const Close close{Target::statement, "s"};
  EXPECT_EQ(from_frontend<Close>(encoded(close)), close);
  const Execute execute{"p", 100};
  EXPECT_EQ(from_frontend<Execute>(encoded(execute)), execute);
  const CopyFail fail{"no more"};
  EXPECT_EQ(from_frontend<CopyFail>(encoded(fail)), fail);
  EXPECT_EQ(as_text(from_frontend<CopyData>(encoded(CopyData{as_bytes("1\t2\n")})).bytes),
            "1\t2\n");
  from_frontend<CopyDone>(encoded(CopyDone{}));
  const Query query{"SELECT 1; SELECT 2"};
  EXPECT_EQ(from_frontend<Query>(encoded(query)), query);
  EXPECT_EQ(from_frontend<Sync>(encoded(Sync{})), Sync{});
  EXPECT_EQ(from_frontend<Flush>(encoded(Flush{})), Flush{});
  EXPECT_EQ(from_frontend<Terminate>(encoded(Terminate{})), Terminate{});
}

TEST(Messages, OfCopyComeBackAsTheyWere) {
  const CopyFormat format{FormatCode::binary, {FormatCode::binary, FormatCode::text}};
  EXPECT_EQ(from_backend<CopyInResponse>(encoded(CopyInResponse{format})).format, format);
  EXPECT_EQ(from_backend<CopyOutResponse>(encoded(CopyOutResponse{format})).format, format);
  EXPECT_EQ(from_backend<CopyBothResponse>(encoded(CopyBothResponse{format})).format, format);
  EXPECT_EQ(as_text(from_backend<CopyData>(encoded(CopyData{as_bytes("1\n")})).bytes), "1\n");
  from_backend<CopyDone>(encoded(CopyDone{}));
}

TEST(Messages, OfAFunctionCallComeBackAsTheyWere) {
  const FunctionCall call = function_call();
  const std::string bytes = encoded(call);
  const auto again = from_frontend<FunctionCall>(bytes);
  EXPECT_EQ(again.function, call.function);
  EXPECT_EQ(again.argument_formats, call.argument_formats);
  EXPECT_EQ(encoded(again), bytes);
  for (const NullableBytes& value :
       {NullableBytes{}, NullableBytes{as_bytes("")}, NullableBytes{as_bytes("42")}}) {
    const std::string response = encoded(FunctionCallResponse{value});
    const auto returned = from_backend<FunctionCallResponse>(response).value;
    ASSERT_EQ(returned.has_value(), value.has_value());
    if (value) {
      EXPECT_EQ(as_text(*returned), as_text(*value));
    }
  }
}

TEST(Messages, WithoutABodyComeBackAsTheyWere) {
  from_backend<ParseComplete>(encoded(ParseComplete{}));
  from_backend<BindComplete>(encoded(BindComplete{}));
  from_backend<CloseComplete>(encoded(CloseComplete{}));
  from_backend<NoData>(encoded(NoData{}));
  from_backend<PortalSuspended>(encoded(PortalSuspended{}));
  from_backend<EmptyQueryResponse>(encoded(EmptyQueryResponse{}));
}

TEST(Messages, BindKeepsNullApartFromEmpty) {
  const std::string bytes = sample_bind();

  const auto bind = from_frontend<ReceivedBind>(bytes);

  EXPECT_EQ(bind.portal, "p");
  EXPECT_EQ(bind.statement, "s");
  EXPECT_THAT(bind.parameter_formats,
              ElementsAre(FormatCode::binary, FormatCode::text, FormatCode::binary));
  ASSERT_EQ(bind.parameters.size(), 3U);
  EXPECT_EQ(as_text(bind.parameters[0].value()), "1234");
  EXPECT_FALSE(bind.parameters[1].has_value());
  EXPECT_TRUE(bind.parameters[2].value().empty());
  EXPECT_THAT(bind.result_formats, ElementsAre(FormatCode::binary));
}

TEST(Messages, DataRowKeepsNullApartFromEmpty) {
  const std::string body = body_of(sample_row());

  auto row = decode_data_row(as_bytes(body));

  ASSERT_EQ(row.error(), DecodeError::none);
  EXPECT_EQ(row->count(), 3U);
  EXPECT_EQ(as_text(row->next().value()), "42");
  EXPECT_FALSE(row->next().has_value());
  EXPECT_TRUE(row->next().value().empty());
  EXPECT_TRUE(row->at_end());
}

TEST(Messages, WithoutABodyAreFiveBytes) {
  EXPECT_EQ(encoded(ParseComplete{}), std::string("1\0\0\0\4", 5));
  EXPECT_EQ(encoded(BindComplete{}), std::string("2\0\0\0\4", 5));
  EXPECT_EQ(encoded(CloseComplete{}), std::string("3\0\0\0\4", 5));
  EXPECT_EQ(encoded(NoData{}), std::string("n\0\0\0\4", 5));
  EXPECT_EQ(encoded(PortalSuspended{}), std::string("s\0\0\0\4", 5));
  EXPECT_EQ(encoded(EmptyQueryResponse{}), std::string("I\0\0\0\4", 5));
  EXPECT_EQ(encoded(Sync{}), std::string("S\0\0\0\4", 5));
}

TEST(Messages, LayoutsAreThoseOfTheManual) {
  EXPECT_EQ(encoded(SSLRequest{}), std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8));
  EXPECT_EQ(encoded(StartupMessage{.parameters = {{"user", "u"}}}),
            std::string("\0\0\0\x10\0\3\0\0user\0u\0\0", 16));
  EXPECT_EQ(encoded(Execute{"", 0}), std::string("E\0\0\0\x09\0\0\0\0\0", 10));
  EXPECT_EQ(encoded(Parse{"s", "q", {oid::int4}}),
            std::string("P\0\0\0\x0es\0q\0\0\1\0\0\0\x17", 15));
  EXPECT_EQ(encoded(Describe{Target::statement, "s"}), std::string("D\0\0\0\7Ss\0", 8));
}

TEST(Messages, TheRowCountIsTheLastWordOfTheTag) {
  EXPECT_EQ(affected_rows("INSERT 0 5"), 5U);
  EXPECT_EQ(affected_rows("UPDATE 18446744073709551615"), 18446744073709551615U);
  EXPECT_EQ(affected_rows("SELECT 18446744073709551616"), 0U);
  EXPECT_EQ(affected_rows("CREATE TABLE"), 0U);
  EXPECT_EQ(affected_rows("SELECT -1"), 0U);
  EXPECT_EQ(affected_rows(""), 0U);
}

// Requirement: W9
TEST(ServerReport, EverySubsetOfItsMainFieldsIsAccepted) {
  constexpr std::string_view codes = "SVCMD";
  for (unsigned subset = 0; subset < 32; ++subset) {
    std::string body;
    for (unsigned i = 0; i < codes.size(); ++i)
      if ((subset >> i & 1) != 0) body += std::string{codes[i]} + "42P01" + '\0';
    body += '\0';

    const auto message = decode_error_response(as_bytes(body));

    ASSERT_EQ(message.error(), DecodeError::none) << subset;
    EXPECT_EQ(message->report.sqlstate == Sqlstate{}, (subset & 4) == 0) << subset;
    EXPECT_EQ(message->report.severity.empty(), (subset & 3) == 0) << subset;
    EXPECT_EQ(message->report.message.empty(), (subset & 8) == 0) << subset;
  }
}

// Requirement: W9
TEST(ServerReport, OfTwoFieldsWithOneCodeTheFirstCounts) {
  std::string body = std::string("Mfirst\0Msecond\0", 15);
  for (int i = 0; i < 10000; ++i) body += std::string("Yx\0", 3);
  body += '\0';

  const auto message = decode_error_response(as_bytes(body));

  ASSERT_EQ(message.error(), DecodeError::none);
  EXPECT_EQ(message->report.message, "first");
  EXPECT_EQ(message->report.other.size(), 1U);
}

TEST(ServerReport, TheSeverityIsTheUntranslatedOne) {
  const std::string both("SFATALE\0VFATAL\0\0", 16), localized("SPANIC\0\0", 8), none("\0", 1);

  EXPECT_TRUE(decode_severity(as_bytes(both))->ends_session());
  EXPECT_TRUE(decode_severity(as_bytes(localized))->ends_session());
  EXPECT_FALSE(decode_severity(as_bytes(none))->ends_session());
  EXPECT_EQ(decode_error_response(as_bytes(localized))->report.severity, "PANIC");
}

// It is looked at by words where it is short.
TEST(CommandCompleteBody, IsWholeWithItsOnlyNulAtTheEnd) {
  for (std::size_t size = 1; size <= 20; ++size)
    for (const char filling : {'\x01', 'x', '\x7f', '\x80', '\xff'}) {
      const std::string without(size, filling);
      EXPECT_FALSE(is_whole_command_complete(as_bytes(without))) << size;
      for (std::size_t first = 0; first < size; ++first)
        for (std::size_t second = first; second < size; ++second) {
          std::string text = without;
          text[first] = text[second] = '\0';
          const bool whole = first == second && second == size - 1;
          EXPECT_EQ(is_whole_command_complete(as_bytes(text)), whole)
              << size << " bytes, NULs at " << first << " and " << second;
        }
    }
  EXPECT_FALSE(is_whole_command_complete(Bytes()));
}

}  // namespace
}  // namespace pgreactor::protocol::testing
