#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <string_view>

#include "protocol/frame.hpp"
#include "src/connection/open.hpp"
#include "tests/support/scripted_backend.hpp"

// A server that lies about what it will send: what it declares is not what we hold (W5).
namespace pgreactor::connection {
namespace {

using namespace std::chrono_literals;
using testing_support::Script;
using testing_support::ScriptedBackend;

constexpr std::size_t kib = 1024;
constexpr std::string_view one_gib_less_header("\x3f\xff\xff\xff", 4);

std::string header_of_a_gib(char tag) { return tag + std::string(one_gib_less_header); }

// Bytes in use of the heap; 0 where a sanitizer has one of its own.
std::size_t heap_in_use() {
  const auto now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

ConnectionOptions options_for(const ScriptedBackend& backend) {
  ConnectionOptions options;
  options.servers.emplace_back(backend.host(), backend.port());
  options.user = "tester";
  options.database = "shop";
  options.connect_timeout = 100ms;
  return options;
}

// What a login against the script ends with, and the most that the heap grew by meanwhile.
class Attempted {
 public:
  std::string message;
  std::size_t growth = 0;
};

Attempted attempt_login(const Script& script) {
  Reactor reactor;
  ScriptedBackend backend(reactor, script);
  const ConnectionOptions options = options_for(backend);
  ConnectCache cache;
  Attempted result;
  bool ended = false;
  const std::size_t before = heap_in_use();
  const auto login = [&]() -> Task<void> {
    const auto attempt = co_await as_attempt(open_connection(options, cache));
    if (!attempt) result.message = attempt.error().what();
    ended = true;
  };
  const auto watch = [&]() -> Task<void> {
    while (!ended) {
      const std::size_t now = heap_in_use();
      if (now > before) result.growth = std::max(result.growth, now - before);
      co_await sleep_for(1ms);
    }
  };
  const auto both = [&]() -> Task<void> { co_await when_all(login(), watch()); };
  reactor.run(both());
  return result;
}

// Requirement: W5
TEST(HostileBackend, BeforeTheProofNoLengthMakesUsHoldMoreThan64KiB) {
  const std::size_t of_silence = attempt_login(Script().stay_silent()).growth;
  for (int tag = 1; tag < 256; ++tag) {
    const Attempted attempted =
        attempt_login(Script().send_raw(header_of_a_gib(static_cast<char>(tag))).reset());
    EXPECT_FALSE(attempted.message.empty()) << tag;
    EXPECT_LE(attempted.growth, of_silence + 64 * kib) << tag;
  }
}

// Requirement: W6
TEST(HostileBackend, BeforeTheProofAStreamWithoutEndIsHeldToThat) {
  // As much as an honest server could say in its place, over and over.
  const std::size_t of_silence = attempt_login(Script().stay_silent()).growth;
  std::string body(8 * 1024 * kib, 'x');
  const Attempted attempted =
      attempt_login(Script().send_raw(header_of_a_gib('E') + std::move(body)).reset());
  EXPECT_FALSE(attempted.message.empty());
  EXPECT_LE(attempted.growth, of_silence + 64 * kib);
}

// Requirement: W5
TEST(HostileBackend, AfterTheLoginMemoryGrowsWithWhatCameNotWithWhatWasDeclared) {
  constexpr std::size_t sent = 300 * kib;
  std::string bytes = header_of_a_gib('N');
  bytes.resize(sent, 'x');
  Script script;
  script.startup().send_raw(bytes).stay_silent();

  Reactor reactor;
  ScriptedBackend backend(reactor, script);
  const ConnectionOptions options = options_for(backend);
  ConnectCache cache;
  std::size_t before = 0, after = 0;
  bool open = false;
  const auto work = [&]() -> Task<void> {
    before = heap_in_use();
    const auto connection = co_await open_connection(options, cache);
    co_await sleep_for(50ms);  // in which all that was sent arrives
    after = heap_in_use();
    open = connection->is_open();
  };
  reactor.run(work());
  EXPECT_TRUE(open) << "such a message is possible, and so it is waited for";
  if (after == 0) GTEST_SKIP() << "a sanitizer's heap does not say what it holds";
  EXPECT_GE(after - before, sent);
  EXPECT_LE(after - before, 3 * sent);
}

}  // namespace
}  // namespace pgreactor::connection
