#include "tests/integration/database_fixture.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "tests/connection/options_fixture.hpp"

namespace pgreactor::integration {
namespace {

std::optional<testing::ThrowawayServer> shared_server;
int schemas_made = 0;

// Set by tests/capture: what goes through a Unix socket cannot be captured.
bool by_tcp() { return std::getenv("PGREACTOR_TEST_TCP") != nullptr; }

class ServerEnvironment final : public ::testing::Environment {
 public:
  void SetUp() override {
    try {
      shared_server.emplace(testing::ThrowawayServerOptions().tcp());
      if (by_tcp())
        std::printf("the shared server listens on 127.0.0.1:%d\n", shared_server->port());
    } catch (const testing::ServerSetupError& error) {
      if (error.reason() == testing::ServerSetupError::Reason::not_installed)
        GTEST_SKIP() << error.what();
      FAIL() << error.what();
    }
  }
  void TearDown() override { shared_server.reset(); }
};

// gtest owns it.
[[maybe_unused]] ::testing::Environment* const registered =
    ::testing::AddGlobalTestEnvironment(new ServerEnvironment);

}  // namespace

testing::ThrowawayServer& server() {
  if (!shared_server) throw std::logic_error("there is no server");
  return *shared_server;
}

int version_of(const testing::ThrowawayServer& server) {
  std::ifstream file(server.data_directory() + "/PG_VERSION");
  int major = 0;
  if (!(file >> major)) throw std::logic_error("the data directory does not tell its version");
  return major;
}

ConnectionOptions options_from(const std::string& conninfo) {
  const FakeEnvironment nothing_set;
  return ConnectionOptions::parse(conninfo, nothing_set);
}

void DatabaseTest::SetUp() {
  schema_ = "test_" + std::to_string(++schemas_made);
  run_with(options_for_one_connection(),
           [&](DBConnector& db) -> Task<void> { co_await db.execute("CREATE SCHEMA " + schema_); });
}

void DatabaseTest::TearDown() {
  run_with(options_for_one_connection(), [&](DBConnector& db) -> Task<void> {
    co_await db.execute("SET client_min_messages = warning");
    co_await db.execute("DROP SCHEMA " + schema_ + " CASCADE");
  });
}

ConnectionOptions DatabaseTest::options() const {
  ConnectionOptions options = options_from(by_tcp() ? server().uri_tcp() : server().uri());
  options.session_settings.emplace_back("search_path", schema_);
  return options;
}

ConnectionOptions DatabaseTest::options_for_one_connection() const {
  ConnectionOptions one = options();
  one.pool_min_conns = one.pool_max_conns = 1;
  return one;
}

}  // namespace pgreactor::integration
