#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <vector>

// The steps of the tour, each of which checks its own result.
namespace quickstart {

/// A row of the table users, in C++ types.
struct User {
  int id = 0;
  std::string name;
  pgreactor::Numeric balance;     ///< euros, exactly
  pgreactor::TimestampTz joined;  ///< UTC, microseconds
  bool active = false;
  pgreactor::Uuid token;
  std::optional<std::string> nickname;  ///< NULL for most

  friend bool operator==(const User&, const User&) = default;
};

/// What many queries at once took, with the opening of the connections that the load asked for.
struct Throughput {
  std::size_t queries;
  std::size_t at_once;
  std::chrono::duration<double> time;
};

/// Makes the schema pgreactor_quickstart, which must not exist, so that nothing of the database's
/// owner is ever written to or dropped. The connections' search_path leads there and nowhere else.
pgreactor::Task<void> create_schema(pgreactor::DBConnector& db);
/// Drops what create_tables() has made, then the schema; refused if anything else is in it.
pgreactor::Task<void> drop_schema(pgreactor::DBConnector& db);
pgreactor::Task<void> create_tables(pgreactor::DBConnector& db);

/// Some users, none of whom is in the table yet: their id is 0.
std::vector<User> new_users();
/// Inserts them, and gives each the id that the server has chosen.
pgreactor::Task<void> insert_users(pgreactor::DBConnector& db, std::vector<User>& users);
/// All of the table, by id.
pgreactor::Task<std::vector<User>> read_users(pgreactor::DBConnector& db);

/// Two inserts in one transaction, the second of which uses the key that the first has taken.
pgreactor::Task<void> commit_two(pgreactor::DBConnector& db);
/// The same, but the second insert is refused, and neither is kept. Gives the server's words.
pgreactor::Task<std::string> roll_back_two(pgreactor::DBConnector& db);

/// 10,000 single queries by 50 tasks that share the pool's connections.
pgreactor::Task<Throughput> ask_at_once(pgreactor::DBConnector& db, const std::vector<User>& users);

}  // namespace quickstart
