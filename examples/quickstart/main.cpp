// A tour: typed rows, transactions, 10,000 pipelined queries; every step checks its own result.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <pgreactor/pgreactor.hpp>
#include <pgreactor/testing/throwaway_server.hpp>
#include <string>
#include <vector>

#include "examples/quickstart/checked.hpp"
#include "examples/quickstart/steps.hpp"
#include "examples/quickstart/text_table.hpp"

namespace pg = pgreactor;

namespace {

std::string table_of(const std::vector<quickstart::User>& users) {
  using quickstart::Align;
  quickstart::TextTable table;
  table.add_column("id", Align::right);
  table.add_column("name", Align::left);
  table.add_column("balance (EUR)", Align::right);
  table.add_column("joined (UTC)", Align::left);
  table.add_column("active", Align::left);
  table.add_column("token", Align::left);
  table.add_column("nickname", Align::left);
  for (const auto& user : users) {
    const std::string joined = user.joined.to_string();
    table.add_row({std::to_string(user.id), user.name, user.balance.to_string(),
                   joined.substr(0, joined.find('+')), user.active ? "yes" : "no",
                   user.token.to_string().substr(0, 8) + "...", user.nickname.value_or("(null)")});
  }
  return table.to_string();
}

pg::Task<void> tour(pg::DBConnector& db) {
  co_await quickstart::create_tables(db);
  std::printf("tables       users and profiles, in a schema of their own\n");

  std::vector<quickstart::User> users = quickstart::new_users();
  co_await quickstart::insert_users(db, users);
  std::printf("rows         %zu users inserted and read back, value by value\n", users.size());

  co_await quickstart::commit_two(db);
  std::printf("transaction  John Doe and his profile, both or neither: committed\n");

  const std::string refusal = co_await quickstart::roll_back_two(db);
  std::printf("transaction  rolled back, nothing is left of it: %s\n", refusal.c_str());

  users = co_await quickstart::read_users(db);
  const quickstart::Throughput measured = co_await quickstart::ask_at_once(db, users);
  const double rate = static_cast<double>(measured.queries) / measured.time.count();
  std::printf("pipelining   %s queries in %.1f ms: %s per second, %zu tasks on %zu connections\n\n",
              quickstart::grouped(measured.queries).c_str(), measured.time.count() * 1e3,
              quickstart::grouped(static_cast<std::uint64_t>(rate)).c_str(), measured.at_once,
              db.statistics().open);
  std::printf("%s\n", table_of(users).c_str());
}

/// The tour between making and dropping its schema, which is dropped whatever became of the tour.
pg::Task<void> visit(pg::DBConnector& db) {
  co_await db.warm_up();
  const auto version = co_await db.execute("SHOW server_version", pg::fetch_val_as<std::string>);
  std::printf("server       PostgreSQL %s, %zu connections\n", version.c_str(),
              db.statistics().open);
  co_await quickstart::create_schema(db);
  std::exception_ptr failure;
  try {
    co_await tour(db);
  } catch (...) {
    failure = std::current_exception();
  }
  auto dropped = co_await pg::as_attempt(quickstart::drop_schema(db));
  if (failure) std::rethrow_exception(failure);
  dropped.value();
  co_await db.close();
}

/// DATABASE_URL's server, else the private one. PG* variables would lead away from the latter, so
/// its options are filled in by hand.
pg::ConnectionOptions options_for(const std::optional<pg::testing::ThrowawayServer>& server) {
  if (!server) return pg::ConnectionOptions::from_environment();
  pg::ConnectionOptions options;
  options.servers.emplace_back(server->socket_directory(), server->port());
  options.user = "postgres";
  options.database = "postgres";
  return options;
}

}  // namespace

int main() {
  try {
    const char* url = std::getenv("DATABASE_URL");
    std::optional<pg::testing::ThrowawayServer> server;
    if (url == nullptr || *url == '\0') server.emplace();

    pg::ConnectionOptions options = options_for(server);
    options.application_name = "pgreactor quickstart";
    options.session_settings.emplace_back("search_path", "pgreactor_quickstart");
    pg::Reactor reactor;
    pg::DBConnector db{reactor, options};
    reactor.run(visit(db));
    std::printf("all checked  %d results, each as it should be\n", quickstart::checks_held());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "quickstart: %s\n", error.what());
    return 1;
  }
}
