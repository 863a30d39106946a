#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/protocol/player.hpp"

// Which version of the protocol is spoken, and what hangs on it.
namespace pgreactor::protocol::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

StartupOptions asking_for(std::uint32_t newest, std::uint32_t oldest = protocol_3_0) {
  auto options = sample_options();
  options.newest_version = newest;
  options.oldest_version = oldest;
  options.parameters.emplace_back("_pq_.ours", "1");
  return options;
}

std::string offer(std::uint32_t version, std::vector<std::string_view> unknown = {}) {
  return encoded(NegotiateProtocolVersion{version, std::move(unknown)});
}

// The version spoken after these bytes, or why the session failed.
std::string outcome(StartupOptions options, const std::string& bytes) {
  Player player(std::move(options));
  player.receive(bytes);
  if (player.session().phase() == Phase::failed) return player.violation();
  return std::to_string(player.session().protocol_version() >> 16) + "." +
         std::to_string(player.session().protocol_version() & 0xFFFF);
}

TEST(ProtocolVersion, IsTheOneAskedForInTheStartupMessage) {
  for (const std::uint32_t version : {protocol_3_0, protocol_3_2}) {
    Player player(asking_for(version));
    const std::string sent = player.sent();
    const auto message = decode_first_message(as_bytes(sent).subspan(length_size));
    EXPECT_EQ(std::get<StartupMessage>(*message).version, version);
    EXPECT_EQ(player.session().protocol_version(), version);
  }
}

// Requirement: W23
TEST(NegotiateProtocolVersion, MayLowerTheVersionButNotRaiseIt) {
  EXPECT_EQ(outcome(asking_for(protocol_3_2), ""), "3.2");
  EXPECT_EQ(outcome(asking_for(protocol_3_2), offer(protocol_3_0)), "3.0");
  EXPECT_EQ(outcome(asking_for(protocol_3_2), offer(protocol_3_2, {"_pq_.ours"})), "3.2");
  for (const std::uint32_t version : {protocol_3_2, protocol_3_0 + 1, protocol_3_0 + 9999})
    EXPECT_THAT(outcome(asking_for(protocol_3_0), offer(version)),
                HasSubstr("where 3.0 was asked for"));
  for (const std::uint32_t version : {4U << 16, 2U << 16, 1234U << 16, 0xFFFFFFFFU})
    EXPECT_THAT(outcome(asking_for(protocol_3_2), offer(version)),
                HasSubstr("where 3.2 was asked for"));
  EXPECT_THAT(outcome(asking_for(protocol_3_2), offer(protocol_3_0 + 1)),
              HasSubstr("the server offers protocol 3.1"))
      << "there is no such version: nobody could say how long its cancel keys are";
}

TEST(NegotiateProtocolVersion, MayNameTheMinorVersionAloneAsTheManualSays) {
  EXPECT_EQ(outcome(asking_for(protocol_3_2), offer(0)), "3.0");
  EXPECT_EQ(outcome(asking_for(protocol_3_2), offer(2)), "3.2");
  EXPECT_THAT(outcome(asking_for(protocol_3_0), offer(2)), HasSubstr("where 3.0"));
}

// Requirement: W23
TEST(NegotiateProtocolVersion, BelowTheOldestWeWantIsRefusedWithBothVersions) {
  const std::string refused = outcome(asking_for(protocol_3_2, protocol_3_2), offer(protocol_3_0));
  EXPECT_EQ(refused,
            "the server speaks protocol 3.0 at most, and min_protocol_version demands 3.2");
  EXPECT_EQ(outcome(asking_for(protocol_3_2, protocol_3_2), admitted + settled()), "3.2");
}

