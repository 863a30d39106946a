#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/base64.hpp"
#include "protocol/scram.hpp"
#include "src/connection/options_environment.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/support/scripted_backend.hpp"

// What goes wrong before the first statement: typed, in time, naming host, port and phase, and
// never the password.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::Delivery;
using testing_support::Script;
using testing_support::ScriptedBackend;
using testing_support::Where;

constexpr std::string_view password = "s3cr3t-of-the-test";
constexpr std::string_view wrong_password = "wr0ng-of-the-test";

// What came of a first statement.
class Failure {
 public:
  std::string message;
  std::string sqlstate;
  std::optional<Outcome> outcome;
  bool is_configuration_error = false;
  std::chrono::steady_clock::duration took{};
};

Task<Failure> failure_to_connect(Reactor& reactor, std::string conninfo) {
  Failure failure;
  const auto begun = std::chrono::steady_clock::now();
  try {
    DBConnector db(reactor, options_from(conninfo));
    co_await db.execute("SELECT 1");
  } catch (const ConnectionError& error) {
    failure.message = error.what();
    failure.sqlstate = error.sqlstate().view();
    failure.outcome = error.outcome();
    failure.is_configuration_error = dynamic_cast<const ConfigurationError*>(&error) != nullptr;
  }
  failure.took = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(failure.outcome, Outcome::not_sent);
  EXPECT_THAT(failure.message, Not(HasSubstr(std::string(password))));
  EXPECT_THAT(failure.message, Not(HasSubstr(std::string(wrong_password))));
  co_return failure;
}

Failure failure_of(const std::string& conninfo) {
  Reactor reactor;
  return reactor.run(with_timeout(patience, failure_to_connect(reactor, conninfo)));
}

std::string tcp(std::uint16_t port, std::string_view more = "") {
  return "postgresql://tester:" + std::string(password) + "@127.0.0.1:" + std::to_string(port) +
         "/shop" + std::string(more);
}

// Against something that is not, or is a bad, PostgreSQL.
Failure failure_at(const Script& script, std::string_view more, std::string& place) {
  Reactor reactor;
  ScriptedBackend backend(reactor, script, Delivery::whole(), Where::tcp);
  place = "127.0.0.1:" + std::to_string(backend.port());
  return reactor.run(
      with_timeout(patience, failure_to_connect(reactor, tcp(backend.port(), more))));
}

// The shared server, where everybody is trusted.
std::string shared(std::string_view user, std::string_view database) {
  return "postgresql://" + std::string(user) + "@127.0.0.1:" + std::to_string(server().port()) +
         "/" + std::string(database);
}

class Connecting : public ::testing::Test {};

TEST_F(Connecting, ABadUriIsAConfigurationErrorThatRepeatsNothingOfIt) {
  for (const std::string text :
       {"postgresql://u:s3cr3t-of-the-test@host:notaport/db",
        "postgresql://u:s3cr3t-of-the-test@[::1/db",
        "host=localhost password=s3cr3t-of-the-test port=99999", "nonsense=s3cr3t-of-the-test",
        "postgresql://u:s3cr3t-of-the-test@host/db?no_such_key=1",
        "password='s3cr3t-of-the-test"}) {
    const Failure failure = failure_of(text);
    EXPECT_TRUE(failure.is_configuration_error) << text;
    EXPECT_FALSE(failure.message.empty()) << text;
  }
}

// Checklist: C65
TEST_F(Connecting, ToAPortWhereNobodyListensNamesHostPortAndPhase) {
  std::uint16_t closed_port = 0;
  {
    Reactor reactor;
    const ScriptedBackend gone(reactor, Script(), Delivery::whole(), Where::tcp);
    closed_port = gone.port();
  }
  const Failure failure = failure_of(tcp(closed_port));
  EXPECT_THAT(failure.message, AllOf(HasSubstr("127.0.0.1:" + std::to_string(closed_port)),
                                     HasSubstr("connecting"), HasSubstr("refused")));
  EXPECT_LT(failure.took, 1s);
}

TEST_F(Connecting, ToASocketThatIsMissingNamesItsPath) {
  const Failure failure = failure_of("host=/nowhere/at/all port=5433 user=tester dbname=shop");
  EXPECT_THAT(failure.message, AllOf(HasSubstr("/nowhere/at/all/.s.PGSQL.5433"),
                                     HasSubstr("connecting"), HasSubstr("No such file")));
}

TEST_F(Connecting, ToAHostWithoutAddressNamesIt) {
  const Failure failure = failure_of("postgresql://tester@no-such-host.invalid:5433/shop");
  EXPECT_THAT(failure.message, AllOf(HasSubstr("no-such-host.invalid"), HasSubstr("5433")));
}

