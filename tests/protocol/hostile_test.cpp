#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <random>
#include <string>

#include "protocol/reader.hpp"
#include "tests/protocol/exemplars.hpp"

namespace pgreactor::protocol::testing {
namespace {

// Requirement: W8
TEST(HostileBody, EveryTruncationIsRefused) {
  for (const Exemplar& exemplar : exemplars()) {
    if (exemplar.open_ended) continue;
    for (std::size_t size = 0; size < exemplar.body.size(); ++size) {
      // A copy of exactly that size, so that a sanitizer sees a read beyond it.
      const std::vector<char> cut(exemplar.body.begin(),
                                  exemplar.body.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_EQ(exemplar.decode(as_bytes({cut.data(), cut.size()})), DecodeError::truncated)
          << exemplar.name << " of " << size;
    }
  }
}

// Requirement: W8
TEST(HostileBody, TrailingBytesAreRefused) {
  for (const Exemplar& exemplar : exemplars()) {
    // A longer cancel key is a valid one.
    if (exemplar.open_ended || exemplar.name == "CancelRequest" ||
        exemplar.name == "BackendKeyData")
      continue;
    for (const std::size_t count : {1U, 2U, 7U, 64U})
      EXPECT_EQ(exemplar.decode(as_bytes(exemplar.body + std::string(count, 'x'))),
                DecodeError::trailing)
          << exemplar.name << " and " << count;
  }
}

// No outcome is expected but an outcome: the sanitizers judge.
// Requirement: W2, W8
TEST(HostileBody, NoBitFlipOrHostileIntegerDoesHarm) {
  constexpr std::array<std::uint32_t, 12> hostile{0,          1,          0x7F,       0xFF,
                                                  0x7FFF,     0x8000,     0xFFFF,     0x7FFFFFFF,
                                                  0x80000000, 0x80000001, 0xFFFFFFFE, 0xFFFFFFFF};
  std::size_t refused = 0;
  for (const Exemplar& exemplar : exemplars()) {
    for (std::size_t i = 0; i < exemplar.body.size(); ++i) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        std::string body = exemplar.body;
        body[i] = static_cast<char>(static_cast<unsigned char>(body[i]) ^ (1U << bit));
        refused += exemplar.decode(as_bytes(body)) != DecodeError::none ? 1U : 0U;
      }
      for (const std::uint32_t value : hostile) {
        for (const std::size_t width : {std::size_t{2}, std::size_t{4}}) {
          std::string body = exemplar.body;
          std::array<std::byte, 4> bytes{};
          store_big_endian(bytes.data(), value);
          for (std::size_t k = 0; k < width && i + k < body.size(); ++k)
            body[i + k] = static_cast<char>(bytes[4 - width + k]);
          refused += exemplar.decode(as_bytes(body)) != DecodeError::none ? 1U : 0U;
        }
      }
    }
  }
  EXPECT_GT(refused, 1000U);
}

std::string row_with_length(std::size_t columns, std::size_t at, std::uint32_t length) {
  return bytes_of([&](Writer& out) {
           const auto frame = out.begin(BackendTag::data_row);
           out.u16(static_cast<std::uint16_t>(columns));
           for (std::size_t i = 0; i < columns; ++i) {
             out.u32(i == at ? length : 1);
             out.u8('x');
           }
         })
      .substr(header_size);
}

// Requirement: W3
TEST(DataRow, HostileFieldLengthsAreRefusedInEveryColumn) {
  for (const std::size_t columns : {1U, 2U, 1664U}) {
    for (std::size_t at = 0; at < columns; at += columns == 1664 ? 111 : 1) {
      const auto left = static_cast<std::uint32_t>(1 + 5 * (columns - at - 1));
      for (const std::uint32_t length :
           {0xFFFFFFFEU, 0x80000000U, 0x7FFFFFFFU, left + 1, left + 0x80000001U}) {
        const std::string body = row_with_length(columns, at, length);
        EXPECT_FALSE(is_whole_data_row(as_bytes(body))) << columns << ' ' << at << ' ' << length;
        EXPECT_NE(decode_data_row(as_bytes(body)).error(), DecodeError::none);
      }
      EXPECT_TRUE(is_whole_data_row(as_bytes(row_with_length(columns, at, 1))));
    }
  }
}

// As the manual says it, one field after the other.
bool is_whole_by_the_manual(Bytes body) {
  Reader in{body};
  for (unsigned left = in.u16(); left != 0; --left) static_cast<void>(in.value());
  return in.finish(0).error() == DecodeError::none;
}

// Requirement: W3
TEST(DataRow, IsJudgedAsByTheManual) {
  std::mt19937 source(20261125);
  const auto random = [&] { return static_cast<std::uint32_t>(source()); };
  std::size_t whole = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string body(2, '\0');
    body[1] = static_cast<char>(random() % 5);
    for (unsigned column = 0; column < 4; ++column) {
      // Small lengths, NULL, and now and then nonsense, with as many bytes behind or nearly so.
      const unsigned length = random() % 5;
      const bool null = random() % 4 == 0, nonsense = random() % 50 == 0;
      const std::uint32_t wire = null ? 0xFFFFFFFF : nonsense ? random() : length;
      for (int shift = 24; shift >= 0; shift -= 8) body += static_cast<char>(wire >> shift);
      if (!null) body.append(random() % 20 == 0 ? length + 1 : length, 'x');
    }
    body.resize(random() % (body.size() + 1));
    EXPECT_EQ(is_whole_data_row(as_bytes(body)), is_whole_by_the_manual(as_bytes(body)))
        << ::testing::PrintToString(body);
    whole += is_whole_data_row(as_bytes(body)) ? 1U : 0U;
  }
  EXPECT_GT(whole, 1000U);
}

