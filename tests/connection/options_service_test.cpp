#include "src/connection/options_service.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/connection/options_fixture.hpp"

namespace pgreactor {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// What the section [s] of the text assigns; "there is none" when there is none.
std::string section(std::string_view text, conninfo::Parameters given = {}) {
  std::string list;
  try {
    if (!conninfo::read_service(text, "s", {"the test", "/x/services"}, given))
      return "there is none";
  } catch (const ConfigurationError& error) {
    EXPECT_EQ(error.parameter(), "service");
    return error.what();
  }
  for (const auto& entry : given.entries())
    list.append(entry.keyword->name)
        .append("=")
        .append(entry.value.reveal())
        .append(entry.origin == "the service file" ? ";" : "!");
  return list;
}

TEST(ServiceFile, ASectionEndsWhereTheNextBegins) {
  EXPECT_EQ(section("[s]\nhost=a\nport=1\n[t]\nuser=b\n"), "host=a;port=1;");
  EXPECT_EQ(section("host=x\n[t]\nhost=y\n[s]\nhost=a"), "host=a;");
  EXPECT_EQ(section("[s]\nhost=a\n[s]\nuser=b\n"), "host=a;") << "the first of that name";
  EXPECT_EQ(section("[s]\n"), "");
  EXPECT_EQ(section("[t]\nhost=a\n"), "there is none");
  EXPECT_EQ(section("[ss]\n[S]\n[ s]\n[s\n"), "there is none");
  EXPECT_EQ(section(""), "there is none");
  EXPECT_EQ(section("[s] of no account\nhost=a"), "host=a;") << "as libpq";
}

TEST(ServiceFile, WhiteSpaceAroundALineAndCommentsAreDropped) {
  EXPECT_EQ(section("\xA0[s]"), "there is none");
  EXPECT_EQ(section("  \t[s]\r\n\n \v# host=x\n#host=y\n\f host=a \t\r\n"), "host=a;");
  EXPECT_EQ(section("[s]\napplication_name= a = b # c"), "application_name= a = b # c;");
  EXPECT_EQ(section("[s]\nuser="), "user=;");
}

TEST(ServiceFile, WhatWasGivenAlreadyWinsAndSoDoesTheFirstLine) {
  conninfo::Parameters given;
  ASSERT_TRUE(given.assign("host", "given", "the test"));
  EXPECT_EQ(section("[s]\nhost=a\nuser=first\nuser=second\n", given), "host=given!user=first;");
}

TEST(ServiceFile, ALineThatIsWrongIsNamedWithItsFile) {
  const std::string where =
      "connection options: service (from the test): \"/x/services\", line 3: ";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"host", "has no \"=\""},
      {"S3CR3T=x", "its parameter is unknown"},
      {"hots=x", "its parameter is unknown; did you mean \"host\"?"},
      {"host =x", "its parameter is unknown; no white space may stand before the \"=\""},
      {"=x", "its parameter is unknown"},
      {"requiressl=1", "its parameter is unknown"},
      {"service=other", "a service cannot refer to another"},
      {"servicefile=other", "a service cannot refer to another"},
      {"ldap://ldap.example.com/dc=x?y?z", "asks an LDAP server, which is not supported"},
      {std::string(1022, 'x'), "is longer than 1022 bytes"},
  };
  for (const auto& [line, reason] : cases) {
    const std::string message = section("[s]\nhost=a\n" + line + "\nuser=b\n");
    EXPECT_THAT(message, HasSubstr(where + reason)) << line;
    EXPECT_THAT(message, Not(HasSubstr("S3CR3T")));
    if (line.size() < 1000) {
      EXPECT_EQ(section("[t]\n" + line + "\n[s]\nhost=a"), "host=a;") << "of another service";
    }
  }
  EXPECT_EQ(section("[s]\nuser=" + std::string(1016, 'x') + "\n"),
            "user=" + std::string(1016, 'x') + ";");
}

/// A home with a service file, and no other in the world.
class ServiceOnDisk : public testing::Test {
 protected:
  ServiceOnDisk() {
    std::string name = std::filesystem::temp_directory_path() / "pgreactor-service-XXXXXX";
    environment_.home = mkdtemp(name.data());
  }
  ~ServiceOnDisk() override { std::filesystem::remove_all(environment_.home); }

