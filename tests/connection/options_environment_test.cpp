#include "src/connection/options_environment.hpp"

#include <gmock/gmock.h>

#include <chrono>

#include "tests/connection/options_fixture.hpp"

namespace pgreactor {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(OptionsEnvironment, VariablesFillWhatTheStringLeavesOpen) {
  const FakeEnvironment environment{{{"PGHOST", "elsewhere"},
                                     {"PGPORT", "5433"},
                                     {"PGUSER", "app"},
                                     {"PGPASSWORD", "pw"},
                                     {"PGDATABASE", "shop"},
                                     {"PGAPPNAME", "web"},
                                     {"PGCONNECT_TIMEOUT", "7"}}};

  const auto options = ConnectionOptions::parse("postgresql://host/", environment);

  EXPECT_EQ(options.describe(), "host:5433/shop as app");
  EXPECT_EQ(options.password.reveal(), "pw");
  EXPECT_EQ(options.application_name, "web");
  EXPECT_EQ(options.connect_timeout, 7s);
}

TEST(OptionsEnvironment, TheStringWins) {
  const FakeEnvironment environment{{{"PGHOST", "elsewhere"}, {"PGUSER", "app"}}};
  const auto options = ConnectionOptions::parse("host=here user=me dbname=d", environment);
  EXPECT_EQ(options.describe(), "here:5432/d as me");
}

TEST(OptionsEnvironment, AnEmptyValueInTheStringStillHidesTheVariable) {
  const FakeEnvironment environment{{{"PGDATABASE", "shop"}, {"PGHOST", "elsewhere"}}};
  const auto options = ConnectionOptions::parse("dbname='' host=''", environment);
  EXPECT_EQ(options.describe(), "localhost:5432/login as login");
}

TEST(OptionsEnvironment, EmptyVariablesCountAsUnset) {
  const FakeEnvironment environment{{{"DATABASE_URL", ""},
                                     {"PGHOST", ""},
                                     {"PGPORT", ""},
                                     {"PGUSER", ""},
                                     {"PGSSLMODE", ""},
                                     {"PGCONNECT_TIMEOUT", ""}}};
  const auto options = ConnectionOptions::from_environment(environment);
  EXPECT_EQ(options.describe(), "localhost:5432/login as login");
  EXPECT_EQ(options.sslmode, SslMode::prefer);
}

TEST(OptionsEnvironment, DatabaseUrlComesBeforeTheVariables) {
  const FakeEnvironment environment{{{"DATABASE_URL", "postgresql://me:pw@url/db"},
                                     {"PGHOST", "elsewhere"},
                                     {"PGPASSWORD", "other"},
                                     {"PGPORT", "5433"}}};
  const auto options = ConnectionOptions::from_environment(environment);
  EXPECT_EQ(options.describe(), "url:5433/db as me");
  EXPECT_EQ(options.password.reveal(), "pw");
}

TEST(OptionsEnvironment, DatabaseUrlMayBeInKeyValueForm) {
  const FakeEnvironment environment{{{"DATABASE_URL", "host=url dbname='d b' user=me"}}};
  EXPECT_EQ(ConnectionOptions::from_environment(environment).describe(), "url:5432/d b as me");
}

TEST(OptionsEnvironment, DatabaseUrlIsNotMixedWithAStringThatWasGiven) {
  const FakeEnvironment environment{{{"DATABASE_URL", "postgresql://me:pw@url/db"}}};
  const auto options = ConnectionOptions::parse("postgresql://other", environment);
  EXPECT_EQ(options.describe(), "other:5432/login as login");
  EXPECT_TRUE(options.password.empty()) << "its password belongs to its host";
}

TEST(OptionsEnvironment, WithoutAnythingTheDefaultsAreLibpqs) {
  FakeEnvironment environment;
  EXPECT_EQ(ConnectionOptions::from_environment(environment).describe(),
            "localhost:5432/login as login");

  environment.paths = {"/tmp/.s.PGSQL.5432"};
  EXPECT_EQ(ConnectionOptions::from_environment(environment).servers[0].host, "/tmp");

  environment.paths.insert("/var/run/postgresql");
  EXPECT_EQ(ConnectionOptions::from_environment(environment).servers[0].socket_path(),
            "/var/run/postgresql/.s.PGSQL.5432");
}

TEST(OptionsEnvironment, AUserThatTheSystemDoesNotKnowMustBeNamed) {
  FakeEnvironment environment;
  environment.user.clear();
  EXPECT_THAT(parse_error("host=h", environment), HasSubstr("user: is not given"));
  EXPECT_EQ(ConnectionOptions::parse("host=h user=me", environment).database, "me");
}

TEST(OptionsEnvironment, AnErrorNamesTheVariable) {
  EXPECT_EQ(
      error_of([] {
        static_cast<void>(ConnectionOptions::from_environment(FakeEnvironment{{{"PGPORT", "x"}}}));
      }),
      "connection options: port (from PGPORT): must be an integer from 1 to 65535, or a list "
      "of these");
  EXPECT_THAT(error_of([] {
                static_cast<void>(ConnectionOptions::from_environment(
                    FakeEnvironment{{{"DATABASE_URL", "postgresql://["}}}));
              }),
              HasSubstr("DATABASE_URL: no \"]\""));
}

TEST(OptionsEnvironment, TheSwitchBeforeSslmodeStillCounts) {
  FakeEnvironment environment{{{"PGREQUIRESSL", "1"}}};
  EXPECT_EQ(ConnectionOptions::parse("host=h", environment).sslmode, SslMode::require);
  environment.variables["PGSSLMODE"] = "disable";
  EXPECT_EQ(ConnectionOptions::parse("host=h", environment).sslmode, SslMode::disable);
}

TEST(OptionsEnvironment, SessionSettingsHaveVariablesOfTheirOwn) {
  const FakeEnvironment environment{{{"PGTZ", "UTC"}, {"PGGEQO", "off"}, {"PGDATESTYLE", "SQL"}}};
  EXPECT_THAT(ConnectionOptions::parse("host=h", environment).session_settings,
              ElementsAre(Pair("TimeZone", "UTC"), Pair("geqo", "off")));
}

TEST(OptionsEnvironment, EveryVariableOfLibpqReachesItsKeyword) {
  for (const auto& keyword : conninfo::all_keywords()) {
    if (keyword.variable.empty()) continue;
    conninfo::Parameters parameters;
    conninfo::fill_from_variables(parameters,
                                  FakeEnvironment{{{std::string{keyword.variable}, "v"}}});
    ASSERT_EQ(parameters.entries().size(), 1u) << keyword.variable;
    EXPECT_EQ(parameters.entries()[0].keyword, &keyword);
    EXPECT_EQ(parameters.entries()[0].value.reveal(), "v");
  }
}

TEST(OptionsEnvironment, TheProcessHasAUserAndARootDirectory) {
  const Environment& process = process_environment();
  EXPECT_FALSE(process.user_name().empty());
  EXPECT_TRUE(process.exists("/"));
  EXPECT_FALSE(process.exists("/no/such/path"));
  EXPECT_FALSE(process.variable("PGREACTOR_NO_SUCH_VARIABLE"));
}

}  // namespace
}  // namespace pgreactor