TEST(DataRow, AWrongCountIsRefused) {
  std::string body = body_of(sample_row());
  for (const unsigned count : {0U, 2U, 4U, 65535U}) {
    body[0] = static_cast<char>(count >> 8);
    body[1] = static_cast<char>(count & 0xFF);
    EXPECT_FALSE(is_whole_data_row(as_bytes(body))) << count;
  }
}

// Requirement: W18
TEST(ParameterDescription, HoldsAsManyParametersAsTheProtocol) {
  for (const std::size_t count : {7498U, 7499U, 32768U, 65535U}) {
    const ParameterDescription message{std::vector<Oid>(count, oid::int8)};
    const std::string bytes = encoded(message);
    Bytes input = as_bytes(bytes);
    Frame frame;
    std::size_t needed = 0;
    ASSERT_EQ(take_frame(input, backend_body_caps, frame, needed), FrameState::whole) << count;
    EXPECT_TRUE(*decode_parameter_description(frame.body) == message) << count;
  }
}

TEST(NegotiateProtocolVersion, AHugeOptionCountIsRefusedBeforeAnythingIsReserved) {
  for (const std::uint32_t count : {0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU, 100U}) {
    const std::string body = bytes_of([&](Writer& out) {
      const auto frame = out.begin(BackendTag::negotiate_protocol_version);
      out.u32(protocol_3_0);
      out.u32(count);
    });
    EXPECT_NE(decode_negotiate_protocol_version(as_bytes(body).subspan(header_size)).error(),
              DecodeError::none);
  }
}

TEST(BackendKeyData, HasAKeyOfFourTo256Bytes) {
  for (std::size_t size = 0; size <= 300; ++size) {
    const std::string body = std::string("\0\0\0\1", 4) + std::string(size, 'k');
    EXPECT_EQ(decode_backend_key_data(as_bytes(body)).error() == DecodeError::none,
              size >= 4 && size <= 256)
        << size;
  }
}

