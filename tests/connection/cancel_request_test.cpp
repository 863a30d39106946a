#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <vector>

#include "src/connection/cancel.hpp"
#include "tests/support/scripted_backend.hpp"

// What a cancel request says, and to whom.
namespace pgreactor::connection {
namespace {

using testing_support::Script;
using testing_support::ScriptedBackend;

protocol::CancelKey key_of(std::size_t size) {
  return {4711, std::vector<std::byte>(size, std::byte{9})};
}

// How a request to a backend with this script ends: without a word when the backend took it.
std::string requested(const Script& script, Encryption encryption, std::size_t key_size,
                      CancelProgress expected = CancelProgress::acted_upon) {
  Reactor reactor;
  ScriptedBackend backend(reactor, script);
  ConnectionOptions options;
  options.user = "tester";
  options.servers.emplace_back(backend.host(), backend.port());
  const SessionOrigin origin(backend.endpoint(), options.servers.front(), encryption);
  TlsCache cache;
  const auto work = [&]() -> Task<std::string> {
    auto progress = CancelProgress::not_sent;
    auto request = request_cancel(origin, key_of(key_size), options, cache, progress);
    const auto attempt = co_await as_attempt(std::move(request));
    co_await backend.wait_for_end();
    EXPECT_EQ(progress, expected);
    co_return attempt ? "" : attempt.error().what();
  };
  const std::string result = reactor.run(work());
  EXPECT_THAT(backend.failures(), testing::IsEmpty());
  EXPECT_EQ(backend.accepted(), 1u);
  return result;
}

// Requirement: W22
TEST(CancelRequest, HoldsTheWholeKeyAndIsAnsweredByTheEnd) {
  for (const std::size_t size : {4U, 32U, 256U}) {
    Script script;
    script
        .expect_first([size](const protocol::FirstMessage& message) {
          const auto* request = std::get_if<protocol::CancelRequest>(&message);
          return request != nullptr && request->key == key_of(size);
        })
        .close();
    EXPECT_EQ(requested(script, Encryption::none, size), "");
  }
}

// The key of a session with TLS is no secret any more once it was sent without.
// Requirement: A14
TEST(CancelRequest, OfASessionWithTlsIsNotSentWithoutIt) {
  Script script;
  script
      .expect_first([](const protocol::FirstMessage& message) {
        return std::holds_alternative<protocol::SSLRequest>(message);
      })
      .send_raw("N");
  EXPECT_THAT(requested(script, Encryption::required, 4, CancelProgress::not_sent),
              testing::HasSubstr("TLS"));
}

TEST(CancelRequest, ThatIsAnsweredWasTakenForSomethingElse) {
  Script script;
  script.expect_first(nullptr).send_raw("R").close();
  EXPECT_THAT(requested(script, Encryption::none, 4), testing::HasSubstr("answered"));
}

}  // namespace
}  // namespace pgreactor::connection