TEST_F(Connecting, ToAnHttpServerSaysThatItIsNoPostgresql) {
  std::string place;
  const Failure failure = failure_at(
      Script().send_raw("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").stay_silent(),
      "?sslmode=disable&connect_timeout=2", place);
  EXPECT_THAT(failure.message,
              AllOf(HasSubstr(place), HasSubstr("waiting for the server's greeting"),
                    HasSubstr("PostgreSQL")));
  EXPECT_LT(failure.took, 1s);
}

TEST_F(Connecting, ToAnSshServerSaysThatItIsNoPostgresql) {
  std::string place;
  const Failure failure = failure_at(Script().send_raw("SSH-2.0-OpenSSH_9.2p1\r\n").stay_silent(),
                                     "?sslmode=disable&connect_timeout=2", place);
  EXPECT_THAT(failure.message,
              AllOf(HasSubstr(place), HasSubstr("waiting for the server's greeting"),
                    HasSubstr("PostgreSQL")));
  EXPECT_LT(failure.took, 1s);
}

// Requirement: P12
TEST_F(Connecting, ToAServerThatAcceptsAndStaysSilentEndsAtTheDeadline) {
  std::string place;
  const Failure failure =
      failure_at(Script().stay_silent(), "?sslmode=disable&connect_timeout=2", place);
  EXPECT_THAT(failure.message, AllOf(HasSubstr(place), HasSubstr("greeting"),
                                     HasSubstr("no answer within 2000 ms")));
  EXPECT_GE(failure.took, 1900ms);
  EXPECT_LT(failure.took, 4s);
}

TEST_F(Connecting, ToAServerThatFallsSilentAfterTheProofNamesThatPhase) {
  std::string place;
  const Script script =
      Script().expect_first(nullptr).send(protocol::AuthenticationOk{}).stay_silent();
  const Failure failure = failure_at(script, "?sslmode=disable&connect_timeout=2", place);
  EXPECT_THAT(failure.message, AllOf(HasSubstr(place), HasSubstr("until the server is ready")));
}

TEST_F(Connecting, ToAServerThatClosesAtOnceSaysSo) {
  std::string place;
  const Failure failure =
      failure_at(Script().expect_first(nullptr).close(), "?sslmode=disable", place);
  EXPECT_THAT(failure.message, AllOf(HasSubstr(place), HasSubstr("greeting"), HasSubstr("closed")));
}

// Requirement: A12
TEST_F(Connecting, AMethodThatGivesThePasswordAwayIsRefusedUnlessItWasNamed) {
  std::string place;
  const Script script = Script()
                            .expect_first(nullptr)
                            .send(protocol::AuthenticationCleartextPassword{})
                            .stay_silent();
  const Failure failure = failure_at(script, "?sslmode=disable&connect_timeout=2", place);
  EXPECT_THAT(failure.message, AllOf(HasSubstr(place), HasSubstr("assword")));
  EXPECT_LT(failure.took, 1s) << "refused, not waited for";
}

// The same with TLS, which is asked for first. What such a server says is not repeated: nobody has
// proved to be the server yet (A3).
// Requirement: A1, A3
TEST_F(Connecting, WhatCannotBeginTlsIsToldInTimeAndInOurWords) {
  const Script http = Script().expect_first(nullptr).send_raw("HTTP/1.1 400 Bad Request\r\n");
  const Script ssh = Script().send_raw("SSH-2.0-OpenSSH_9.2p1\r\n");
  const Script closing = Script().expect_first(nullptr).close();
  const Script forged =
      Script().expect_first(nullptr).send_raw("S" + std::string(64 * 1024, 'E')).stay_silent();
  const Script error = Script().expect_first(nullptr).send_raw(
      std::string("E\0\0\0\x2cSFATAL\0C28P01\0Msend the password again\0\0", 45));
  for (const auto& [script, words] :
       {std::pair(http, "not a PostgreSQL server"), std::pair(ssh, "is not TLS"),
        std::pair(closing, "closed the connection"), std::pair(forged, "is not TLS"),
        std::pair(error, "answered the request for TLS with an error")}) {
    std::string place;
    const Failure failure = failure_at(script, "?sslmode=require&connect_timeout=2", place);
    EXPECT_THAT(failure.message,
                AllOf(HasSubstr(place), HasSubstr("beginning TLS"), HasSubstr(words),
                      Not(HasSubstr("again")), Not(HasSubstr("HTTP"))));
    EXPECT_LT(failure.took, 1s) << words;
  }
  std::string place;
  const Failure silent =
      failure_at(Script().stay_silent(), "?sslmode=require&connect_timeout=2", place);
  EXPECT_THAT(silent.message, AllOf(HasSubstr(place), HasSubstr("beginning TLS"),
                                    HasSubstr("no answer within 2000 ms")));
}

