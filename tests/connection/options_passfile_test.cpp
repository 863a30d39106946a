#include "src/connection/options_passfile.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/connection/options_fixture.hpp"

namespace pgreactor {
namespace {

using testing::HasSubstr;

/// The password found for host h, port 1, database d, user u; "no password" when there is none.
std::string found_in(std::string_view content) {
  const auto found = conninfo::find_password(content, {"h", "1", "d", "u"});
  return found ? std::string{found->reveal()} : "no password";
}

TEST(Passfile, TheFirstLineThatMatchesWins) {
  EXPECT_EQ(found_in("h:1:d:u:first\nh:1:d:u:second\n"), "first");
  EXPECT_EQ(found_in("x:1:d:u:no\n*:*:*:*:any\nh:1:d:u:exact"), "any");
}

TEST(Passfile, EachFieldMustMatchAsAWholeOrBeAStar) {
  for (const auto* line : {"h:1:d:u:pw", "*:1:d:u:pw", "h:*:d:u:pw", "h:1:*:u:pw", "h:1:d:*:pw"})
    EXPECT_EQ(found_in(line), "pw") << line;
  for (const auto* line : {"x:1:d:u:pw", "h:2:d:u:pw", "h:1:x:u:pw", "h:1:d:x:pw", "hh:1:d:u:pw",
                           ":1:d:u:pw", "H:1:d:u:pw", "**:1:d:u:pw", "h*:1:d:u:pw", " h:1:d:u:pw"})
    EXPECT_EQ(found_in(line), "no password") << line;
}

TEST(Passfile, CommentsEmptyAndShortLinesAreSkipped) {
  EXPECT_EQ(found_in("#h:1:d:u:comment\n\n\r\nh\nh:1\nh:1:d\nh:1:d:u\nh:1:d:u:pw"), "pw");
  EXPECT_EQ(found_in(""), "no password");
  EXPECT_EQ(found_in("\n\n"), "no password");
}

TEST(Passfile, LineEndsOfEitherKindAreDropped) {
  EXPECT_EQ(found_in("h:1:d:u:pw\r\n"), "pw");
  EXPECT_EQ(found_in("h:1:d:u: pw \n"), " pw ");
  EXPECT_EQ(found_in("h:1:d:u:\n"), "");
}

TEST(Passfile, ABackslashMakesTheNextByteData) {
  EXPECT_EQ(found_in(R"(h:1:d:u:a\:b\\c\d)"), R"(a:b\cd)");
  EXPECT_EQ(found_in(R"(h:1:d:u:ends\)"), R"(ends\)");
  EXPECT_EQ(found_in("h:1:d:u:pw:what follows"), "pw");
  EXPECT_EQ(found_in(R"(\h:1:d:\u:pw)"), "pw");
  EXPECT_EQ(found_in(R"(h\)"), "no password");

  const auto found =
      conninfo::find_password(R"(\:\:1:1:d\\b:*:pw)", {"::1", "1", R"(d\b)", "anybody"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->reveal(), "pw");
}

// Requirement: A13
TEST(Passfile, AServerIsLookedUpByHostElseAddressElseLocalhost) {
  EXPECT_EQ(conninfo::passfile_host({"db", "10.0.0.1", 1}), "db");
  EXPECT_EQ(conninfo::passfile_host({"", "10.0.0.1", 1}), "10.0.0.1");
  EXPECT_EQ(conninfo::passfile_host({"", "", 1}), "localhost");
  EXPECT_EQ(conninfo::passfile_host({"/var/run/postgresql", 1}), "localhost");
  EXPECT_EQ(conninfo::passfile_host({"/tmp", 1}), "localhost");
  EXPECT_EQ(conninfo::passfile_host({"/srv/socket", 1}), "/srv/socket");
}

TEST(Passfile, ADefaultSocketDirectoryMayBeNamedItself) {
  const conninfo::PassfileQuery query{"localhost", "1", "d", "u", "/tmp"};
  for (const auto* line : {"/tmp:1:d:u:pw", "localhost:1:d:u:pw"}) {
    const auto found = conninfo::find_password(line, query);
    ASSERT_TRUE(found) << line;
    EXPECT_EQ(found->reveal(), "pw");
  }
  EXPECT_FALSE(conninfo::find_password("/var/run/postgresql:1:d:u:pw", query));
  EXPECT_EQ(found_in(":1:d:u:pw"), "no password");
}

/// A directory that ends with the test, as the home of its user.
class PassfileOnDisk : public testing::Test {
 protected:
  PassfileOnDisk() {
    std::string name = std::filesystem::temp_directory_path() / "pgreactor-passfile-XXXXXX";
    environment_.home = mkdtemp(name.data());
  }
  ~PassfileOnDisk() override { std::filesystem::remove_all(environment_.home); }

  std::string path() const { return environment_.home + "/.pgpass"; }

  void write(std::string_view content, mode_t mode = 0600) const {
    std::ofstream{path(), std::ios::binary} << content;
    ASSERT_EQ(chmod(path().c_str(), mode), 0);
  }
  std::string problem() const { return conninfo::read_passfile(path()).problem; }

  FakeEnvironment environment_;
};

// Requirement: A13
TEST_F(PassfileOnDisk, EachServerGetsItsOwnPassword) {
  write("a:*:d:u:for a\nb:5433:*:*:for b\nb:*:*:*:wrong port\n");

  const auto options =
      ConnectionOptions::parse("postgresql://u@a:5432,b:5433,c:5434/d", environment_);

  ASSERT_EQ(options.servers.size(), 3u);
  EXPECT_EQ(options.password_for(options.servers[0]).reveal(), "for a");
  EXPECT_EQ(options.password_for(options.servers[1]).reveal(), "for b");
  EXPECT_TRUE(options.password_for(options.servers[2]).empty());
  EXPECT_EQ(options.passfile, path());
  EXPECT_EQ(options.passfile_problem, "");
}

TEST_F(PassfileOnDisk, ALineOfASocketDirectoryServesItsServer) {
  write("/tmp:*:d:u:by directory\nlocalhost:*:d:u:by name\n");
  const auto options = ConnectionOptions::parse(
      "host=/tmp,/var/run/postgresql,localhost dbname=d user=u", environment_);
  ASSERT_EQ(options.servers.size(), 3u);
  EXPECT_EQ(options.password_for(options.servers[0]).reveal(), "by directory");
  EXPECT_EQ(options.password_for(options.servers[1]).reveal(), "by name");
  EXPECT_EQ(options.password_for(options.servers[2]).reveal(), "by name");
}

TEST_F(PassfileOnDisk, AGivenPasswordWinsAndTheFileIsNotRead) {
  write("*:*:*:*:from the file\n", 0644);
  const auto options = ConnectionOptions::parse("postgresql://u:given@a", environment_);
  EXPECT_EQ(options.password_for(options.servers[0]).reveal(), "given");
  EXPECT_EQ(options.passfile, "");
  EXPECT_EQ(options.passfile_problem, "");
}

TEST_F(PassfileOnDisk, TheStringTheVariableAndTheHomeNameTheFileInThisOrder) {
  write("*:*:*:*:pw\n");
  const auto home = path();
  environment_.variables["PGPASSFILE"] = "/no/such/variable";
  EXPECT_EQ(ConnectionOptions::parse("host=h", environment_).passfile, "/no/such/variable");
  const auto options = ConnectionOptions::parse("host=h passfile='" + home + "'", environment_);
  EXPECT_EQ(options.password_for(options.servers[0]).reveal(), "pw");
}

// Requirement: A16
TEST_F(PassfileOnDisk, AFileThatOthersCanOpenIsIgnoredAndTheReasonKept) {
  for (const mode_t mode : {0600u, 0400u, 0700u}) {
    write("*:*:*:*:pw\n", mode);
    EXPECT_EQ(problem(), "") << std::oct << mode;
  }
  for (const mode_t mode : {0640u, 0604u, 0644u, 0620u, 0602u, 0610u, 0601u, 0666u}) {
    write("*:*:*:*:pw\n", mode);
    const auto options = ConnectionOptions::parse("host=h", environment_);
    EXPECT_TRUE(options.password_for(options.servers[0]).empty()) << std::oct << mode;
    EXPECT_THAT(options.passfile_problem, HasSubstr("its mode should be 0600 or less"));
    ASSERT_EQ(chmod(path().c_str(), 0600), 0);
  }
}

// Requirement: A16
TEST_F(PassfileOnDisk, OnlyARegularFileIsRead) {
  std::filesystem::create_directory(path());
  EXPECT_EQ(problem(), "is not a regular file");
  std::filesystem::remove(path());

  ASSERT_EQ(mkfifo(path().c_str(), 0600), 0);
  EXPECT_EQ(problem(), "is not a regular file");
  std::filesystem::remove(path());

  EXPECT_EQ(problem(), "") << "a missing file is the usual case";

  std::ofstream{environment_.home + "/target"} << "*:*:*:*:pw\n";
  ASSERT_EQ(chmod((environment_.home + "/target").c_str(), 0600), 0);
  std::filesystem::create_symlink(environment_.home + "/target", path());
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(conninfo::read_passfile(path()).content.reveal(), "*:*:*:*:pw\n");
}

TEST_F(PassfileOnDisk, APasswordThatNoMessageCanCarryIsNotRead) {
  write(std::string("*:*:*:*:p\0w\n", 13));
  EXPECT_EQ(problem(), "contains a NUL byte");
}

TEST_F(PassfileOnDisk, TheSizeIsBounded) {
  const std::size_t limit = std::size_t{1} << 20;
  write(std::string(limit, '#'));
  EXPECT_EQ(problem(), "");
  write(std::string(limit + 1, '#'));
  EXPECT_EQ(problem(), "is larger than 1 MiB");
}

}  // namespace
}  // namespace pgreactor