TEST(Bind, AListOfFormatsOfTheWrongLengthIsRefused) {
  const std::vector<FormatCode> formats(3, FormatCode::text);
  const std::vector<NullableBytes> values(2);
  const std::string bytes = encoded(Bind{.parameter_formats = formats, .parameters = values});
  EXPECT_EQ(decode_bind(as_bytes(bytes).subspan(header_size)), DecodeError::invalid);
  const std::string call = encoded(FunctionCall{.argument_formats = formats, .arguments = values});
  EXPECT_EQ(decode_function_call(as_bytes(call).subspan(header_size)), DecodeError::invalid);
}

// Each text of each message, and a function that makes the message with it.
using MessageWithText = std::function<std::string(const std::string&)>;

std::vector<MessageWithText> frontend_messages_with_texts() {
  return {
      [](const std::string& text) { return encoded(StartupMessage{.parameters = {{text, "x"}}}); },
      [](const std::string& text) { return encoded(StartupMessage{.parameters = {{"x", text}}}); },
      [](const std::string& text) {
        return encoded(StartupMessage{.parameters = {{"user", "x"}, {"x", text}}});
      },
      [](const std::string& text) { return encoded(PasswordMessage{text}); },
      [](const std::string& text) { return encoded(SASLInitialResponse{text, "x"}); },
      [](const std::string& text) { return encoded(Parse{text, "x", {}}); },
      [](const std::string& text) { return encoded(Parse{"x", text, {}}); },
      [](const std::string& text) { return encoded(Bind{.portal = text}); },
      [](const std::string& text) { return encoded(Bind{.statement = text}); },
      [](const std::string& text) { return encoded(Describe{Target::portal, text}); },
      [](const std::string& text) { return encoded(Close{Target::statement, text}); },
      [](const std::string& text) { return encoded(Execute{text, 0}); },
      [](const std::string& text) { return encoded(Query{text}); },
      [](const std::string& text) { return encoded(CopyFail{text}); },
  };
}

std::string column_named(const std::string& name) {
  auto columns = two_columns();
  columns[1].name = name;
  return encoded(RowDescription{columns});
}

std::string report_of(const std::string& text, std::string ServerReport::* member) {
  ServerReport report;
  report.*member = text;
  return encoded(ErrorResponse{report}, NoticeResponse{report});
}

std::vector<MessageWithText> backend_messages_with_texts() {
  return {
      [](const std::string& text) {
        return encoded(NegotiateProtocolVersion{protocol_3_0, {"x", text}});
      },
      [](const std::string& text) { return encoded(ParameterStatus{text, "x"}); },
      [](const std::string& text) { return encoded(ParameterStatus{"x", text}); },
      [](const std::string& text) {
        return encoded(Authentication{AuthenticationSASL{{"x", text}}});
      },
      [](const std::string& text) { return encoded(CommandComplete{text}); },
      [](const std::string& text) { return encoded(NotificationResponse{1, text, "x"}); },
      [](const std::string& text) { return encoded(NotificationResponse{1, "x", text}); },
      column_named,
      [](const std::string& text) { return report_of(text, &ServerReport::severity); },
      [](const std::string& text) { return report_of(text, &ServerReport::message); },
      [](const std::string& text) { return report_of(text, &ServerReport::routine); },
  };
}

void expect_nul_refused(const std::vector<MessageWithText>& messages) {
  const std::string plain = "abcdefgh";
  for (std::size_t i = 0; i < messages.size(); ++i) {
    EXPECT_NE(messages[i](plain), "") << i;
    for (std::size_t at = 0; at <= plain.size(); ++at) {
      std::string hostile = plain;
      hostile.insert(at, 1, '\0');
      EXPECT_EQ(messages[i](hostile), "") << "message " << i << ", at " << at;
    }
  }
}

// Requirement: W21
TEST(Nul, IsRefusedAtEveryPlaceOfEveryTextOfAFrontend) {
  expect_nul_refused(frontend_messages_with_texts());
}

