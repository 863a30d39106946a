#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "protocol/reader.hpp"
#include "tests/protocol/exemplars.hpp"

namespace pgreactor::protocol::testing {
namespace {

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

// Each text of each message that a user's text can reach, with a NUL at each of its positions.
TEST(Nul, IsRefusedInEveryText) {
  for (std::size_t at = 0; at <= 3; ++at) {
    std::string hostile = "abc";
    hostile.insert(at, 1, '\0');
    const std::string_view nul = hostile;
    const std::vector<std::string> refused{
        encoded(StartupMessage{.parameters = {{hostile, "x"}}}),
        encoded(StartupMessage{.parameters = {{"x", hostile}}}),
        encoded(PasswordMessage{nul}),
        encoded(SASLInitialResponse{nul, "x"}),
        encoded(Parse{nul, "x", {}}),
        encoded(Parse{"x", nul, {}}),
        encoded(Bind{.portal = nul}),
        encoded(Bind{.statement = nul}),
        encoded(Describe{Target::portal, nul}),
        encoded(Close{Target::statement, nul}),
        encoded(Execute{nul, 0}),
        encoded(Query{nul}),
        encoded(ParameterStatus{nul, "x"}),
        encoded(CommandComplete{nul}),
        encoded(NotificationResponse{1, "x", nul}),
    };
    EXPECT_THAT(refused, ::testing::Each(std::string())) << at;
  }
}

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
  static constexpr std::byte one{};
  return {&one, static_cast<std::size_t>(size)};
}

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

TEST(Reader, ACountIsBoundedByTheBytesLeft) {
  const std::string body = std::string("\0\3", 2) + std::string(11, 'x');
  EXPECT_EQ(Reader{as_bytes(body)}.count(3), 3U);
  EXPECT_EQ(Reader{as_bytes(body)}.count(4), 0U);
}

}  // namespace
}  // namespace pgreactor::protocol::testing
