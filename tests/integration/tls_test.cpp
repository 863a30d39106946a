#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <optional>
#include <pgreactor/pgreactor.hpp>
#include <pgreactor/testing/throwaway_server.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/integration/database_fixture.hpp"

// TLS with a real server: what sslmode and its companions come to.
namespace pgreactor::integration {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using testing::Authentication;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ThrowawayServer;
using testing::ThrowawayServerOptions;
using testing::TlsOffer;

constexpr std::string_view password = "s3cr3t-of-the-test";

std::string with(const ThrowawayServer& server, const std::string& parameters,
                 const std::string& host = "127.0.0.1") {
  return "host=" + host + " port=" + std::to_string(server.port()) +
         " user=postgres dbname=postgres pool_min_conns=1 pool_max_conns=1 password=" +
         std::string(password) + " " + parameters;
}

// What the server says of the connection: "TLSv1.3", or "none".
Task<std::string> encryption_of(DBConnector& db) {
  co_return co_await db.execute(
      "SELECT coalesce(version, 'none') FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
      fetch_val_as<std::string>);
}

template <class Body>
auto on(const std::string& conninfo, Body body) {
  Reactor reactor;
  DBConnector db(reactor, options_from(conninfo));
  return reactor.run(with_timeout(patience, body(db)));
}

std::string encryption(const std::string& conninfo) { return on(conninfo, &encryption_of); }

std::string failure(const std::string& conninfo) {
  try {
    return "no failure, but " + encryption(conninfo);
  } catch (const ConnectionError& error) {
    EXPECT_THAT(error.what(), Not(HasSubstr(std::string(password))));
    return error.what();
  }
}

class TlsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    try {
      offering_.emplace(ThrowawayServerOptions()
                            .tcp()
                            .tls()
                            .authentication(Authentication::scram_sha_256)
                            .password(Secret(std::string(password))));
    } catch (const testing::ServerSetupError& error) {
      if (error.reason() != testing::ServerSetupError::Reason::not_installed) throw;
    }
  }
  static void TearDownTestSuite() { offering_.reset(); }
  void SetUp() override {
    if (!offering_) GTEST_SKIP() << "PostgreSQL or openssl is not installed";
  }
  static ThrowawayServer& offering() { return *offering_; }
  // The server's certificate is its own root.
  static std::string trusting() { return "sslrootcert=" + offering().certificate_file(); }
  static void skip_unless_certificate_is_readable() {
    if (::access(offering().certificate_file().c_str(), R_OK) != 0)
      GTEST_SKIP() << "only root and the server's user can read the certificate";
  }

 private:
  static inline std::optional<ThrowawayServer> offering_;
};

TEST_F(TlsTest, IsTakenWhereItIsOffered) {
  EXPECT_EQ(encryption(with(offering(), "")), "TLSv1.3");
  EXPECT_EQ(encryption(with(offering(), "sslmode=require")), "TLSv1.3");
  EXPECT_EQ(encryption(with(offering(), "sslmode=disable")), "none");
  EXPECT_EQ(encryption(with(offering(), "sslmode=allow")), "none");
}

TEST_F(TlsTest, VersionsAreBounded) {
  EXPECT_EQ(encryption(with(offering(), "ssl_max_protocol_version=TLSv1.2")), "TLSv1.2");
  EXPECT_EQ(encryption(with(offering(), "ssl_min_protocol_version=TLSv1.3")), "TLSv1.3");
  EXPECT_THAT(failure(with(offering(),
                           "sslmode=require ssl_min_protocol_version=TLSv1 "
                           "ssl_max_protocol_version=TLSv1.1")),
              AllOf(HasSubstr("beginning TLS"), HasSubstr("protocol")));
}

