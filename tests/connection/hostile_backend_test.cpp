#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/frame.hpp"
#include "src/connection/login.hpp"
#include "src/connection/open.hpp"
#include "src/reactor/event_loop.hpp"
#include "tests/support/backend_messages.hpp"
#include "tests/support/scripted_backend.hpp"

// A server that lies about what it will send: what it declares is not what we hold (W5). And one
// that never stops: it holds up nobody (P12).
namespace pgreactor::connection {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing_support::Script;
using testing_support::ScriptedBackend;
using testing_support::wire_bytes;

constexpr std::size_t kib = 1024;
constexpr std::string_view one_gib_less_header("\x3f\xff\xff\xff", 4);

std::string header_of_a_gib(char tag) { return tag + std::string(one_gib_less_header); }

// Bytes in use of the heap; 0 where a sanitizer has one of its own.
std::size_t heap_in_use() {
  const auto now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

ConnectionOptions options_for(const ScriptedBackend& backend,
                              std::chrono::milliseconds timeout = 100ms) {
  ConnectionOptions options;
  options.servers.emplace_back(backend.host(), backend.port());
  options.user = "tester";
  options.database = "shop";
  options.connect_timeout = timeout;
  return options;
}

// What a login against the script ends with, and the most that the heap grew by meanwhile.
class Attempted {
 public:
  std::string message;
  std::size_t growth = 0;
};

Attempted attempt_login(const Script& script, std::chrono::milliseconds timeout = 100ms) {
  Reactor reactor;
  ScriptedBackend backend(reactor, script);
  const ConnectionOptions options = options_for(backend, timeout);
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

/// What a Chatter has said so far.
class Said {
 public:
  std::size_t bytes = 0;
  std::size_t receives = 0;
};

/// A server that is never waited for: whenever we look, so many more bytes of it are there. First
/// it says one thing, then another over and over.
class Chatter final : public net::Stream {
 public:
  Chatter(std::string first, std::string repeated, std::size_t at_a_time, Said& said)
      : first_(std::move(first)),
        repeated_(std::move(repeated)),
        at_a_time_(at_a_time),
        said_(said) {}

  net::IoResult receive(std::span<std::byte> into) noexcept override {
    constexpr std::size_t enough = 16 * 1024 * kib;  // for the test to fail instead of going on
    if (said_.bytes >= enough) return {net::IoStatus::end_of_stream, 0, 0};
    const std::size_t count = std::min(into.size(), at_a_time_);
    for (std::byte& byte : into.first(count)) byte = static_cast<std::byte>(next());
    ++said_.receives;
    return {net::IoStatus::done, count, 0};
  }
  net::IoResult send(Bytes bytes) noexcept override {
    return {net::IoStatus::done, bytes.size(), 0};
  }
  void watch(net::StreamListener*, bool, bool) noexcept override {}
  void close() noexcept override {}
  int descriptor() const noexcept override { return -1; }

 private:
  char next() noexcept {
    const std::size_t at = said_.bytes++;
    return at < first_.size() ? first_[at] : repeated_[(at - first_.size()) % repeated_.size()];
  }

  std::string first_;
  std::string repeated_;
  std::size_t at_a_time_;
  Said& said_;
};

std::string admission() {
  return wire_bytes(protocol::Authentication(protocol::AuthenticationOk{}));
}
// As short as they can be: the most messages, and whatever each of them costs, in the bytes
// allowed.
std::string a_notification() { return wire_bytes(protocol::NotificationResponse{1, "", ""}); }
std::string a_setting() { return wire_bytes(protocol::ParameterStatus{"a", ""}); }
std::string a_notice() {
  protocol::NoticeResponse notice;
  notice.report.severity = notice.report.localized_severity = "NOTICE";
  notice.report.message = "welcome";
  return wire_bytes(notice);
}

/// What a login ends with whose server chatters.
class Endured {
 public:
  std::string failure;
  Said said;
  std::size_t most_receives_in_a_turn = 0;
};

using UseOfLogin = std::function<Task<void>(Login&)>;

/// A neighbour on the same loop looks at every turn how far it is.
Endured endure(std::string first, std::string repeated, std::size_t at_a_time,
               const UseOfLogin& use) {
  Reactor reactor;
  Endured result;
  ConnectionOptions options;
  options.user = "tester";
  ScramKeyCache keys;
  auto stream =
      std::make_unique<Chatter>(std::move(first), std::move(repeated), at_a_time, result.said);
  Login login(Transport(std::move(stream)), options, false, Identity("tester", Secret()), keys,
              reactor.event_loop().receive_blocks());
  bool ended = false;
  const auto log_in = [&]() -> Task<void> {
    const auto attempt = co_await as_attempt(use(login));
    if (!attempt) result.failure = attempt.error().what();
    ended = true;
  };
  // Looks once more after the end: all of it may have been one turn.
  const auto neighbour = [&]() -> Task<void> {
    std::size_t seen = 0;
    do {
      co_await sleep_for(0ms);
      const std::size_t receives = result.said.receives - seen;
      seen = result.said.receives;
      result.most_receives_in_a_turn = std::max(result.most_receives_in_a_turn, receives);
    } while (!ended);
  };
  const auto both = [&]() -> Task<void> { co_await when_all(log_in(), neighbour()); };
  reactor.run(both());
  return result;
}

Task<void> only_log_in(Login& login) { return login.run(); }

Task<void> log_in_and_ask(Login& login) {
  co_await login.run();
  const std::string answer = co_await login.ask("SHOW transaction_read_only");
  throw QueryError("answered: " + answer);
}

// It is over at the first turn in which anybody looks at the clock.
Task<void> log_in_without_time(Login& login) { co_await with_timeout(0ms, login.run()); }

constexpr std::string_view too_much = "the server sent more than 1 MiB before it was ready";
constexpr std::size_t fair_receives = 16;  // as of a connection (most_reads_per_turn)

// Requirement: P12
TEST(HostileBackend, WhileTheSessionSettlesAStreamWithoutEndIsHeldToAMiB) {
  for (const std::string& repeated : {a_notification(), a_setting(), a_notice()}) {
    for (const std::size_t at_a_time : {std::size_t{64}, 64 * kib, 1024 * kib}) {
      const Endured endured = endure(admission(), repeated, at_a_time, &only_log_in);
      EXPECT_THAT(endured.failure, HasSubstr(too_much)) << repeated[0] << at_a_time;
      EXPECT_LE(endured.said.bytes, 2 * 1024 * kib) << repeated[0] << at_a_time;
    }
  }
}

// Requirement: P12
TEST(HostileBackend, WhileTheSessionSettlesAStreamWithoutEndLeavesOthersTheirTurn) {
  for (const std::size_t at_a_time : {std::size_t{64}, 64 * kib}) {
    const Endured endured = endure(admission(), a_notification(), at_a_time, &only_log_in);
    EXPECT_LE(endured.most_receives_in_a_turn, fair_receives) << at_a_time;
  }
}

// Requirement: P12
TEST(HostileBackend, WhileTheSessionSettlesAStreamWithoutEndIsEndedByTheTimeout) {
  const Endured endured = endure(admission(), a_notification(), 64, &log_in_without_time);
  EXPECT_THAT(endured.failure, HasSubstr("after 0 ms"));
  EXPECT_LE(endured.said.receives, 2 * fair_receives);
}

// Requirement: P12
TEST(HostileBackend, AQuestionAtTheEndOfALoginIsHeldToThatToo) {
  const std::string first = admission() + wire_bytes(protocol::ReadyForQuery{});
  for (const std::string& repeated : {a_notification(), a_setting(), a_notice()}) {
    const Endured endured = endure(first, repeated, 64, &log_in_and_ask);
    EXPECT_THAT(endured.failure, HasSubstr(too_much)) << repeated[0];
    EXPECT_LE(endured.most_receives_in_a_turn, fair_receives) << repeated[0];
  }
}

// Requirement: P12
TEST(HostileBackend, AfterTheProofTheFailureNamesThePhaseAndNothingIsKept) {
  const std::size_t of_silence = attempt_login(Script().stay_silent()).growth;
  for (const std::string& repeated : {a_notification(), a_setting()}) {
    std::string bytes = admission();
    while (bytes.size() < 2 * 1024 * kib) bytes += repeated;
    // Without a limit of time that a slow machine could reach first.
    const Attempted attempted = attempt_login(Script().send_raw(bytes).reset(), 0ms);
    EXPECT_THAT(attempted.message,
                HasSubstr("waiting until the server is ready: " + std::string(too_much)));
    EXPECT_LE(attempted.growth, of_silence + 128 * kib);
  }
}

}  // namespace
}  // namespace pgreactor::connection