// Requirement: W23
TEST(NegotiateProtocolVersion, IsAcceptedOnceForWhatWasAsked) {
  const auto violation = [](const std::string& bytes) {
    return outcome(asking_for(protocol_3_0), bytes);
  };
  const std::string good = offer(protocol_3_0, {"_pq_.ours"});
  EXPECT_EQ(violation(good + admitted), "3.0");
  EXPECT_THAT(violation(good + good), HasSubstr("a second NegotiateProtocolVersion"));
  EXPECT_THAT(violation(admitted + good), HasSubstr("NegotiateProtocolVersion while"));
  EXPECT_THAT(violation(admitted + settled() + good), HasSubstr("NegotiateProtocolVersion while"));
  EXPECT_THAT(violation(offer(protocol_3_0, {"_pq_.other"})), HasSubstr("option"));
  EXPECT_THAT(violation(offer(protocol_3_0, {"application_name"})), HasSubstr("option"));
  EXPECT_THAT(violation(offer(protocol_3_0, {"_pq_.ours", "_pq_.other"})), HasSubstr("option"));
}

// Requirement: W23
TEST(NegotiateProtocolVersion, MayComeAtAnyStepOfTheAuthentication) {
  const auto script = scram_script();
  const std::vector<std::string> said{script.offer, script.challenge(), script.signature(),
                                      admitted};
  for (std::size_t at = 0; at < said.size(); ++at) {
    Player player(asking_for(protocol_3_2));
    for (std::size_t i = 0; i < said.size(); ++i) {
      if (i == at) player.receive(offer(protocol_3_0));
      player.receive(said[i]);
    }
    EXPECT_EQ(player.session().phase(), Phase::settling) << at << player.violation();
    EXPECT_EQ(player.session().protocol_version(), protocol_3_0);
  }
}

// Requirement: W23
TEST(NegotiateProtocolVersion, AHostileCountOfOptionsIsRefused) {
  for (const std::uint32_t count : {1U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
    const std::string bytes = bytes_of([&](Writer& out) {
      const auto frame = out.begin(BackendTag::negotiate_protocol_version);
      out.u32(protocol_3_0);
      out.u32(count);
    });
    Player player(asking_for(protocol_3_2));
    player.receive(encoded(NoticeResponse{full_report()}) + bytes);
    EXPECT_EQ(player.violation(), "a malformed NegotiateProtocolVersion") << count;
  }
}

// Requirement: W22
TEST(CancelKey, HasTheLengthThatTheVersionAllows) {
  for (const std::uint32_t version : {protocol_3_0, protocol_3_2}) {
    for (std::size_t size = 0; size <= 300; ++size) {
      const std::string body = std::string("\0\0\0\1", 4) + std::string(size, 'k');
      const std::string key = bytes_of([&](Writer& out) {
        const auto frame = out.begin(BackendTag::backend_key_data);
        out.bytes(as_bytes(body));
      });
      Player player(asking_for(version));
      player.receive(admitted + key);
      const bool valid = version == protocol_3_0 ? size == 4 : size >= 4 && size <= 256;
      EXPECT_EQ(player.session().phase() == Phase::settling, valid) << size;
      EXPECT_EQ(player.session().cancel_key().secret.size(), valid ? size : 0);
    }
  }
}

// Requirement: W22
TEST(CancelKey, IsShortAgainWhenTheServerLoweredTheVersion) {
  const std::string key = encoded(BackendKeyData{{1, std::vector<std::byte>(32, std::byte{'k'})}});
  EXPECT_EQ(outcome(asking_for(protocol_3_2), admitted + key), "3.2");
  EXPECT_EQ(outcome(asking_for(protocol_3_2), offer(protocol_3_0) + admitted + key),
            "a malformed BackendKeyData");
  EXPECT_THAT(outcome(asking_for(protocol_3_2), admitted + key + key),
              HasSubstr("second BackendKeyData"));
}

TEST(Created, ReadsNothingBeforeItHasSpoken) {
  Session session(sample_options(), fixed_random());
  Bytes nothing;
  EXPECT_EQ(session.next(nothing).kind, Event::Kind::need_bytes);
  const std::string early = admitted;
  Bytes input = as_bytes(early);
  EXPECT_EQ(session.next(input).kind, Event::Kind::violation);
  EXPECT_THAT(session.output().bytes(), IsEmpty());
}

}  // namespace
}  // namespace pgreactor::protocol::testing