// Each session has keys of its own, which the server's key does not open later.
TEST_F(TlsTest, ACipherWithoutAKeyExchangeOfItsOwnIsNotSpoken) {
  const auto refusing = [](const std::string& ciphers) {
    const ThrowawayServer server(ThrowawayServerOptions()
                                     .tcp()
                                     .tls()
                                     .authentication(Authentication::scram_sha_256)
                                     .password(Secret(std::string(password)))
                                     .setting("ssl_max_protocol_version", "TLSv1.2")
                                     .setting("ssl_ciphers", ciphers));
    return failure(with(server, "sslmode=require"));
  };
  EXPECT_THAT(refusing("ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES256-GCM-SHA384"),
              HasSubstr("no failure, but TLSv1.2"));
  for (const auto* const cipher : {"AES256-GCM-SHA384", "DHE-RSA-AES256-GCM-SHA384"})
    EXPECT_THAT(refusing(cipher), AllOf(HasSubstr("beginning TLS"), HasSubstr("handshake")))
        << cipher;
}

TEST_F(TlsTest, WhereACertificateOfOursIsDemandedTheServerHasToAskForIt) {
  skip_unless_certificate_is_readable();
  const std::string file = offering().certificate_file();
  const std::string key = file.substr(0, file.rfind('.')) + ".key";
  if (::access(key.c_str(), R_OK) != 0) GTEST_SKIP() << "only root can read the key";
  EXPECT_THAT(failure(with(offering(), "sslmode=require sslcertmode=require sslcert=" + file +
                                           " sslkey=" + key)),
              HasSubstr("does not ask for a certificate"));
}

// Requirement: A15
TEST_F(TlsTest, VerifiesTheChainAndTheName) {
  skip_unless_certificate_is_readable();
  EXPECT_EQ(encryption(with(offering(), "sslmode=verify-ca " + trusting())), "TLSv1.3");
  EXPECT_EQ(encryption(with(offering(), "sslmode=verify-full " + trusting())), "TLSv1.3");
  EXPECT_EQ(encryption(with(offering(), "sslmode=verify-full " + trusting(), "localhost")),
            "TLSv1.3");
  const std::string another = "hostaddr=127.0.0.1 " + trusting() + " sslmode=";
  EXPECT_EQ(encryption(with(offering(), another + "verify-ca", "db.example.com")), "TLSv1.3");
  EXPECT_THAT(failure(with(offering(), another + "verify-full", "db.example.com")),
              AllOf(HasSubstr("beginning TLS"), HasSubstr("certificate is refused"),
                    HasSubstr("does not name \"db.example.com\"")));
}

// Requirement: A15
TEST_F(TlsTest, ARootThatDidNotSignItRefusesIt) {
  const ThrowawayServer stranger(ThrowawayServerOptions().tcp().tls());
  if (::access(stranger.certificate_file().c_str(), R_OK) != 0)
    GTEST_SKIP() << "only root and the server's user can read the certificate";
  const std::string root = " sslrootcert=" + stranger.certificate_file();
  for (const char* mode : {"require", "verify-ca", "verify-full"})
    EXPECT_THAT(failure(with(offering(), "sslmode=" + std::string(mode) + root)),
                HasSubstr("the server's certificate is refused"))
        << mode;
  EXPECT_THAT(failure(with(offering(), "sslrootcert=system")),
              HasSubstr("the server's certificate is refused"));
}

// A certificate that anybody can have says nothing of who reads the password.
// Requirement: A12
TEST_F(TlsTest, ThePasswordItselfIsForTheHostThatACertificateNames) {
  const ThrowawayServer asking(ThrowawayServerOptions()
                                   .tcp()
                                   .tls()
                                   .authentication(Authentication::password)
                                   .password(Secret(std::string(password))));
  if (::access(asking.certificate_file().c_str(), R_OK) != 0)
    GTEST_SKIP() << "only root and the server's user can read the certificate";
  const std::string root = " sslrootcert=" + asking.certificate_file();
  EXPECT_EQ(encryption(with(asking, "sslmode=verify-full" + root)), "TLSv1.3");
  for (const char* const mode : {"sslmode=prefer", "sslmode=require", "sslmode=verify-ca"})
    EXPECT_THAT(failure(with(asking, mode + root)),
                HasSubstr("asks for a cleartext password, which the policy does not allow"))
        << mode;
}

TEST_F(TlsTest, KeysAreNotLoggedToAPipe) {
  std::string name = ::testing::TempDir() + "keysXXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const std::string pipe = name + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(failure(with(offering(), "sslmode=require sslkeylogfile=" + pipe)),
              HasSubstr("sslkeylogfile"));
  ::unlink(pipe.c_str());
  ::rmdir(name.c_str());
}

