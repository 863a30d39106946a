#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/frame.hpp"
#include "src/reactor/connect.hpp"
#include "src/reactor/stream_wait.hpp"
#include "tests/support/answering_backend.hpp"
#include "tests/support/backend_thread.hpp"
#include "tests/support/scripted_backend.hpp"

namespace pgreactor::testing_support {
namespace {

using namespace std::chrono_literals;
using protocol::FrontendTag;
using testing::ElementsAre;
using testing::IsEmpty;

// A frontend that only moves bytes.
class Frontend {
 public:
  static Task<Frontend> connect(net::Endpoint endpoint) {
    co_return Frontend(co_await net::connect_stream(endpoint, {}));
  }
  template <class... Messages>
  void send(const Messages&... messages) {
    const std::string bytes = wire_bytes(messages...);
    const net::IoResult result = stream_->send(as_bytes(bytes));
    // The backend may have closed; what it said before shows in receive_until_ready().
    EXPECT_TRUE(result.bytes == bytes.size() || result.status == net::IoStatus::failed);
  }
  void send_startup() { send(protocol::StartupMessage{protocol::protocol_3_0, {{"user", "me"}}}); }
  // The type bytes of all messages up to the n-th ReadyForQuery, or to the end of the stream, "!".
  Task<std::string> receive_until_ready(int ready = 1) {
    std::string tags;
    while (ready > 0) {
      protocol::Frame frame;
      std::size_t needed = 0;
      Bytes input = as_bytes(received_);
      if (take_frame(input, protocol::backend_body_caps, frame, needed) ==
          protocol::FrameState::whole) {
        tags += frame.tag;
        if (frame.tag == 'D') last_row_ = as_text(frame.body);
        if (frame.tag == 'Z') {
          --ready;
          last_status_ = as_text(frame.body).front();
        }
        received_.erase(0, received_.size() - input.size());
        continue;
      }
      std::array<std::byte, 4096> block;
      const net::IoResult result = stream_->receive(block);
      if (result.status == net::IoStatus::would_block) {
        co_await net::wait_readable(*stream_);
      } else if (result.status == net::IoStatus::done) {
        received_ += as_text(Bytes(block).first(result.bytes));
      } else {
        co_return tags + "!";
      }
    }
    co_return tags;
  }
  // The answer to SSLRequest, which is no message.
  Task<char> receive_byte() {
    co_await net::wait_readable(*stream_);
    std::array<std::byte, 1> block{};
    stream_->receive(block);
    co_return static_cast<char>(block[0]);
  }
  const std::string& last_row() const { return last_row_; }
  char last_status() const { return last_status_; }

