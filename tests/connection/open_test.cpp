#include "src/connection/open.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "protocol/authentication.hpp"
#include "src/connection/open_address.hpp"
#include "src/connection/options_environment.hpp"
#include "src/reactor/event_loop.hpp"
#include "src/reactor/listener.hpp"
#include "tests/support/scripted_backend.hpp"

// How a session is opened: credentials, peers and addresses.
namespace pgreactor::connection {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing_support::Delivery;
using testing_support::Script;
using testing_support::ScriptedBackend;
using testing_support::Where;

ConnectionOptions options_at(const ScriptedBackend& backend) {
  ConnectionOptions options;
  options.user = options.database = "tester";
  options.servers.emplace_back(backend.host(), backend.port());
  return options;
}

/// "open", or why not.
std::string outcome(Reactor& reactor, const ConnectionOptions& options) {
  ConnectCache cache;
  const auto open = [&]() -> Task<std::string> {
    const auto attempt = co_await as_attempt(open_connection(options, cache));
    co_return attempt ? "open" : attempt.error().what();
  };
  return reactor.run(with_timeout(30s, open()));
}

/// A backend that wants a password in clear text, and notes who came with which.
Script asking(std::vector<std::string>& seen) {
  return Script()
      .expect_first([&](const protocol::FirstMessage& message) {
        seen.push_back(std::get<protocol::StartupMessage>(message).parameters.front().second);
        return true;
      })
      .send(protocol::AuthenticationCleartextPassword{})
      .expect(protocol::FrontendTag::password,
              [&](const protocol::FrontendMessage& message) {
                const auto body = std::get<protocol::PasswordBody>(message).body;
                const auto answer = protocol::decode_password_message(body);
                if (answer) seen.emplace_back(answer->password);
                return static_cast<bool>(answer);
              })
      .send(protocol::AuthenticationOk{}, protocol::ReadyForQuery{});
}

TEST(Credentials, AreAskedForAnewForEachConnectionAndNotOnTheLoop) {
  Reactor reactor;
  std::vector<std::string> seen;
  const ScriptedBackend backend(reactor, asking(seen));
  ConnectionOptions options = options_at(backend);
  options.password = Secret("of the options");
  options.authentication.cleartext_password = true;
  std::atomic<int> calls = 0;
  std::atomic<bool> on_loop = false;
  const auto loop_thread = std::this_thread::get_id();
  options.credentials = [&](const ServerAddress& server) {
    on_loop = on_loop || std::this_thread::get_id() == loop_thread;
    EXPECT_EQ(server.host, backend.host());
    const int call = ++calls;
    return Credentials(Secret("token " + std::to_string(call)), call == 1 ? "" : "rotated");
  };
  EXPECT_EQ(outcome(reactor, options), "open");
  EXPECT_EQ(outcome(reactor, options), "open");
  EXPECT_THAT(seen, ElementsAre("tester", "token 1", "rotated", "token 2"));
  EXPECT_FALSE(on_loop);
}

std::string parameter(const protocol::FirstMessage& message, std::string_view name) {
  for (const auto& [key, value] : std::get<protocol::StartupMessage>(message).parameters)
    if (key == name) return std::string(value);
  return "none";
}

// A pooler's way with parameters that it does not know; it stays so.
TEST(IdleLimit, IsLeftOutAtOnceAndForGoodWhereItIsRefused) {
  Reactor reactor;
  std::vector<std::string> seen;
  std::string of_the_user;
  ServerReport refusal;
  refusal.severity = refusal.localized_severity = "FATAL";
  refusal.sqlstate = Sqlstate("08P01");
  refusal.message = "unsupported startup parameter: idle_in_transaction_session_timeout";
  const ScriptedBackend backend(
      reactor, Script()
                   .expect_first([&](const protocol::FirstMessage& first) {
                     seen.push_back(parameter(first, "idle_in_transaction_session_timeout"));
                     of_the_user = parameter(first, "Idle_In_Transaction_Session_Timeout");
                     return true;
                   })
                   .send(protocol::ErrorResponse{refusal})
                   .close());
  ConnectCache cache, fresh;
  const auto open = [](const ConnectionOptions& options, ConnectCache& known) -> Task<std::string> {
    const auto attempt = co_await as_attempt(open_connection(options, known));
    co_return attempt ? "open" : attempt.error().what();
  };
  ConnectionOptions options = options_at(backend);
  EXPECT_THAT(reactor.run(with_timeout(30s, open(options, cache))), HasSubstr(refusal.message));
  EXPECT_THAT(seen, ElementsAre("60000", "none")) << "the second refusal is told";
  reactor.run(with_timeout(30s, open(options, cache)));
  EXPECT_THAT(seen, ElementsAre("60000", "none", "none"));

  // What the user wants is not left out, and nothing is given beside it.
  options.session_settings.emplace_back("Idle_In_Transaction_Session_Timeout", "5s");
  reactor.run(with_timeout(30s, open(options, fresh)));
  EXPECT_THAT(seen, ElementsAre("60000", "none", "none", "none"));
  EXPECT_EQ(of_the_user, "5s");
}

// A13
TEST(Credentials, OfOneServerAreNotToldToAnother) {
  Reactor reactor;
  std::vector<std::string> first_saw, second_saw;
  const ScriptedBackend first(
      reactor, Script()
                   .expect_first(nullptr)
                   .send(protocol::AuthenticationCleartextPassword{})
                   .expect(protocol::FrontendTag::password,
                           [&](const protocol::FrontendMessage& message) {
                             const auto body = std::get<protocol::PasswordBody>(message).body;
                             first_saw.emplace_back(as_text(body));
                             return true;
                           })
                   .close());
  const ScriptedBackend second(reactor, asking(second_saw));
  ConnectionOptions options = options_at(first);
  options.servers.emplace_back(second.host(), second.port());
  options.servers[0].passfile_password = Secret("of the first");
  options.servers[1].passfile_password = Secret("of the second");
  options.authentication.cleartext_password = true;
  EXPECT_EQ(outcome(reactor, options), "open");
  EXPECT_THAT(first_saw, ElementsAre(std::string("of the first\0", 13)));
  EXPECT_THAT(second_saw, ElementsAre("tester", "of the second"));
}

TEST(Credentials, ThatCannotBeHadAreAnErrorOfTheirOwnAndEndTheSearch) {
  Reactor reactor;
  std::vector<std::string> seen;
  const ScriptedBackend backend(reactor, asking(seen));
  ConnectionOptions options = options_at(backend);
  options.servers.push_back(options.servers.front());
  std::atomic<int> calls = 0;
  const auto failure_of = [&](CredentialsCallback callback) {
    options.credentials = std::move(callback);
    ConnectCache cache;
    try {
      reactor.run(with_timeout(30s, open_connection(options, cache)));
    } catch (const CredentialsError& error) {
      EXPECT_EQ(error.outcome(), Outcome::not_sent);
      return std::string(error.what());
    }
    return std::string("no failure");
  };
  EXPECT_THAT(
      failure_of([&](const ServerAddress&) -> Credentials {
        ++calls;
        throw std::runtime_error("the vault is sealed");
      }),
      AllOf(HasSubstr(backend.host()), HasSubstr("asking for credentials: the vault is sealed")));
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(failure_of([](const ServerAddress&) -> Credentials { throw 42; }),
              HasSubstr("asking for credentials: an exception that says nothing"));
  EXPECT_TRUE(seen.empty()) << "the server was told who we are";
}

TEST(Peer, MustRunAsTheUserThatIsDemanded) {
  Reactor reactor;
  const ScriptedBackend backend(reactor, Script().startup());
  ConnectionOptions options = options_at(backend);
  options.required_peer = conninfo::login_name(::geteuid());
  ASSERT_FALSE(options.required_peer.empty());
  EXPECT_EQ(outcome(reactor, options), "open");
  options.required_peer = "nobody-of-that-name";
  EXPECT_THAT(outcome(reactor, options), AllOf(HasSubstr("checking who the server is"),
                                               HasSubstr("not as requirepeer demands")));
}

TEST(Peer, IsNotAskedForOverTcp) {
  Reactor reactor;
  const ScriptedBackend backend(reactor, Script().startup(), Delivery::whole(), Where::tcp);
  ConnectionOptions options = options_at(backend);
  options.sslmode = SslMode::disable;
  options.required_peer = "nobody-of-that-name";
  EXPECT_EQ(outcome(reactor, options), "open");
}

int tcp_option(int descriptor, int level, int option) {
  int value = -1;
  socklen_t size = sizeof(value);
  EXPECT_EQ(::getsockopt(descriptor, level, option, &value, &size), 0);
  return value;
}

// P17
TEST(Transport, FindsADeadPeerByItself) {
  Reactor reactor;
  const net::Listener listener(reactor.event_loop(), *net::Endpoint::numeric("127.0.0.1", 0));
  ConnectionOptions options;
  const auto connected = [&] {
    auto stream = reactor.run(with_timeout(30s, connect_to(listener.endpoint(), options)));
    const int socket = stream->descriptor();
    return std::vector{tcp_option(socket, SOL_SOCKET, SO_KEEPALIVE),
                       tcp_option(socket, IPPROTO_TCP, TCP_KEEPIDLE),
                       tcp_option(socket, IPPROTO_TCP, TCP_KEEPINTVL),
                       tcp_option(socket, IPPROTO_TCP, TCP_KEEPCNT),
                       tcp_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT),
                       tcp_option(socket, IPPROTO_TCP, TCP_NODELAY)};
  };
  EXPECT_THAT(connected(), ElementsAre(1, 15, 5, 3, 4000, 1));
  EXPECT_LT(options.tcp_user_timeout, options.pool_acquire_timeout);
  options.keepalive = {true, 60s, 7s, 2};
  options.tcp_user_timeout = 1500ms;
  EXPECT_THAT(connected(), ElementsAre(1, 60, 7, 2, 1500, 1));
  options.keepalive.enabled = false;
  options.tcp_user_timeout = 0ms;
  const auto left_alone = connected();
  EXPECT_EQ(left_alone[0], 0);
  EXPECT_EQ(left_alone[4], 0);
}