  std::string write(const std::string& name, std::string_view content) {
    const std::string path = environment_.home + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream{path, std::ios::binary} << content;
    environment_.paths.insert(path);
    return path;
  }
  std::string connects_to(std::string_view text) const {
    return ConnectionOptions::parse(text, environment_).describe();
  }

  FakeEnvironment environment_;
};

TEST_F(ServiceOnDisk, StandsBetweenTheStringAndTheVariables) {
  write(".pg_service.conf", "[prod]\nhost=service\ndbname=shop\nuser=app\n");
  environment_.variables = {{"PGHOST", "variable"}, {"PGPORT", "5433"}, {"PGUSER", "variable"}};
  EXPECT_EQ(connects_to("service=prod"), "service:5433/shop as app");
  EXPECT_EQ(connects_to("service=prod user=me"), "service:5433/shop as me");
  EXPECT_EQ(connects_to("postgresql://me@/?service=prod"), "service:5433/shop as me");
  EXPECT_EQ(connects_to("service=''"), "variable:5433/variable as variable");
  environment_.variables["PGSERVICE"] = "prod";
  EXPECT_EQ(connects_to("host=h"), "h:5433/shop as app");
  EXPECT_EQ(connects_to("service=''"), "variable:5433/variable as variable");
}

TEST_F(ServiceOnDisk, TheUsersFileComesBeforeTheSystems) {
  environment_.variables = {{"PGSYSCONFDIR", environment_.home + "/etc"}};
  write("etc/pg_service.conf", "[s]\nhost=system\n[only]\nhost=only\n");
  EXPECT_EQ(connects_to("service=s"), "system:5432/login as login");
  write(".pg_service.conf", "[s]\nhost=user\n");
  EXPECT_EQ(connects_to("service=s"), "user:5432/login as login");
  EXPECT_EQ(connects_to("service=only"), "only:5432/login as login");

  const std::string named = write("named", "[s]\nhost=named\n");
  EXPECT_EQ(connects_to("service=s servicefile=" + named), "named:5432/login as login");
  environment_.variables["PGSERVICEFILE"] = named;
  EXPECT_EQ(connects_to("service=s"), "named:5432/login as login");
  EXPECT_EQ(connects_to("service=only"), "only:5432/login as login");
}

TEST_F(ServiceOnDisk, WhatIsNotFoundIsAnError) {
  EXPECT_EQ(parse_error("service=S3CR3T", environment_),
            "connection options: service (from the connection string): there is no service file");
  environment_.variables = {{"PGSERVICE", "t"}};
  write(".pg_service.conf", "[s]\nhost=h\n");
  EXPECT_EQ(parse_error("", environment_),
            "connection options: service (from PGSERVICE): no section of this name in any service "
            "file");
  EXPECT_EQ(parse_error("servicefile=/S3CR3T", environment_),
            "connection options: servicefile (from the connection string): names a file that does "
            "not exist");
  environment_.variables["PGSERVICEFILE"] = environment_.home;
  environment_.paths.insert(environment_.home);
  EXPECT_THAT(parse_error("", environment_), HasSubstr("is not a regular file"));
}

TEST_F(ServiceOnDisk, AValueThatIsWrongNamesItsOrigin) {
  const auto path = write(".pg_service.conf", "[s]\nport=S3CR3T\n\n[t]\nport\n");
  EXPECT_EQ(parse_error("service=s", environment_),
            "connection options: port (from the service file): must be an integer from 1 to 65535, "
            "or a list of these");
  EXPECT_THAT(parse_error("service=t", environment_),
              AllOf(HasSubstr("\"" + path + "\", line 5: has no")));
}

TEST_F(ServiceOnDisk, APasswordOfItIsOne) {
  write(".pg_service.conf", "[s]\npassword=from the service\n");
  EXPECT_EQ(ConnectionOptions::parse("service=s", environment_).password.reveal(),
            "from the service");
}

}  // namespace
}  // namespace pgreactor