TEST_F(Connecting, OverAUnixSocketTheServerCanBeMadeToRunAsACertainUser) {
  struct stat status{};
  ASSERT_EQ(::stat(server().data_directory().c_str(), &status), 0);
  const std::string owner = conninfo::login_name(status.st_uid);
  Reactor reactor;
  DBConnector db(reactor, options_from(server().uri() + "&requirepeer=" + owner));
  const auto body = [&]() -> Task<int> {
    const int one = co_await db.execute("SELECT 1", fetch_val_as<int>);
    co_await db.close();
    co_return one;
  };
  EXPECT_EQ(reactor.run(with_timeout(patience, body())), 1);
  EXPECT_THAT(failure_of(server().uri() + "&requirepeer=nobody-of-that-name").message,
              AllOf(HasSubstr("the server runs as \"" + owner + "\""), HasSubstr("requirepeer")));
}

TEST_F(Connecting, AsARoleThatIsMissingCarriesTheServersReport) {
  const Failure failure = failure_of(shared("nobody_here", "postgres"));
  EXPECT_EQ(failure.sqlstate, "28000");
  EXPECT_THAT(failure.message, AllOf(HasSubstr("nobody_here"),
                                     HasSubstr("127.0.0.1:" + std::to_string(server().port()))));
}

TEST_F(Connecting, ToADatabaseThatIsMissingCarriesTheServersReport) {
  const Failure failure = failure_of(shared("postgres", "no_such_database"));
  EXPECT_EQ(failure.sqlstate, "3D000");
  EXPECT_THAT(failure.message, HasSubstr("no_such_database"));
}

// What SO_KEEPALIVE is on this process's connections to that port: none, all alike, or -1.
std::optional<int> keepalive_towards(std::uint16_t port) {
  constexpr int most_descriptors = 1024;
  std::optional<int> found;
  for (int descriptor = 0; descriptor < most_descriptors; ++descriptor) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sin_family != AF_INET || ntohs(peer.sin_port) != port) continue;
    int value = 0;
    size = sizeof(value);
    EXPECT_EQ(::getsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &value, &size), 0);
    found = found.value_or(value) == value ? value : -1;
  }
  return found;
}

TEST_F(Connecting, OverTcpProbesAsTheOptionsSay) {
  for (const auto& [more, probed] :
       {std::pair("", 1), std::pair("?keepalives=0", 0),
        std::pair("?keepalives_idle=0&keepalives_interval=0&keepalives_count=0", 1),
        std::pair("?tcp_user_timeout=0", 1)}) {
    Reactor reactor;
    DBConnector db(reactor, options_from(shared("postgres", "postgres") + more));
    const auto body = [&db]() -> Task<std::optional<int>> {
      EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
      const std::optional<int> keepalive = keepalive_towards(server().port());
      co_await db.close();
      co_return keepalive;
    };
    EXPECT_EQ(reactor.run(with_timeout(patience, body())), probed) << more;
  }
}

class ScramServer : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    scram_.emplace(testing::ThrowawayServerOptions()
                       .tcp()
                       .authentication(testing::Authentication::scram_sha_256)
                       .user("tester")
                       .password(Secret(std::string(password)))
                       .database("shop"));
  }
  static void TearDownTestSuite() { scram_.reset(); }
  static std::string uri_with(std::string_view given) {
    return "postgresql://tester:" + std::string(given) +
           "@127.0.0.1:" + std::to_string(scram_->port()) + "/shop";
  }

  static inline std::optional<testing::ThrowawayServer> scram_;
};

TEST_F(ScramServer, TheRightPasswordIsLetIn) {
  const auto body = [](DBConnector& db) -> Task<void> {
    co_await db.warm_up();
    EXPECT_EQ(co_await db.execute("SELECT current_user::text", fetch_val_as<std::string>),
              "tester");
    co_await db.close();
  };
  Reactor reactor;
  DBConnector db(reactor, options_from(uri_with(password)));
  reactor.run(with_timeout(patience, body(db)));
}

// "SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>" becomes the keys of the password.
protocol::ScramKeys keys_of(const std::string& verifier) {
  const auto colon = verifier.find(':'), dollar = verifier.find('$', colon);
  const auto salt = protocol::from_base64(verifier.substr(colon + 1, dollar - colon - 1));
  return protocol::derive_scram_keys(Secret(std::string(password)), salt.value(), 4096);
}