// Requirement: W21
TEST(Nul, IsRefusedAtEveryPlaceOfEveryTextOfABackend) {
  expect_nul_refused(backend_messages_with_texts());
}

// Requirement: W21
TEST(Nul, LeavesNothingOfTheMessagesBefore) {
  ByteBuffer buffer;
  buffer.append("earlier");
  Writer out{buffer};

  encode(out, Parse{"s", "SELECT 1", {}});
  encode(out, Bind{.statement = std::string_view("a\0b", 3)});
  encode(out, Sync{});

  EXPECT_EQ(out.error(), EncodeError::embedded_nul);
  EXPECT_EQ(as_text(buffer.bytes()), "earlier");
}

// A view whose size is a lie: nothing may be read through it.
Bytes fake(std::uint64_t size) {
  static constexpr std::byte one{1};  // no NUL, at which a search would end
  return {&one, static_cast<std::size_t>(size)};
}

// Requirement: W1
TEST(Size, AboveTheLimitIsRefusedBeforeAByteIsRead) {
  for (const unsigned long long size :
       {max_body + 1ULL, (1ULL << 31) - 1, 1ULL << 31, (1ULL << 31) + 1, (1ULL << 32) - 1,
        1ULL << 32, (1ULL << 32) + 1, 1ULL << 63, ~0ULL - 3, ~0ULL}) {
    const std::vector<NullableBytes> one{fake(size)};
    EXPECT_EQ(encoded(Bind{.parameters = one}), "") << size;
    EXPECT_EQ(encoded(DataRow{one}), "") << size;
    EXPECT_EQ(encoded(Query{as_text(fake(size))}), "") << size;
    EXPECT_EQ(encoded(Parse{"", as_text(fake(size)), {}}), "") << size;
    EXPECT_EQ(encoded(SASLResponse{as_text(fake(size))}), "") << size;
  }
}

// Requirement: W1
TEST(Size, AboveTheLimitIsRefusedInEveryMessageThatCanBeLarge) {
  for (const unsigned long long size : {max_body + 1ULL, 1ULL << 32, ~0ULL - 3, ~0ULL}) {
    const Bytes huge = fake(size);
    const std::string_view text = as_text(huge);
    const std::vector<std::string> refused{
        encoded(Parse{text, "", {}}),
        encoded(Bind{.portal = text}),
        encoded(Bind{.statement = text}),
        encoded(Describe{Target::portal, text}),
        encoded(Close{Target::portal, text}),
        encoded(Execute{text, 0}),
        encoded(PasswordMessage{text}),
        encoded(SASLInitialResponse{text, ""}),
        encoded(SASLInitialResponse{"", text}),
        encoded(CopyData{huge}),
        encoded(CopyFail{text}),
        encoded(FunctionCall{.arguments = {huge}}),
        encoded(FunctionCallResponse{huge}),
        encoded(ParameterStatus{"", text}),
        encoded(CommandComplete{text}),
        encoded(NotificationResponse{1, "", text}),
        encoded(NegotiateProtocolVersion{protocol_3_0, {text}}),
        encoded(Authentication{AuthenticationSASL{{text}}}),
        encoded(Authentication{AuthenticationSASLContinue{text}}),
        encoded(Authentication{AuthenticationSASLFinal{text}}),
        encoded(Authentication{AuthenticationUnsupported{7, text}}),
    };
    EXPECT_THAT(refused, ::testing::Each(std::string())) << size;
  }
}

// Requirement: W1
TEST(Size, OfACopyThatIsSealedInPlaceIsRefusedBeforeAByteIsWritten) {
  for (const unsigned long long size : {max_body + 6ULL, 1ULL << 32, (1ULL << 32) + 5, ~0ULL}) {
    std::byte one{42};
    EXPECT_FALSE(seal_copy_data({&one, static_cast<std::size_t>(size)})) << size;
    EXPECT_EQ(one, std::byte{42});
  }
}