/// Several addresses of one server, which no resolver of ours could give.
class Addresses : public ::testing::Test {
 protected:
  Addresses() {
    options_.user = options_.database = "tester";
    options_.sslmode = SslMode::disable;
    options_.connection_attempt_delay = 10ms;
    options_.servers.emplace_back("db.test", 5432);
  }
  const net::Endpoint& add(const Script& script) {
    backends_.push_back(
        std::make_unique<ScriptedBackend>(reactor_, script, Delivery::whole(), Where::tcp));
    addresses_.push_back(backends_.back()->endpoint());
    return addresses_.back();
  }
  std::size_t accepted(std::size_t which) const { return backends_[which]->accepted(); }

  std::string outcome(TargetSessionAttrs wanted = TargetSessionAttrs::any) {
    ConnectCache cache;
    const auto open = [&]() -> Task<std::string> {
      const Destination destination(options_, options_.servers[0], cache, wanted);
      const Opened opened = co_await open_among(addresses_, destination);
      if (opened.connection) co_return opened.connection->origin()->endpoint.text();
      onward_ = opened.onward;
      try {
        std::rethrow_exception(opened.failure);
      } catch (const ConnectionError& error) {
        co_return error.what();
      }
    };
    return reactor_.run(with_timeout(30s, open()));
  }

