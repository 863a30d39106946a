#include "tests/support/frontend_messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/backend_messages.hpp"

// What a backend takes of a frontend: it is held to the same rules as the other direction.
namespace pgreactor::testing_support {
namespace {

using protocol::Bind;
using protocol::CancelRequest;
using protocol::GSSENCRequest;
using protocol::SSLRequest;
using protocol::StartupMessage;
using testing::HasSubstr;

StartupMessage startup() { return {protocol::protocol_3_0, {{"user", "me"}}}; }

// How many first messages are taken of bytes that come in these pieces, and why no more.
class Taken {
 public:
  explicit Taken(const std::vector<std::string>& pieces) {
    FrontendMessages messages;
    for (const std::string& piece : pieces) {
      messages.append(as_bytes(piece));
      while (messages.next_first()) ++count;
    }
    violation = messages.violation();
  }
  std::size_t count = 0;
  std::string violation;
};

// Requirement: A2
TEST(FrontendMessages, BytesBehindARequestForEncryptionAreRefused) {
  for (const std::string& request : {wire_bytes(SSLRequest{}), wire_bytes(GSSENCRequest{})}) {
    for (const std::string& behind : {wire_bytes(startup()), std::string("x"), request}) {
      const Taken together({request + behind});
      EXPECT_EQ(together.count, 0u);
      EXPECT_THAT(together.violation, HasSubstr("man in the middle"));
    }
    const Taken apart({request, wire_bytes(startup())});
    EXPECT_EQ(apart.count, 2u);
    EXPECT_EQ(apart.violation, "");
  }
}

// Requirement: A4
TEST(FrontendMessages, OneRequestForEachKindOfEncryptionIsEnough) {
  const std::string tls = wire_bytes(SSLRequest{}), gss = wire_bytes(GSSENCRequest{});
  EXPECT_EQ(Taken({gss, tls, wire_bytes(startup())}).count, 3u);
  EXPECT_EQ(Taken({tls, gss, wire_bytes(startup())}).count, 3u);
  EXPECT_THAT(Taken({tls, tls}).violation, HasSubstr("a second request"));
  EXPECT_THAT(Taken({gss, tls, gss}).violation, HasSubstr("a second request"));
}

// Requirement: A4
TEST(FrontendMessages, AMillionRequestsForEncryptionAreRefusedAtTheThird) {
  std::vector<std::string> pieces;
  for (int i = 0; i < 500'000; ++i) {
    pieces.push_back(wire_bytes(SSLRequest{}));
    pieces.push_back(wire_bytes(GSSENCRequest{}));
  }
  const Taken taken(pieces);
  EXPECT_EQ(taken.count, 2u);
  EXPECT_THAT(taken.violation, HasSubstr("a second request"));
}

// What a frontend says in one session, message by message.
std::vector<std::string> conversation() {
  using namespace protocol;
  const std::vector<FormatCode> formats{FormatCode::binary};
  const std::vector<NullableBytes> values{as_bytes("1234"), std::nullopt};
  return {wire_bytes(startup()),
          wire_bytes(PasswordMessage{"secret"}),
          wire_bytes(Parse{"s", "SELECT $1", {23}}),
          wire_bytes(Bind{"p", "s", formats, values, formats}),
          wire_bytes(Describe{Target::portal, "p"}),
          wire_bytes(Execute{"p", 100}),
          wire_bytes(Close{Target::portal, "p"}),
          wire_bytes(Flush{}),
          wire_bytes(Sync{}),
          wire_bytes(Query{"COPY t FROM STDIN"}),
          wire_bytes(CopyData{as_bytes("1\n")}),
          wire_bytes(CopyDone{}),
          wire_bytes(CopyFail{"no more"}),
          wire_bytes(FunctionCall{.function = 1598}),
          wire_bytes(Terminate{})};
}

// The type bytes of all messages, '-' for the first, however the bytes come.
std::string tags_of(std::string_view bytes, std::size_t split) {
  FrontendMessages messages;
  std::string tags;
  for (const std::string_view piece : {bytes.substr(0, split), bytes.substr(split)}) {
    messages.append(as_bytes(piece));
    if (tags.empty() && messages.next_first()) tags += '-';
    while (!tags.empty() && messages.next()) tags += messages.last_tag();
  }
  return tags + messages.violation();
}

TEST(FrontendMessages, AreTheSameHoweverTheirBytesAreSplit) {
  std::string bytes;
  for (const std::string& message : conversation()) bytes += message;
  const std::string whole = tags_of(bytes, bytes.size());
  EXPECT_EQ(whole, "-pPBDECHSQdcfFX");
  for (std::size_t split = 0; split < bytes.size(); ++split)
    EXPECT_EQ(tags_of(bytes, split), whole) << split;
}

TEST(FrontendMessages, CutAnywhereAreThoseThatAreWhole) {
  const std::vector<std::string> messages = conversation();
  std::string bytes;
  for (const std::string& message : messages) bytes += message;
  const std::string whole = tags_of(bytes, bytes.size());
  std::size_t complete = 0, end = messages[0].size();
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    if (size == end) {
      ++complete;
      if (complete < messages.size()) end += messages[complete].size();
    }
    EXPECT_EQ(tags_of(std::string_view(bytes).substr(0, size), size), whole.substr(0, complete));
  }
}

// Every bit of it wrong, one at a time: any outcome but harm. The sanitizers judge.
// Requirement: W8
TEST(FrontendMessages, OfAnyBitFlippedAreSurvived) {
  std::string bytes;
  for (const std::string& message : conversation()) bytes += message;
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] =
        static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
    if (tags_of(flipped, flipped.size()) != tags_of(bytes, bytes.size())) ++refused;
  }
  EXPECT_GT(refused, 100u);
}

// Requirement: W4, W8
TEST(FrontendMessages, OfHostileLengthsAreRefusedAtTheHeader) {
  for (int tag = 0; tag < 256; ++tag) {
    for (const std::string& length :
         {std::string(4, '\0'), std::string("\0\0\0\1", 4), std::string("\0\0\0\2", 4),
          std::string("\0\0\0\3", 4), std::string("\xff\xff\xff\xff", 4),
          std::string("\x80\0\0\0", 4)}) {
      FrontendMessages messages;
      messages.append(as_bytes(static_cast<char>(tag) + length));
      EXPECT_FALSE(messages.next());
      EXPECT_NE(messages.violation(), "") << tag;
    }
  }
}

// Requirement: W22
TEST(CancelKey, HasFourTo256BytesInARequest) {
  for (std::size_t size = 0; size <= 300; ++size) {
    const bool valid = size >= 4 && size <= 256;
    ByteBuffer buffer;
    protocol::Writer out(buffer);
    encode(out, CancelRequest{{7, std::vector<std::byte>(size, std::byte{1})}});
    EXPECT_EQ(out.failed(), !valid) << size;
    std::string bytes = wire_bytes(CancelRequest{{7, std::vector<std::byte>(4, std::byte{1})}});
    bytes = bytes.substr(0, 12) + std::string(size, '\1');
    bytes[2] = static_cast<char>(bytes.size() >> 8);
    bytes[3] = static_cast<char>(bytes.size() & 0xFF);
    EXPECT_EQ(Taken({bytes}).count, valid ? 1u : 0u) << size;
  }
}

}  // namespace
}  // namespace pgreactor::testing_support