// Requirement: W2
TEST(Size, ASumAboveTheLimitIsRefusedBeforeAByteIsRead) {
  for (const auto& [count, size] : {std::pair{8U, 1ULL << 29},
                                    {4U, 1ULL << 30},
                                    {2U, 1ULL << 63},
                                    {65535U, 65537ULL},
                                    {2U, ~0ULL},
                                    {4U, (1ULL << 62) - 1}}) {
    const std::vector<NullableBytes> values(count, fake(size));
    EXPECT_EQ(encoded(Bind{.parameters = values}), "") << count << " x " << size;
  }
}

// Requirement: W1
TEST(Size, TheLimitItselfIsAccepted) {
  constexpr std::uint32_t limit = 100;
  for (const std::size_t size : {99U, 100U, 101U}) {
    ByteBuffer buffer;
    Writer out{buffer, limit};
    encode(out, SASLResponse{std::string(size, 'x')});
    EXPECT_EQ(out.error(), size > limit ? EncodeError::too_large : EncodeError::none);
    EXPECT_EQ(buffer.size(), size > limit ? 0 : header_size + size);
  }
}

// Requirement: W18
TEST(Size, MoreThan65535ElementsAreRefused) {
  EXPECT_EQ(encoded(Parse{"", "", std::vector<Oid>(65536)}), "");
  EXPECT_NE(encoded(Parse{"", "", std::vector<Oid>(65535)}), "");
  const std::vector<NullableBytes> values(65536);
  EXPECT_EQ(encoded(Bind{.parameters = values}), "");
}

TEST(Reader, YieldsZeroAfterAShortRead) {
  Reader in{as_bytes("abc")};

  EXPECT_EQ(in.u32(), 0U);

  EXPECT_EQ(in.u8(), 0);
  EXPECT_EQ(in.u16(), 0);
  EXPECT_EQ(in.cstring(), "");
  EXPECT_EQ(in.count(1), 0U);
  EXPECT_TRUE(in.rest().empty());
  EXPECT_TRUE(in.finish(0) == DecodeError::truncated);
}

// For all counts near the limits of their types: never more elements than the bytes left can hold,
// and all of them where they can. No product is formed that could wrap.
// Requirement: W2
TEST(Reader, ACountNearALimitOfItsTypeIsNeverMoreThanTheBytesHold) {
  const std::string bytes(70'000, 'x');
  for (const std::uint64_t limit : {1ULL << 8, 1ULL << 15, 1ULL << 16, 1ULL << 31, 1ULL << 32}) {
    for (const std::uint64_t count : {limit - 2, limit - 1, limit, limit + 1}) {
      for (const std::size_t smallest : {1U, 2U, 4U, 18U, 65535U}) {
        for (const std::size_t left : {0UL, smallest - 1, smallest, 65535UL, 70'000UL}) {
          std::array<std::byte, 4> wide{};
          store_big_endian(wide.data(), static_cast<std::uint32_t>(count));
          const std::string body = std::string(as_text(wide)) + bytes.substr(0, left);
          const auto declared = static_cast<std::uint32_t>(count);
          const bool fits = declared <= 0x7FFFFFFF && declared <= left / smallest;
          EXPECT_EQ(Reader{as_bytes(body)}.wide_count(smallest), fits ? declared : 0U);
          const auto narrow = static_cast<std::uint16_t>(count);
          const bool fits_too = narrow <= left / smallest;
          EXPECT_EQ(Reader{as_bytes(body).subspan(2)}.count(smallest), fits_too ? narrow : 0U);
        }
      }
    }
  }
}

// Requirement: W15
TEST(Reader, ACountIsBoundedByTheBytesLeft) {
  const std::string body = std::string("\0\3", 2) + std::string(11, 'x');
  EXPECT_EQ(Reader{as_bytes(body)}.count(3), 3U);
  EXPECT_EQ(Reader{as_bytes(body)}.count(4), 0U);
}

}  // namespace
}  // namespace pgreactor::protocol::testing
