#include <gmock/gmock.h>
#include <sys/shm.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <utility>

#include "src/testing/postmaster_file.hpp"
#include "src/testing/server_directory.hpp"
#include "tests/testing/server_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using pgreactor::Secret;
using pgreactor::testing::Authentication;
using pgreactor::testing::ServerSetupError;
using pgreactor::testing::StopMode;
using pgreactor::testing::ThrowawayServer;
using pgreactor::testing::ThrowawayServerOptions;
using pgreactor::testing::TlsOffer;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Clock = std::chrono::steady_clock;

std::int64_t ms_since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
}

/// Logs in with psql and gives what the statement prints, or psql's complaint.
std::string psql(const std::string& program, const std::string& uri, const std::string& sql) {
  pgreactor::Reactor reactor;
  pgreactor::net::ChildOptions options(program);
  options.arguments("-XAtw", "-c", sql, uri).variable("PATH", "/usr/bin:/bin").directory("/");
  options.variable("PGCONNECT_TIMEOUT", "10");
  const auto result = reactor.run(pgreactor::net::run_child(options));
  return result.exit.succeeded() ? result.output : result.error_output;
}

using ThrowawayServerTest = ServerTest;

TEST_F(ThrowawayServerTest, AnswersOnItsSocketAsSoonAsItIsMade) {
  {
    const ThrowawayServer makes_the_template;
  }
  const auto begin = Clock::now();
  ThrowawayServer server;
  const auto started_ms = ms_since(begin);
  std::printf("  started in %d ms\n", static_cast<int>(started_ms));
  RecordProperty("started_ms", static_cast<int>(started_ms));
  EXPECT_LT(started_ms, 10'000);

  EXPECT_EQ(ask(server, "select current_user || ' ' || current_database()"), "postgres postgres");
  EXPECT_THAT(server.uri(), AllOf(StartsWith("postgresql://postgres@/postgres?host=%2F"),
                                  HasSubstr("&port=5432")));
  EXPECT_THROW(static_cast<void>(server.uri_tcp()), ServerSetupError);
  EXPECT_THAT(server.log(), HasSubstr("database system is ready to accept connections"));
}

TEST_F(ThrowawayServerTest, HasThePromisedSettings) {
  const ThrowawayServer server;
  EXPECT_EQ(ask(server, "show server_encoding"), "UTF8");
  EXPECT_EQ(ask(server, "show timezone"), "UTC");
  EXPECT_EQ(ask(server, "show max_connections"), "50");
  EXPECT_EQ(ask(server, "show fsync"), "off");
  EXPECT_EQ(ask(server, "show listen_addresses"), "");
  EXPECT_EQ(ask(server, "show dynamic_shared_memory_type"), "mmap");
}

TEST_F(ThrowawayServerTest, TakesSettings) {
  const ThrowawayServer server(ThrowawayServerOptions()
                                   .setting("max_connections", "17")
                                   .setting("my.text", "it's \"a\" \\ backslash"));
  EXPECT_EQ(ask(server, "show max_connections"), "17");
  EXPECT_EQ(ask(server, "show my.text"), "it's \"a\" \\ backslash");
}

TEST_F(ThrowawayServerTest, IsPrivateToItsUser) {
  const ThrowawayServer server;
  struct stat file{};
  ASSERT_EQ(::stat(server.socket_directory().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0700U);
  EXPECT_EQ(file.st_uid, pgreactor::testing::server_account().uid);
  EXPECT_NE(file.st_uid, 0U);
}

TEST_F(ThrowawayServerTest, ListensOnAFreePort) {
  const ThrowawayServer server(ThrowawayServerOptions().unix_socket(false).tcp());
  EXPECT_EQ(server.uri(), server.uri_tcp());
  RawClient client("127.0.0.1", server.port());
  EXPECT_EQ(client.start("postgres", "postgres"), "R0");
  EXPECT_EQ(client.query("select inet_server_port()"), std::to_string(server.port()));
  EXPECT_FALSE(RawClient(server.socket_directory(), server.port()).connected());
}

TEST_F(ThrowawayServerTest, TwoRunAtOnce) {
  const ThrowawayServer one(ThrowawayServerOptions().tcp());
  const ThrowawayServer two(ThrowawayServerOptions().tcp());
  EXPECT_NE(one.port(), two.port());
  EXPECT_EQ(ask(one, "create table only_here (id int)"), "");
  EXPECT_EQ(ask(two, "select to_regclass('only_here') is null"), "t");
}

TEST_F(ThrowawayServerTest, MakesTheUserAndTheDatabase) {
  const ThrowawayServer server(ThrowawayServerOptions().user("Jane \"J\"").database("it's new"));
  RawClient client(server.socket_directory(), server.port());
  EXPECT_EQ(client.start("Jane \"J\"", "it's new"), "R0");
  EXPECT_EQ(client.query("select current_user || ',' || current_database()"),
            "Jane \"J\",it's new");
  EXPECT_EQ(client.query("show is_superuser"), "on");
}

class AuthenticationTest : public ServerTest,
                           public ::testing::WithParamInterface<std::pair<Authentication, int>> {};

TEST_P(AuthenticationTest, AsksForThePasswordAndTakesTheRightOneOnly) {
  const auto [method, code] = GetParam();
  const ThrowawayServer server(ThrowawayServerOptions()
                                   .authentication(method)
                                   .user("jane")
                                   .password(Secret("s3cret '%\\"))
                                   .tcp());
  RawClient client(server.socket_directory(), server.port());
  EXPECT_EQ(client.start("jane", "postgres"), "R" + std::to_string(code));

  if (psql_program().empty()) GTEST_SKIP() << "psql is not installed";
  EXPECT_EQ(psql(psql_program(), server.uri(), "select current_user"), "jane\n");
  EXPECT_EQ(psql(psql_program(), server.uri_tcp(), "select current_user"), "jane\n");
  std::string wrong = server.uri_tcp();
  wrong.replace(wrong.find("s3cret"), 6, "guess");
  EXPECT_THAT(psql(psql_program(), wrong, "select 1"), HasSubstr("password authentication failed"));
  EXPECT_THAT(server.log(), Not(HasSubstr("s3cret")));
}

// The codes of AuthenticationSASL, AuthenticationMD5Password and AuthenticationCleartextPassword.
INSTANTIATE_TEST_SUITE_P(Methods, AuthenticationTest,
                         ::testing::Values(std::pair(Authentication::scram_sha_256, 10),
                                           std::pair(Authentication::md5, 5),
                                           std::pair(Authentication::password, 3)));

TEST_F(ThrowawayServerTest, SpeaksTls) {
  if (pgreactor::testing::find_in_path("openssl").empty()) GTEST_SKIP() << "openssl is missing";
  const ThrowawayServer server(ThrowawayServerOptions().tcp().tls());
  EXPECT_EQ(RawClient("127.0.0.1", server.port()).ask_for_tls(), 'S');
  EXPECT_EQ(RawClient("127.0.0.1", server.port()).start("postgres", "postgres"), "R0");

  if (psql_program().empty()) GTEST_SKIP() << "psql is not installed";
  std::ifstream readable(server.certificate_file());
  if (!readable) GTEST_SKIP() << "only root and the server's user can read the certificate";
  const std::string verified =
      server.uri_tcp() + "?sslmode=verify-ca&sslrootcert=" + server.certificate_file();
  EXPECT_EQ(
      psql(psql_program(), verified, "select ssl from pg_stat_ssl where pid = pg_backend_pid()"),
      "t\n");
}

TEST_F(ThrowawayServerTest, RequiresTlsOnRequest) {
  if (pgreactor::testing::find_in_path("openssl").empty()) GTEST_SKIP() << "openssl is missing";
  const ThrowawayServer server(ThrowawayServerOptions().tcp().tls(TlsOffer::required));
  EXPECT_THAT(RawClient("127.0.0.1", server.port()).start("postgres", "postgres"),
              AnyOf(HasSubstr("no encryption"), HasSubstr("SSL off")));  // 13 says the latter
}

TEST_F(ThrowawayServerTest, TakesACertificateAndTheRootsOfItsClients) {
  if (pgreactor::testing::find_in_path("openssl").empty()) GTEST_SKIP() << "openssl is missing";
  const ThrowawayServer maker(ThrowawayServerOptions().tcp().tls());
  const std::string certificate = maker.certificate_file();
  const std::string key = certificate.substr(0, certificate.rfind('.')) + ".key";
  const auto content = [](const std::string& path) {
    std::ifstream file(path);
    return std::string((std::istreambuf_iterator<char>(file)), {});
  };
  if (content(key).empty()) GTEST_SKIP() << "only root and the server's user can read the key";

  const ThrowawayServer server(ThrowawayServerOptions()
                                   .tcp()
                                   .tls()
                                   .tls_certificate(certificate, key)
                                   .tls_client_roots(certificate));
  EXPECT_EQ(content(server.certificate_file()), content(certificate));
  EXPECT_EQ(RawClient("127.0.0.1", server.port()).ask_for_tls(), 'S');
  EXPECT_EQ(ask(server, "show ssl_ca_file"), server.socket_directory() + "/clients.crt");
  if (psql_program().empty()) GTEST_SKIP() << "psql is not installed";
  EXPECT_EQ(psql(psql_program(),
                 server.uri_tcp() + "?sslmode=verify-ca&sslrootcert=" + certificate +
                     "&sslcert=" + certificate + "&sslkey=" + key,
                 "select client_dn from pg_stat_ssl where pid = pg_backend_pid()"),
            "/CN=localhost\n");
}

TEST_F(ThrowawayServerTest, ACertificateThatCannotBeReadIsToldByName) {
  try {
    const ThrowawayServer server(
        ThrowawayServerOptions().tcp().tls().tls_certificate("/no/such.crt", "/no/such.key"));
    FAIL() << "it started";
  } catch (const ServerSetupError& error) {
    EXPECT_EQ(error.reason(), ServerSetupError::Reason::bad_option);
    EXPECT_THAT(error.what(), HasSubstr("/no/such.crt"));
  }
  EXPECT_THAT(temporary().names("pgreactor-server-"), IsEmpty());
}

TEST_F(ThrowawayServerTest, KeepsDataAndAddressOverARestart) {
  ThrowawayServer server(ThrowawayServerOptions().tcp());
  EXPECT_EQ(ask(server, "create table kept as select 42 as n"), "");
  const std::string uri = server.uri_tcp();
  const pid_t before = server.pid();

  server.restart();

  EXPECT_EQ(server.uri_tcp(), uri);
  EXPECT_NE(server.pid(), before);
  EXPECT_EQ(ask(server, "select n from kept"), "42");
}

TEST_F(ThrowawayServerTest, StopsInEveryMode) {
  ThrowawayServer server;
  for (const StopMode mode : {StopMode::smart, StopMode::fast, StopMode::immediate}) {
    server.stop(mode);
    EXPECT_FALSE(server.running());
    EXPECT_FALSE(RawClient(server.socket_directory(), server.port()).connected());
    server.stop(mode);  // again, without effect
    server.restart();
    EXPECT_EQ(ask(server, "select 1"), "1");
  }
}

TEST_F(ThrowawayServerTest, RecoversFromACrash) {
  ThrowawayServer server;
  EXPECT_EQ(ask(server, "create table kept as select 42 as n"), "");
  RawClient connected(server.socket_directory(), server.port());
  EXPECT_EQ(connected.start("postgres", "postgres"), "R0");

  server.kill(SIGKILL);
  EXPECT_EQ(server.pid(), 0);
  server.restart();

  EXPECT_EQ(ask(server, "select n from kept"), "42");
  EXPECT_THAT(server.log(), HasSubstr("not properly shut down"));
}

TEST_F(ThrowawayServerTest, ASignalReachesThePostmaster) {
  ThrowawayServer server;
  server.kill(SIGHUP);
  const auto deadline = Clock::now() + 10s;
  while (server.log().find("reloading configuration") == std::string::npos &&
         Clock::now() < deadline)
    ::usleep(10'000);
  EXPECT_THAT(server.log(), HasSubstr("received SIGHUP, reloading configuration files"));
  EXPECT_TRUE(server.running());
}

TEST_F(ThrowawayServerTest, LeavesNothingBehind) {
  pid_t pid = 0;
  {
    ThrowawayServer server;
    pid = server.pid();
    EXPECT_EQ(temporary().names("pgreactor-server-").size(), 1U);
  }
  EXPECT_THAT(temporary().names("pgreactor-server-"), IsEmpty());
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);  // neither server nor guard
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(ThrowawayServerTest, LeavesNothingBehindAfterACrashOrWhileFrozen) {
  int segment = -1;
  {
    ThrowawayServer crashed;
    const auto file = pgreactor::testing::read_postmaster_file(crashed.data_directory());
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->pid, crashed.pid());
    segment = file->shared_memory_id;
    shmid_ds state{};
    EXPECT_EQ(::shmctl(segment, IPC_STAT, &state), 0);
    crashed.kill(SIGKILL);
  }
  shmid_ds state{};
  EXPECT_EQ(::shmctl(segment, IPC_STAT, &state), -1);

  const auto begin = Clock::now();
  {
    ThrowawayServer frozen;
    frozen.kill(SIGSTOP);
  }
  EXPECT_LT(Clock::now() - begin, 10s);
  EXPECT_THAT(temporary().names("pgreactor-server-"), IsEmpty());
}

TEST_F(ThrowawayServerTest, IsStoppedWhenItIsReplaced) {
  ThrowawayServer server;
  const std::string first = server.socket_directory();
  server = ThrowawayServer();
  EXPECT_FALSE(exists(first));
  EXPECT_EQ(ask(server, "select 1"), "1");
  const ThrowawayServer moved(std::move(server));
  EXPECT_EQ(ask(moved, "select 1"), "1");
}

TEST_F(ThrowawayServerTest, AForkedChildDoesNotStopIt) {
  ThrowawayServer server;
  const pid_t child = ::fork();
  if (child == 0) {
    {
      const ThrowawayServer destroyed(std::move(server));
    }
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(ask(server, "select 1"), "1");
}

TEST_F(ThrowawayServerTest, ABrokenSettingIsAnErrorWithTheServersWords) {
  try {
    const ThrowawayServer server(ThrowawayServerOptions().setting("no_such_setting", "1"));
    FAIL() << "it started";
  } catch (const ServerSetupError& error) {
    EXPECT_EQ(error.reason(), ServerSetupError::Reason::failed);
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("did not start: exit status 1"), HasSubstr("\"no_such_setting\"")));
  }
  EXPECT_THAT(temporary().names("pgreactor-server-"), IsEmpty());
}

TEST_F(ThrowawayServerTest, AStartHasADeadline) {
  const auto begin = Clock::now();
  try {
    const ThrowawayServer server(ThrowawayServerOptions().start_timeout(20ms));
    FAIL() << "it started";
  } catch (const ServerSetupError& error) {
    EXPECT_THAT(error.what(), HasSubstr("after 20 ms"));
  }
  EXPECT_LT(Clock::now() - begin, 20s);
  EXPECT_THAT(temporary().names("pgreactor-server-"), IsEmpty());
}

// An installation whose programs note which libraries they were given and then run the real ones.
class WatchedInstallation {
 public:
  WatchedInstallation(std::string path, const pgreactor::testing::ServerPrograms& real)
      : path_(std::move(path)) {
    std::filesystem::create_directories(path_ + "/bin");
    for (const char* name : {"postgres", "initdb"}) {
      const std::string program = path_ + "/bin/" + name;
      std::ofstream(program) << "#!/bin/sh\n"
                             << "echo \"" << name << " $LD_LIBRARY_PATH\" >>" << path_ << ".seen\n"
                             << "export LD_LIBRARY_PATH=" << real.libraries << "\n"
                             << "exec " << real.directory << "/" << name << " \"$@\"\n";
      ::chmod(program.c_str(), 0755);
    }
  }
  const std::string& path() const noexcept { return path_; }
  /// "PROGRAM LIBRARIES", a line for each start of a program.
  std::vector<std::string> seen() const {
    std::vector<std::string> lines;
    std::ifstream file(path_ + ".seen");
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

 private:
  std::string path_;
};

TEST_F(ThrowawayServerTest, AnInstallationIsRunWithItsOwnLibraries) {
  const WatchedInstallation installation(temporary().path() + "/unpacked", programs_);
  const ThrowawayServer server(ThrowawayServerOptions().installation(installation.path()));
  EXPECT_EQ(ask(server, "select 1"), "1");
  const std::string given = " " + installation.path() + "/lib";
  EXPECT_THAT(installation.seen(), Contains("initdb" + given));
  EXPECT_THAT(installation.seen(), Each(AnyOf("initdb" + given, "postgres" + given)));
}

TEST_F(ThrowawayServerTest, AnInstallationThatAVariableNamesIsTaken) {
  const WatchedInstallation installation(temporary().path() + "/named", programs_);
  const ScopedVariable names("PGREACTOR_PG_INSTALLATION", installation.path());
  {
    const ThrowawayServer server;
    EXPECT_EQ(ask(server, "select 1"), "1");
    EXPECT_THAT(installation.seen(), Not(IsEmpty()));
  }
  const auto seen = installation.seen().size();
  const ThrowawayServer asked_for_another(ThrowawayServerOptions().installation(
      WatchedInstallation(temporary().path() + "/other", programs_).path()));
  EXPECT_EQ(installation.seen().size(), seen);
}

TEST(ThrowawayServerPrograms, AMissingDirectoryIsToldWithThePackageToInstall) {
  const auto refused = [](const ThrowawayServerOptions& options) -> std::string {
    try {
      const ThrowawayServer server(options);
      return "it started";
    } catch (const ServerSetupError& error) {
      EXPECT_EQ(error.reason(), ServerSetupError::Reason::not_installed);
      return error.what();
    }
  };
  EXPECT_THAT(refused(ThrowawayServerOptions().program_directory("/does/not/exist")),
              AllOf(HasSubstr("/does/not/exist"), HasSubstr("install the package postgresql")));
  EXPECT_THAT(refused(ThrowawayServerOptions().installation("/does/not/exist")),
              HasSubstr("the given directory /does/not/exist/bin"));
  const ScopedVariable no_installation("PGREACTOR_PG_INSTALLATION", "");
  {
    const ScopedVariable names("PGREACTOR_PG_BINDIR", "/nor/does/this");
    EXPECT_THAT(refused(ThrowawayServerOptions()),
                HasSubstr("$PGREACTOR_PG_BINDIR /nor/does/this"));
  }
  const ScopedVariable names("PGREACTOR_PG_INSTALLATION", "/nor/this");
  EXPECT_THAT(refused(ThrowawayServerOptions()),
              HasSubstr("$PGREACTOR_PG_INSTALLATION /nor/this/bin"));
}

TEST(ThrowawayServerDirectory, FallsBackToTmpWhereASocketWouldNotFit) {
  const PrivateTemporary temporary;
  const auto account = pgreactor::testing::server_account();
  EXPECT_EQ(pgreactor::testing::base_directory(account), temporary.path());
  const std::string deep = temporary.path() + "/" + std::string(60, 'd');
  ASSERT_EQ(::mkdir(deep.c_str(), 0777), 0);
  ::chmod(deep.c_str(), 0777);
  ::setenv("TMPDIR", deep.c_str(), 1);
  EXPECT_EQ(pgreactor::testing::base_directory(account), "/tmp");
}

TEST(ThrowawayServerDirectory, FallsBackToTmpWhereTheServersUserMayNotGo) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const PrivateTemporary temporary;
  ::chmod(temporary.path().c_str(), 0700);
  EXPECT_EQ(pgreactor::testing::base_directory(pgreactor::testing::server_account()), "/tmp");
}

}  // namespace