  Reactor reactor_;
  ConnectionOptions options_;
  std::vector<std::unique_ptr<ScriptedBackend>> backends_;
  std::vector<net::Endpoint> addresses_;
  Onward onward_ = Onward::nothing;
};

const Script refusing_us = Script().expect_first(nullptr).send_raw(
    std::string("E\0\0\0\x19SFATAL\0C28P01\0Mwho?\0\0", 26));
const Script starting_up = Script().expect_first(nullptr).send_raw(
    std::string("E\0\0\0\x19SFATAL\0C57P03\0Mwait\0\0", 26));

TEST_F(Addresses, OneThatBeginsNoSessionIsFollowedByTheNext) {
  add(Script().expect_first(nullptr).close());
  add(starting_up);
  const net::Endpoint good = add(Script().startup());
  EXPECT_EQ(outcome(), good.text());
  EXPECT_EQ(accepted(0) + accepted(1), 2u);
}

TEST_F(Addresses, TheFirstFailureIsTold) {
  add(starting_up);
  add(Script().expect_first(nullptr).close());
  EXPECT_THAT(outcome(), AllOf(HasSubstr("db.test:5432 (127.0.0.1:"), HasSubstr("57P03")));
  EXPECT_EQ(onward_, Onward::next_address);
}

TEST_F(Addresses, ARefusalOfUsIsTheEnd) {
  add(refusing_us);
  add(Script().startup());
  EXPECT_THAT(outcome(), HasSubstr("who?"));
  EXPECT_EQ(onward_, Onward::nothing);
  EXPECT_EQ(accepted(1), 0u);
}

TEST_F(Addresses, AnotherAddressOfTheWrongKindOfServerIsNotTried) {
  const Script standby = Script().expect_first(nullptr).send(
      protocol::AuthenticationOk{}, protocol::ParameterStatus{"in_hot_standby", "on"},
      protocol::ParameterStatus{"default_transaction_read_only", "off"}, protocol::ReadyForQuery{});
  add(standby);
  add(standby);
  EXPECT_THAT(outcome(TargetSessionAttrs::primary), HasSubstr("the server is a standby"));
  EXPECT_EQ(onward_, Onward::next_server);
  EXPECT_EQ(accepted(1), 0u);
}

// Each has connect_timeout for itself, and all together have it twice.
TEST_F(Addresses, AllOfThemTogetherHaveABound) {
  options_.connect_timeout = 100ms;
  for (int i = 0; i < 5; ++i) add(Script().stay_silent());
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_THAT(outcome(), HasSubstr("waiting for the server's greeting: no answer within 100 ms"));
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(took, 199ms);
  EXPECT_LT(took, 2s);
  EXPECT_LE(accepted(0) + accepted(1) + accepted(2) + accepted(3) + accepted(4), 3u);
}

}  // namespace
}  // namespace pgreactor::connection