TEST_F(TlsTest, ANameMayEndInTheDotOfTheRoot) {
  skip_unless_certificate_is_readable();
  const std::string here = "hostaddr=127.0.0.1 sslmode=verify-full " + trusting();
  EXPECT_EQ(encryption(with(offering(), here, "localhost.")), "TLSv1.3");
}

TEST_F(TlsTest, ScramBindsToTheConnection) {
  EXPECT_EQ(encryption(with(offering(), "channel_binding=require")), "TLSv1.3");
  EXPECT_EQ(encryption(with(offering(), "channel_binding=disable")), "TLSv1.3");
  EXPECT_EQ(encryption(with(offering(),
                            "channel_binding=require sslmode=require "
                            "ssl_max_protocol_version=TLSv1.2")),
            "TLSv1.2");
  EXPECT_EQ(encryption(with(offering(), "channel_binding=require sslmode=allow")), "TLSv1.3")
      << "only TLS has something to bind to";
}

// A server with another certificate than the tests' own, made by the program `openssl` with these
// arguments; nullopt where we may not write it.
std::optional<ThrowawayServer> server_with_certificate(const std::string& arguments) {
  ThrowawayServer made(ThrowawayServerOptions()
                           .tcp()
                           .tls()
                           .authentication(Authentication::scram_sha_256)
                           .password(Secret(std::string(password))));
  const std::string file = made.certificate_file();
  const std::string key = file.substr(0, file.rfind('.')) + ".key";
  if (::access(file.c_str(), W_OK) != 0 || ::access(key.c_str(), W_OK) != 0) return std::nullopt;
  const std::string command = "openssl req -x509 -nodes -days 30 -subj /CN=localhost " + arguments +
                              " -keyout " + key + " -out " + file + " 2>/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
  made.restart();
  return made;
}

// A5
TEST_F(TlsTest, ScramBindsToCertificatesOfRsaPssAndGoesWithoutWhereThereIsNoDigest) {
  auto pss = server_with_certificate("-newkey rsa:2048 -sha384 -sigopt rsa_padding_mode:pss");
  auto ed25519 = server_with_certificate("-newkey ed25519");
  if (!pss || !ed25519) GTEST_SKIP() << "only the server's user can write the certificate";
  EXPECT_EQ(encryption(with(*pss, "channel_binding=require")), "TLSv1.3");
  EXPECT_EQ(encryption(with(*ed25519, "channel_binding=disable")), "TLSv1.3");
  const std::string trusted = "sslmode=verify-full sslrootcert=" + ed25519->certificate_file();
  EXPECT_EQ(encryption(with(*ed25519, trusted, "localhost")), "TLSv1.3");
  for (const char* binding : {"prefer", "require"})
    EXPECT_THAT(failure(with(*ed25519, "channel_binding=" + std::string(binding))),
                HasSubstr("certificate has no digest to bind to"));
}

TEST_F(TlsTest, WithoutAnOfferRequireFailsAndPreferGoesOn) {
  const ThrowawayServer plain(ThrowawayServerOptions().tcp());
  EXPECT_EQ(encryption(with(plain, "")), "none");
  EXPECT_THAT(failure(with(plain, "sslmode=require")),
              AllOf(HasSubstr("127.0.0.1:" + std::to_string(plain.port())),
                    HasSubstr("the server has no TLS, and sslmode demands it")));
  EXPECT_THAT(failure(with(plain, "sslmode=prefer channel_binding=require")),
              HasSubstr("the server has no TLS"));
}

TEST_F(TlsTest, WhereItIsDemandedAllowComesBackWithIt) {
  const ThrowawayServer demanding(ThrowawayServerOptions().tcp().tls(TlsOffer::required));
  EXPECT_EQ(encryption(with(demanding, "sslmode=allow")), "TLSv1.3");
  EXPECT_THAT(failure(with(demanding, "sslmode=disable")),
              AnyOf(HasSubstr("no encryption"), HasSubstr("SSL off")));  // 13 says the latter
}