TEST_F(ScramServer, TheKeysOfAPasswordStandInForIt) {
  Reactor reactor;
  std::string verifier;
  {
    DBConnector db(reactor, options_from(uri_with(password)));
    const auto body = [&]() -> Task<void> {
      verifier = co_await db.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'tester'",
                                     fetch_val_as<std::string>);
      co_await db.close();
    };
    reactor.run(with_timeout(patience, body()));
  }
  const auto keys = keys_of(verifier);
  const std::string client = protocol::to_base64(keys.client_key);
  const std::string server = protocol::to_base64(keys.server_key);
  const auto conninfo = [&](const std::string& client_key, const std::string& server_key) {
    return "host=127.0.0.1 port=" + std::to_string(scram_->port()) +
           " user=tester dbname=shop scram_client_key=" + client_key +
           " scram_server_key=" + server_key;
  };
  DBConnector db(reactor, options_from(conninfo(client, server)));
  const auto body = [&]() -> Task<std::string> {
    auto user = co_await db.execute("SELECT current_user::text", fetch_val_as<std::string>);
    co_await db.close();
    co_return user;
  };
  EXPECT_EQ(reactor.run(with_timeout(patience, body())), "tester");
  EXPECT_EQ(failure_of(conninfo(server, server)).sqlstate, "28P01");
  EXPECT_THAT(failure_of(conninfo(client, client)).message,
              AllOf(HasSubstr("authentication failed"), Not(HasSubstr(client))));
}

TEST_F(ScramServer, CredentialsOfACallbackAreLetInAndItsFailureIsTold) {
  ConnectionOptions options = options_from(uri_with(wrong_password));
  const auto first_value = [&]() -> Task<int> {
    Reactor& reactor = *(co_await detail::CurrentContext{}).reactor;
    DBConnector db(reactor, options);
    const int one = co_await db.execute("SELECT 1", fetch_val_as<int>);
    co_await db.close();
    co_return one;
  };
  options.credentials = [](const ServerAddress&) {
    return Credentials(Secret(std::string(password)));
  };
  Reactor reactor;
  EXPECT_EQ(reactor.run(with_timeout(patience, first_value())), 1);
  options.credentials = [](const ServerAddress&) -> Credentials {
    throw std::runtime_error("the vault is sealed");
  };
  EXPECT_THROW(reactor.run(with_timeout(patience, first_value())), CredentialsError);
}

TEST_F(ScramServer, ScramThatRequireAuthLeavesOutIsRefused) {
  for (const char* allowed : {"none", "md5", "!scram-sha-256"}) {
    const Failure failure = failure_of(uri_with(password) + "?require_auth=" + allowed);
    EXPECT_THAT(failure.message, AllOf(HasSubstr("authenticating"), HasSubstr("does not allow")))
        << allowed;
  }
}

TEST_F(ScramServer, AWrongPasswordNamesHostPortAndPhaseAndIsNotRepeated) {
  const Failure failure = failure_of(uri_with(wrong_password));
  EXPECT_EQ(failure.sqlstate, "28P01");
  EXPECT_THAT(failure.message, AllOf(HasSubstr("127.0.0.1:" + std::to_string(scram_->port())),
                                     HasSubstr("authenticating")));
  EXPECT_LT(failure.took, 2s);
}

TEST_F(ScramServer, NoPasswordIsSaidToBeMissing) {
  const Failure failure =
      failure_of("postgresql://tester@127.0.0.1:" + std::to_string(scram_->port()) + "/shop");
  EXPECT_THAT(failure.message, AllOf(HasSubstr("authenticating"), HasSubstr("password")));
}

TEST_F(ScramServer, AllWhoWaitAreToldOfAWrongPassword) {
  Reactor reactor;
  const auto ask = [](DBConnector& db) -> Task<int> {
    const auto attempt = co_await as_attempt(db.execute("SELECT 1"));
    co_return attempt ? 0 : static_cast<int>(attempt.error().sqlstate() == "28P01");
  };
  DBConnector db(reactor, options_from(uri_with(wrong_password)));
  const auto all = [&]() -> Task<int> {
    std::vector<Task<int>> asking;
    for (int i = 0; i < 50; ++i) asking.push_back(ask(db));
    int told = 0;
    for (const int one : co_await when_all(std::move(asking))) told += one;
    co_return told;
  };
  EXPECT_EQ(reactor.run(with_timeout(patience, all())), 50);
  EXPECT_LE(db.statistics().failed_connects, 2u);
}

}  // namespace
}  // namespace pgreactor::integration
