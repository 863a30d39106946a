#include "tests/specification/specification_fixture.hpp"

#include <optional>
#include <pgreactor/testing/throwaway_server.hpp>

#include "tests/connection/options_fixture.hpp"

namespace pgreactor::specification {
namespace {

std::optional<testing::ThrowawayServer> shared_server;

class StopsTheServer final : public ::testing::Environment {
 public:
  void TearDown() override { shared_server.reset(); }
};

// gtest owns it.
[[maybe_unused]] ::testing::Environment* const registered =
    ::testing::AddGlobalTestEnvironment(new StopsTheServer);

constexpr char create_tables[] = R"sql(
  CREATE TABLE public.users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    username text UNIQUE,
    email text UNIQUE,
    role text DEFAULT 'user',
    created_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE public.profiles (user_id uuid REFERENCES public.users (id));
  CREATE TABLE public.accounts (
    user_id int PRIMARY KEY, balance int NOT NULL CONSTRAINT solvent CHECK (balance >= 0));
  CREATE TABLE public.data (id int PRIMARY KEY, processed boolean NOT NULL DEFAULT false);
  CREATE SCHEMA b2b_saas;
  CREATE TABLE b2b_saas.content (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title text NOT NULL, content text, content_type text, variables jsonb);
)sql";

constexpr char drop_tables[] = R"sql(
  SET client_min_messages = warning;
  DROP TABLE IF EXISTS public.profiles, public.users, public.accounts, public.data;
  DROP SCHEMA IF EXISTS b2b_saas CASCADE;
  DROP SCHEMA IF EXISTS new_schema CASCADE;
)sql";

void run_script(const std::string& script) {
  Reactor reactor;
  DBConnector db(reactor, server_options());
  const auto all = [&]() -> Task<void> {
    co_await db.execute_script(script);
    co_await db.close();
  };
  reactor.run(with_timeout(patience, all()));
}

void start_server() {
  if (shared_server) return;
  try {
    shared_server.emplace();
  } catch (const testing::ServerSetupError& error) {
    if (error.reason() == testing::ServerSetupError::Reason::not_installed)
      GTEST_SKIP() << error.what();
    FAIL() << error.what();
  }
}

}  // namespace

std::ostream& operator<<(std::ostream& out, World world) {
  return out << (world == World::server ? "server" : "memory");
}

ConnectionOptions server_options() {
  const FakeEnvironment nothing_set;
  return ConnectionOptions::parse(shared_server.value().uri(), nothing_set);
}

MemoryTables tables_in_memory() {
  MemoryTables tables;
  tables.table("public", "users")
      .column("id", "uuid")
      .default_random_uuid()
      .primary_key()
      .column("name", "text")
      .not_null()
      .column("username", "text")
      .unique()
      .column("email", "text")
      .unique()
      .column("role", "text")
      .default_value("user")
      .column("created_at", "timestamptz")
      .not_null()
      .default_now();
  tables.table("public", "profiles")
      .column("user_id", "uuid")
      .references(QualifiedName("public", "users"), "id");
  tables.table("public", "accounts")
      .column("user_id", "int")
      .primary_key()
      .column("balance", "int")
      .not_null()
      .check("solvent",
             [](const Record& row) -> std::optional<bool> { return row.get<int>("balance") >= 0; });
  tables.table("public", "data")
      .column("id", "int")
      .primary_key()
      .column("processed", "boolean")
      .not_null()
      .default_value(false);
  tables.table("b2b_saas", "content")
      .column("id", "uuid")
      .default_random_uuid()
      .primary_key()
      .column("title", "text")
      .not_null()
      .column("content", "text")
      .column("content_type", "text")
      .column("variables", "jsonb");
  return tables;
}

void Snippets::SetUp() {
  if (in_memory()) return;
  start_server();
  if (IsSkipped() || HasFatalFailure()) return;
  run_script(std::string(drop_tables) + create_tables);
}

void Snippets::TearDown() {
  if (!in_memory() && shared_server) run_script(drop_tables);
}

std::unique_ptr<DBOperator> Snippets::make(Reactor& reactor) const {
  if (in_memory()) return std::make_unique<DBOperator>(reactor, tables_in_memory());
  return std::make_unique<DBOperator>(reactor, server_options());
}

std::unique_ptr<blocking::DBOperator> Snippets::blocking_operator() const {
  if (in_memory()) return std::make_unique<blocking::DBOperator>(tables_in_memory());
  return std::make_unique<blocking::DBOperator>(server_options());
}

INSTANTIATE_TEST_SUITE_P(Server, Snippets, ::testing::Values(World::server));
INSTANTIATE_TEST_SUITE_P(Memory, Snippets, ::testing::Values(World::memory));

}  // namespace pgreactor::specification