TEST_F(TlsTest, WithoutANegotiationItIsSpokenFromPostgresql17On) {
  const std::string direct = with(offering(), "sslmode=require sslnegotiation=direct");
  if (version_of(offering()) >= 17) {
    EXPECT_EQ(encryption(direct), "TLSv1.3");
    skip_unless_certificate_is_readable();
    EXPECT_EQ(
        encryption(with(offering(), "sslmode=verify-full sslnegotiation=direct " + trusting())),
        "TLSv1.3");
    return;
  }
  EXPECT_THAT(failure(direct), HasSubstr("beginning TLS"));
}

TEST_F(TlsTest, AUnixSocketHasNone) {
  const ConnectionOptions on_socket = options_from(offering().uri() + "&sslmode=require");
  Reactor reactor;
  DBConnector db(reactor, on_socket);
  EXPECT_EQ(reactor.run(with_timeout(patience, encryption_of(db))), "none");
}

TEST_F(TlsTest, FilesThatCannotBeUsedAreNamedBeforeAnythingIsProven) {
  const auto refused = [](const std::string& parameters) {
    try {
      encryption(with(offering(), "sslmode=require " + parameters));
    } catch (const ConfigurationError& error) {
      return std::string(error.parameter()) + ": " + error.what();
    }
    return std::string("not refused");
  };
  EXPECT_THAT(refused("sslrootcert=/nonexistent/root.crt"),
              AllOf(HasSubstr("sslrootcert: "), HasSubstr("/nonexistent/root.crt")));
  EXPECT_THAT(refused("sslrootcert=/dev/null"), HasSubstr("sslrootcert: "));
  EXPECT_THAT(refused("sslcert=/nonexistent/a.crt sslkey=/nonexistent/a.key"),
              HasSubstr("/nonexistent/a.crt"));
  EXPECT_THAT(refused("sslcertmode=require"), HasSubstr("sslcertmode: "));
  EXPECT_THAT(refused("sslcrl=/nonexistent/a.crl"), HasSubstr("sslcrl: "));
  EXPECT_THAT(refused("sslkeylogfile=/nonexistent/keys"), HasSubstr("sslkeylogfile: "));
  const std::string verify = with(offering(), "sslmode=verify-full sslrootcert=''");
  if (options_from(verify).tls.root_certificates.empty()) {
    EXPECT_THAT(failure(verify), HasSubstr("no certificates to trust are named"));
  }
}

// Far more than any buffer, both ways, and more records than one look at the socket reads.
TEST_F(TlsTest, MuchGoesThroughIt) {
  constexpr int rows = 20'000;
  const std::string text(500, 't');
  const auto body = [&](DBConnector& db) -> Task<std::int64_t> {
    co_await db.execute("CREATE TEMP TABLE much (id int4, text text)");
    CopyIn copy = co_await db.copy_in("much", columns("id", "text"));
    for (int i = 0; i < rows; ++i) co_await copy.row(i, text);
    EXPECT_EQ(co_await copy.finish(), std::uint64_t{rows});
    std::int64_t sum = 0;
    RowStream stream = co_await db.stream("SELECT id, text FROM much ORDER BY id");
    while (const auto row = co_await stream.next()) {
      sum += row->get<int>(0);
      EXPECT_EQ(row->get<std::string_view>(1).size(), text.size());
    }
    const Result whole = co_await db.execute("SELECT text FROM much");
    EXPECT_EQ(whole.size(), std::size_t{rows});
    co_return sum;
  };
  EXPECT_EQ(on(with(offering(), "sslmode=require"), body), std::int64_t{rows} * (rows - 1) / 2);
}

TEST_F(TlsTest, KeysAreLoggedWhereThatIsAsked) {
  std::string directory = ::testing::TempDir() + "keysXXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string path = directory + "/keys";
  EXPECT_EQ(encryption(with(offering(), "sslkeylogfile=" + path)), "TLSv1.3");
  std::ifstream file(path);
  const std::string log((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_THAT(log, HasSubstr("CLIENT_TRAFFIC_SECRET_0 "));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, mode_t{0600});
  ::unlink(path.c_str());
  ::rmdir(directory.c_str());
}

}  // namespace
}  // namespace pgreactor::integration
