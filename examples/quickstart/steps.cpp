#include "examples/quickstart/steps.hpp"

#include <cstdint>
#include <stdexcept>
#include <utility>

#include "examples/quickstart/checked.hpp"

namespace quickstart {

namespace pg = pgreactor;

pg::Task<void> create_schema(pg::DBConnector& db) {
  auto created = co_await pg::as_attempt(db.execute("CREATE SCHEMA pgreactor_quickstart"));
  if (!created && created.error().sqlstate() == "42P06")  // duplicate_schema
    throw std::runtime_error(
        "there is a schema pgreactor_quickstart already, which is left alone; if an interrupted "
        "run has left it behind: DROP SCHEMA pgreactor_quickstart CASCADE");
  created.value();
}

pg::Task<void> drop_schema(pg::DBConnector& db) {
  co_await db.execute(
      "DROP TABLE IF EXISTS pgreactor_quickstart.profiles, pgreactor_quickstart.users");
  co_await db.execute("DROP SCHEMA pgreactor_quickstart");
  const bool gone = co_await db.execute("SELECT to_regnamespace('pgreactor_quickstart') IS NULL",
                                        pg::fetch_val_as<bool>);
  check(gone, "the schema was dropped, and is still there");
}

pg::Task<void> create_tables(pg::DBConnector& db) {
  // A connection pooler may drop the search_path we asked for; then `users` would be another's.
  const auto schema =
      co_await db.execute("SELECT current_schema()", pg::fetch_val_as<std::optional<std::string>>);
  check(schema == "pgreactor_quickstart", "the search_path of the connections was not accepted");
  co_await db.execute(R"(CREATE TABLE users (
      id       serial PRIMARY KEY,
      name     text NOT NULL,
      balance  numeric(12, 2) NOT NULL DEFAULT 0,
      joined   timestamptz NOT NULL DEFAULT now(),
      active   boolean NOT NULL DEFAULT true,
      token    uuid NOT NULL DEFAULT gen_random_uuid(),
      nickname text))");
  co_await db.execute("CREATE TABLE profiles (user_id integer PRIMARY KEY REFERENCES users)");
}

std::vector<User> new_users() {
  const auto user = [](const char* name, const char* balance, const char* joined, bool active,
                       const char* token, std::optional<std::string> nickname) {
    return User{0,
                name,
                *pg::Numeric::parse(balance),
                *pg::TimestampTz::parse(joined),
                active,
                *pg::Uuid::parse(token),
                std::move(nickname)};
  };
  return {user("Jane Smith", "1250.00", "2024-02-29 12:00:00.5+00", true,
               "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "janey"),
          user("Zoë Müller", "-3.50", "1999-12-31 23:59:59.999999+00", false,
               "5f0c7d6e-2b1a-4c3d-8e9f-001122334455", std::nullopt),
          user("Ada Lovelace", "9999999999.99", "2026-01-01 00:00:00+00", true,
               "0b8f6a52-7d3e-4f10-9c2b-8a7654321fed", std::nullopt)};
}

pg::Task<void> insert_users(pg::DBConnector& db, std::vector<User>& users) {
  for (User& user : users)
    user.id = co_await db.execute(
        "INSERT INTO users (name, balance, joined, active, token, nickname) "
        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        user.name, user.balance, user.joined, user.active, user.token, user.nickname,
        pg::fetch_val_as<int>);
  const std::vector<User> read = co_await read_users(db);
  check(read == users, "the users that were read back are not those that were inserted");
}

pg::Task<std::vector<User>> read_users(pg::DBConnector& db) {
  const pg::Result rows = co_await db.execute(
      "SELECT id, name, balance, joined, active, token, nickname FROM users ORDER BY id");
  std::vector<User> users;
  for (const auto row : rows) {
    User user;
    user.id = row["id"].as<int>();
    user.name = row["name"].as<std::string>();
    user.balance = row["balance"].as<pg::Numeric>();
    user.joined = row["joined"].as<pg::TimestampTz>();
    user.active = row["active"].as<bool>();
    user.token = row["token"].as<pg::Uuid>();
    user.nickname = row["nickname"].as<std::optional<std::string>>();
    users.push_back(std::move(user));
  }
  co_return users;
}

pg::Task<void> commit_two(pg::DBConnector& db) {
  co_await db.transaction([](pg::Transaction& tx) -> pg::Task<void> {
    co_await tx.execute("INSERT INTO users (name) VALUES ($1)", "John Doe");
    co_await tx.execute("INSERT INTO profiles (user_id) VALUES (currval('users_id_seq'))");
  });
  const int kept = co_await db.execute(
      "SELECT count(*) FROM users JOIN profiles ON user_id = id WHERE name = $1", "John Doe",
      pg::fetch_val_as<int>);
  check(kept == 1, "the transaction was committed, and its two rows are not there");
}

pg::Task<std::string> roll_back_two(pg::DBConnector& db) {
  const auto count = [&db]() {
    return db.execute("SELECT count(*) FROM users", pg::fetch_val_as<std::int64_t>);
  };
  const std::int64_t before = co_await count();
  const auto refused =
      co_await pg::as_attempt(db.transaction([](pg::Transaction& tx) -> pg::Task<void> {
        co_await tx.execute("INSERT INTO users (name) VALUES ($1)", "Nobody");
        co_await tx.execute("INSERT INTO profiles (user_id) VALUES ($1)", -1);
      }));
  check(!refused, "a profile without a user was accepted");
  const pg::Error& error = refused.error();
  check(error.sqlstate() == "23503", "it was refused for another reason than its foreign key");
  check(error.outcome() == pg::Outcome::rolled_back, "the error does not say: rolled back");
  const std::int64_t after = co_await count();
  check(after == before, "the transaction was rolled back, and the count has changed");
  co_return error.report()->message;
}

namespace {

/// One after the other: the next is sent when the answer to the last has come.
pg::Task<std::size_t> ask(pg::DBConnector& db, const pg::Statement& name_of_user,
                          const std::vector<User>& users, std::size_t first, std::size_t queries) {
  std::size_t right = 0;
  for (std::size_t i = first; i < first + queries; ++i) {
    const User& user = users[i % users.size()];
    const std::string name =
        co_await db.execute(name_of_user, user.id, pg::fetch_val_as<std::string>);
    if (name == user.name) ++right;
  }
  co_return right;
}

}  // namespace

pg::Task<Throughput> ask_at_once(pg::DBConnector& db, const std::vector<User>& users) {
  constexpr std::size_t at_once = 50, each = 200;
  const pg::Statement name_of_user = db.prepare("SELECT name FROM users WHERE id = $1");
  std::vector<pg::Task<std::size_t>> tasks;
  for (std::size_t i = 0; i < at_once; ++i) tasks.push_back(ask(db, name_of_user, users, i, each));

  const auto start = std::chrono::steady_clock::now();
  const std::vector<std::size_t> right = co_await pg::when_all(std::move(tasks));
  const auto time = std::chrono::steady_clock::now() - start;

  for (const std::size_t count : right)
    check(count == each, "a pipelined query was given another's answer");
  co_return Throughput{at_once * each, at_once, time};
}

}  // namespace quickstart
