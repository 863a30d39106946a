#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <string>

#include "src/connection/open.hpp"
#include "tests/support/scripted_backend.hpp"

// From min_protocol_version and max_protocol_version to what is said to a server.
namespace pgreactor::connection {
namespace {

using protocol::AuthenticationOk;
using protocol::BackendKeyData;
using protocol::NegotiateProtocolVersion;
using protocol::protocol_3_0;
using protocol::protocol_3_2;
using protocol::ReadyForQuery;
using testing_support::Script;
using testing_support::ScriptedBackend;
using enum ProtocolVersion;

Script asked_for(std::uint32_t version) {
  Script script;
  script.expect_first([version](const protocol::FirstMessage& message) {
    const auto* startup = std::get_if<protocol::StartupMessage>(&message);
    return startup != nullptr && startup->version == version;
  });
  return script;
}

BackendKeyData key_of(std::size_t size) {
  return {{7, std::vector<std::byte>(size, std::byte{9})}};
}

// What a connection with these limits comes to: its version and the bytes of its key, or the error.
std::string opened(const Script& script, ProtocolVersion oldest, ProtocolVersion newest) {
  Reactor reactor;
  const ScriptedBackend backend(reactor, script);
  ConnectionOptions options;
  options.user = options.database = "tester";
  options.servers.emplace_back(backend.host(), backend.port());
  options.min_protocol_version = oldest;
  options.max_protocol_version = newest;
  ConnectCache cache;
  const auto open = [&]() -> Task<std::string> {
    auto attempt = co_await as_attempt(open_connection(options, cache));
    if (!attempt) co_return attempt.error().what();
    const auto& session = attempt.value()->session();
    co_return (session.protocol_version() == protocol_3_2 ? "3.2 " : "3.0 ") +
        std::to_string(session.cancel_key().secret.size());
  };
  const std::string result = reactor.run(open());
  EXPECT_THAT(backend.failures(), testing::IsEmpty());
  return result;
}

TEST(ProtocolVersions, WithoutAWordAre3Point0) {
  const ConnectionOptions plain;
  EXPECT_EQ(opened(asked_for(protocol_3_0).send(AuthenticationOk{}, key_of(4), ReadyForQuery{}),
                   plain.min_protocol_version, plain.max_protocol_version),
            "3.0 4");
}

TEST(ProtocolVersions, AServerThatSpeaks3Point2GivesALongKey) {
  EXPECT_EQ(opened(asked_for(protocol_3_2).send(AuthenticationOk{}, key_of(32), ReadyForQuery{}),
                   v3_0, v3_2),
            "3.2 32");
}

TEST(ProtocolVersions, AnOlderServerIsSpokenToAsItAsks) {
  Script script = asked_for(protocol_3_2);
  script.send(NegotiateProtocolVersion{protocol_3_0, {}}, AuthenticationOk{}, key_of(4),
              ReadyForQuery{});
  EXPECT_EQ(opened(script, v3_0, v3_2), "3.0 4");
}

TEST(ProtocolVersions, AnOlderServerThanDemandedIsRefusedInWords) {
  Script script = asked_for(protocol_3_2);
  script.send(NegotiateProtocolVersion{protocol_3_0, {}}).stay_silent();
  EXPECT_THAT(opened(script, v3_2, v3_2),
              testing::HasSubstr("the server speaks protocol 3.0 at most, and "
                                 "min_protocol_version demands 3.2"));
}

TEST(ProtocolVersions, ANewerOneThanAskedForIsRefused) {
  Script script = asked_for(protocol_3_0);
  script.send(NegotiateProtocolVersion{protocol_3_2, {}}).stay_silent();
  EXPECT_THAT(opened(script, v3_0, v3_0), testing::HasSubstr("3.2 where 3.0 was asked for"));
}

}  // namespace
}  // namespace pgreactor::connection