 private:
  explicit Frontend(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {}
  std::unique_ptr<net::Stream> stream_;
  std::string received_, last_row_;
  char last_status_ = 0;
};

constexpr std::string_view startup_tags = "RSSSSSSSSSSKZ";

Script one_query() {
  Script script;
  script.startup()
      .expect(FrontendTag::query,
              [](const protocol::FrontendMessage& message) {
                return std::get<protocol::Query>(message).sql == "select 1";
              })
      .send(protocol::CommandComplete{"SELECT 0"}, protocol::ReadyForQuery{});
  return script;
}

// Startup, a query, and the goodbye; what was received.
Task<std::string> ask(net::Endpoint endpoint, std::string_view sql) {
  Frontend frontend = co_await Frontend::connect(endpoint);
  frontend.send_startup();
  std::string tags = co_await frontend.receive_until_ready();
  if (tags.ends_with('!')) co_return tags;
  frontend.send(protocol::Query{sql});
  tags += co_await frontend.receive_until_ready();
  frontend.send(protocol::Terminate{});
  co_return tags;
}

TEST(ScriptedBackend, FollowsItsScript) {
  Reactor reactor;
  for (const Where where : {Where::unix_socket, Where::tcp}) {
    ScriptedBackend backend(reactor, one_query(), Delivery::whole(), where);
    const auto work = [&]() -> Task<std::string> {
      std::string tags = co_await ask(backend.endpoint(), "select 1");
      co_await backend.wait_for_end();
      co_return tags;
    };
    EXPECT_EQ(reactor.run(with_timeout(30s, work())), std::string(startup_tags) + "CZ");
    EXPECT_THAT(backend.failures(), IsEmpty());
    EXPECT_EQ(backend.ended(), 1u);
  }
}

TEST(ScriptedBackend, SaysWhatDidNotGoByTheScript) {
  Reactor reactor;
  const auto failures_of = [&](const Script& script, std::string_view sql) {
    ScriptedBackend backend(reactor, script);
    const auto work = [&]() -> Task<void> {
      co_await ask(backend.endpoint(), sql);
      co_await backend.wait_for_end();
    };
    reactor.run(with_timeout(30s, work()));
    return backend.failures();
  };
  EXPECT_THAT(failures_of(one_query(), "select 2"),
              ElementsAre("connection 0: the 'Q' does not match"));
  EXPECT_THAT(failures_of(Script().startup().expect(FrontendTag::parse), "select 1"),
              ElementsAre("connection 0: expected 'P', got 'Q'"));
  EXPECT_THAT(failures_of(Script().startup(), "select 1"),
              ElementsAre("connection 0: after its end, got 'Q'"));
  EXPECT_THAT(failures_of(one_query().expect(FrontendTag::query), "select 1"),
              ElementsAre("connection 0: expected 'Q', got 'X'"));
}

TEST(ScriptedBackend, EachConnectionMayHaveAScriptOfItsOwn) {
  Reactor reactor;
  ScriptedBackend backend(reactor, {one_query(), Script().startup().close()});
  const auto work = [&]() -> Task<void> {
    EXPECT_EQ(co_await ask(backend.endpoint(), "select 1"), std::string(startup_tags) + "CZ");
    EXPECT_EQ(co_await ask(backend.endpoint(), "select 1"), std::string(startup_tags) + "!");
    EXPECT_EQ(co_await ask(backend.endpoint(), "select 1"), "!");
    co_await backend.wait_for_end(3);
  };
  reactor.run(with_timeout(30s, work()));
  EXPECT_THAT(backend.failures(), ElementsAre("connection 2: there is no script for it"));
}

TEST(ScriptedBackend, DeliversInTwoPiecesOrCutAtEveryByte) {
  Reactor reactor;
  const Script script = one_query();
  const std::string whole = std::string(startup_tags) + "CZ";
  ScriptedBackend backend(reactor, script);
  const auto work = [&]() -> Task<void> {
    for (std::size_t offset = 0; offset < script.bytes_sent(); ++offset) {
      backend.deliver(Delivery::split_at(offset));
      EXPECT_EQ(co_await ask(backend.endpoint(), "select 1"), whole) << offset;
      backend.deliver(Delivery::cut_at(offset));
      const std::string before = co_await ask(backend.endpoint(), "select 1");
      EXPECT_TRUE(before.ends_with('!')) << offset;
      EXPECT_TRUE(whole.starts_with(before.substr(0, before.size() - 1))) << offset << before;
    }
    co_await backend.wait_for_end(2 * script.bytes_sent());
  };
  ASSERT_GT(script.bytes_sent(), 100u);
  reactor.run(with_timeout(60s, work()));
  EXPECT_THAT(backend.failures(), IsEmpty());
}

TEST(ScriptedBackend, MayStaySilentOrResetOrSendGarbage) {
  Reactor reactor;
  ScriptedBackend silent(reactor, Script().stay_silent());
  ScriptedBackend resetting(reactor, Script().startup().reset(), Delivery::whole(), Where::tcp);
  ScriptedBackend http(reactor, Script().send_raw("HTTP/1.1 400 Bad Request\r\n\r\n").close());
  const auto work = [&]() -> Task<void> {
    EXPECT_FALSE(co_await as_attempt(with_timeout(10ms, ask(silent.endpoint(), "select 1"))));
    const std::string tags = co_await ask(resetting.endpoint(), "select 1");
    EXPECT_TRUE(tags.ends_with('!')) << tags;
    EXPECT_EQ(co_await ask(http.endpoint(), "select 1"), "!");
    co_await silent.wait_for_end();
    co_await resetting.wait_for_end();
    co_await http.wait_for_end();
  };
  reactor.run(with_timeout(30s, work()));
  EXPECT_THAT(silent.failures(), IsEmpty());
  EXPECT_THAT(http.failures(), IsEmpty());
}

TEST(ScriptedBackend, LeavesNothingBehindWhereverItEnds) {
  Reactor reactor;
  std::string folder;
  {
    ScriptedBackend backend(reactor, Script().stay_silent());
    folder = backend.host();
    EXPECT_TRUE(std::filesystem::exists(folder));
    const auto connect = [&]() -> Task<void> { co_await Frontend::connect(backend.endpoint()); };
    reactor.run(connect());
  }
  reactor.run([]() -> Task<void> { co_await sleep_for(1ms); }());
  EXPECT_FALSE(std::filesystem::exists(folder));
}

void send_execution(Frontend& frontend) {
  const std::array formats{FormatCode::binary};
  frontend.send(protocol::Bind{"", "s", {}, {}, formats}, protocol::Execute{}, protocol::Sync{});
}

TEST(AnsweringBackend, AnswersParseDescribeBindExecuteSync) {
  Reactor reactor;
  AnsweringBackend backend(reactor, CannedResult({oid::int4}, {42}, 2, "SELECT 2"));
  const auto work = [&]() -> Task<void> {
    Frontend frontend = co_await Frontend::connect(backend.endpoint());
    frontend.send_startup();
    EXPECT_EQ(co_await frontend.receive_until_ready(), startup_tags);
    frontend.send(protocol::Parse{"s", "select", {}},
                  protocol::Describe{protocol::Target::statement, "s"}, protocol::Sync{});
    EXPECT_EQ(co_await frontend.receive_until_ready(), "1tTZ");
    send_execution(frontend);
    EXPECT_EQ(co_await frontend.receive_until_ready(), "2DDCZ");
    EXPECT_EQ(frontend.last_row(), std::string("\0\1\0\0\0\4\0\0\0\52", 10));
    frontend.send(protocol::Close{protocol::Target::statement, "s"}, protocol::Sync{});
    EXPECT_EQ(co_await frontend.receive_until_ready(), "3Z");
    send_execution(frontend);
    EXPECT_EQ(co_await frontend.receive_until_ready(), "EZ") << "one error, and then the Sync";
  };
  reactor.run(with_timeout(30s, work()));
  EXPECT_EQ(backend.counts().parses, 1u);
}

TEST(AnsweringBackend, AllThatOneReadBringsIsAnsweredInOneWrite) {
  Reactor reactor;
  AnsweringBackend backend(reactor);
  const auto work = [&]() -> Task<void> {
    Frontend frontend = co_await Frontend::connect(backend.endpoint());
    frontend.send_startup();
    co_await frontend.receive_until_ready();
    const protocol::Bind bind{"", "s", {}, {}, {}};
    const protocol::Execute execute;
    const protocol::Sync sync;
    const auto before = backend.counts();
    frontend.send(protocol::Parse{"s", "select", {}}, bind, execute, sync, bind, execute, sync,
                  bind, execute, sync);
    EXPECT_EQ(co_await frontend.receive_until_ready(3), "12DCZ2DCZ2DCZ");
    EXPECT_EQ(backend.counts().reads - before.reads, 1u);
    EXPECT_EQ(backend.counts().writes - before.writes, 1u);
    EXPECT_EQ(backend.counts().executes, 3u);
  };
  reactor.run(with_timeout(30s, work()));
}

TEST(AnsweringBackend, KnowsTransactionsOtherTextsAndRequestsForTls) {
  Reactor reactor;
  AnsweringBackend backend(reactor);
  backend.answer("begin", CannedResult({}, {}, 0, "BEGIN"));
  const auto work = [&]() -> Task<void> {
    Frontend frontend = co_await Frontend::connect(backend.endpoint());
    frontend.send(protocol::SSLRequest{});
    EXPECT_EQ(co_await frontend.receive_byte(), 'N');
    frontend.send_startup();
    co_await frontend.receive_until_ready();
    frontend.send(protocol::Query{"begin"});
    EXPECT_EQ(co_await frontend.receive_until_ready(), "CZ");
    EXPECT_EQ(frontend.last_status(), 'T');
    frontend.send(protocol::Query{"ROLLBACK"});
    EXPECT_EQ(co_await frontend.receive_until_ready(), "TDCZ");
    EXPECT_EQ(frontend.last_status(), 'I');
  };
  reactor.run(with_timeout(30s, work()));
}

// Requirement: W12
TEST(AnsweringBackend, RefusesAFunctionCallAndGoesOn) {
  Reactor reactor;
  AnsweringBackend backend(reactor);
  const auto work = [&]() -> Task<void> {
    Frontend frontend = co_await Frontend::connect(backend.endpoint());
    frontend.send_startup();
    co_await frontend.receive_until_ready();
    const protocol::FunctionCall call;
    frontend.send(call);
    EXPECT_EQ(co_await frontend.receive_until_ready(), "EZ");
    frontend.send(protocol::Query{"select 1"});
    EXPECT_EQ(co_await frontend.receive_until_ready(), "TDCZ");
  };
  reactor.run(with_timeout(30s, work()));
}

// Requirement: A2
TEST(AnsweringBackend, RefusesAStartupBehindARequestForTls) {
  Reactor reactor;
  AnsweringBackend backend(reactor);
  const auto work = [&]() -> Task<void> {
    Frontend frontend = co_await Frontend::connect(backend.endpoint());
    frontend.send(protocol::SSLRequest{},
                  protocol::StartupMessage{protocol::protocol_3_0, {{"user", "me"}}});
    EXPECT_EQ(co_await frontend.receive_until_ready(), "!");
  };
  reactor.run(with_timeout(30s, work()));
  EXPECT_EQ(backend.counts().violations, 1u);
}

TEST(BackendThread, ServesFromAThreadOfItsOwn) {
  BackendThread<AnsweringBackend> backend;
  Reactor reactor;
  EXPECT_EQ(reactor.run(with_timeout(30s, ask(backend.endpoint(), "select 1"))),
            std::string(startup_tags) + "TDCZ");
  EXPECT_EQ(backend.with_backend([](AnsweringBackend& own) { return own.counts().connections; }),
            1u);
}

}  // namespace
}  // namespace pgreactor::testing_support
