#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <pgreactor/pgreactor.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/faults/settings.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/support/fault_proxy.hpp"

// The line is cut at a random byte around a commit; what the caller is told of it has to be true.
namespace pgreactor::faults {
namespace {

using testing_support::FaultProxy;
using testing_support::Way;

class Commits : public integration::DatabaseTest {
 protected:
  static net::Endpoint server_endpoint() {
    return net::Endpoint::unix_socket(integration::server().socket_directory() + "/.s.PGSQL." +
                                      std::to_string(integration::server().port()));
  }
  ConnectionOptions options_through(const FaultProxy& proxy) const {
    ConnectionOptions through = options_for_one_connection();
    through.servers = {ServerAddress(proxy.host(), proxy.port())};
    return through;
  }
};

// What each row's writer was told, by the row's number.
class Writers {
 public:
  Writers(DBConnector& db, FaultProxy& proxy, std::uint64_t seed)
      : db_(db), proxy_(proxy), random_(seed) {}

  Task<void> write(int rows) {
    for (int row = 0; row < rows; ++row) {
      proxy_.slice(static_cast<std::size_t>(draw(3) == 0 ? 1 + draw(8) : 0));
      const auto attempt = co_await as_attempt(write_row(row, draw(4)));
      cuts_ += proxy_.let_pass() ? 0 : 1;
      told_.push_back(attempt ? Outcome::committed : attempt.error().outcome());
      if (!attempt && dynamic_cast<const ConnectionError*>(&attempt.error()) == nullptr)
        ADD_FAILURE() << "row " << row << ": " << attempt.error().what();
    }
  }
  const std::vector<Outcome>& told() const noexcept { return told_; }
  int cuts() const noexcept { return cuts_; }

 private:
  Task<void> write_row(int row, int how) {
    if (how == 0) co_return co_await write_alone(row);
    co_await write_in_one(row, how);
  }
  // The cut comes around the statement or, where the last one left no connection, around a log-in.
  Task<void> write_alone(int row) {
    if (draw(4) != 0) co_await db_.execute("SELECT 1");
    cut_within(200);
    co_await db_.execute("INSERT INTO entry VALUES ($1)", row);
  }
  // The cut comes around the COMMIT, or already around the statement.
  Task<void> write_in_one(int row, int how) {
    Transaction transaction = co_await db_.begin();
    if (how == 1) cut_within(200);
    co_await transaction.execute("INSERT INTO entry VALUES ($1)", row);
    if (how != 1) cut_within(40);
    co_await transaction.commit();
  }
  void cut_within(int bytes) {
    proxy_.cut_after(draw(2) == 0 ? Way::to_server : Way::to_client,
                     static_cast<std::size_t>(draw(bytes)));
  }
  int draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }

  DBConnector& db_;
  FaultProxy& proxy_;
  std::mt19937_64 random_;
  std::vector<Outcome> told_;
  int cuts_ = 0;
};

// A statement whose client is gone may still be running.
Task<void> all_others_gone(DBConnector& db) {
  int left = 1;
  while (left != 0)
    left = co_await db.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'",
        fetch_val_as<int>);
}

Task<std::set<int>> rows_there(DBConnector& db) {
  std::set<int> rows;
  const Result result = co_await db.execute("SELECT id FROM entry");
  for (const RowView row : result) rows.insert(row.get<int>(0));
  co_return rows;
}

// Each row's number is its key: one that was written twice would be an error.
void expect_true(const std::vector<Outcome>& told, const std::set<int>& there) {
  std::array<std::array<int, 2>, 5> seen{};
  for (std::size_t row = 0; row < told.size(); ++row) {
    const bool present = there.count(static_cast<int>(row)) != 0;
    ++seen.at(static_cast<std::size_t>(told[row])).at(present ? 1 : 0);
    if (told[row] == Outcome::unknown) continue;
    EXPECT_EQ(present, told[row] == Outcome::committed)
        << "row " << row << " was said to be " << name_of(told[row]);
  }
  for (std::size_t i = 0; i < seen.size(); ++i)
    std::printf("%s: %d absent, %d present\n",
                std::string(name_of(static_cast<Outcome>(i))).c_str(), seen.at(i)[0],
                seen.at(i)[1]);
  const auto& unknown = seen.at(static_cast<std::size_t>(Outcome::unknown));
  EXPECT_GT(seen.at(static_cast<std::size_t>(Outcome::committed))[1], 0);
  EXPECT_GT(seen.at(static_cast<std::size_t>(Outcome::rolled_back))[0], 0);
  EXPECT_GT(unknown[0], 0) << "no commit was lost on its way";
  EXPECT_GT(unknown[1], 0) << "no answer was lost on its way";
}

TEST_F(Commits, WhateverIsCutWhatIsToldOfThemIsTrue) {
  const int rows = static_cast<int>(number_from("PGREACTOR_FAULTS_COMMITS", 1000));
  const std::uint64_t drawn = seed();
  Reactor reactor;
  FaultProxy proxy(reactor, server_endpoint());
  DBConnector direct(reactor, options_for_one_connection());
  DBConnector db(reactor, options_through(proxy));
  Writers writers(db, proxy, drawn);
  const auto all = [&]() -> Task<void> {
    co_await direct.execute("CREATE TABLE entry (id int PRIMARY KEY)");
    co_await writers.write(rows);
    co_await db.close();
    co_await all_others_gone(direct);
    expect_true(writers.told(), co_await rows_there(direct));
    co_await direct.close();
  };
  reactor.run(with_timeout(std::chrono::seconds(30) + std::chrono::milliseconds(30) * rows, all()));
  std::printf("%d rows, %d cuts\n", rows, writers.cuts());
  EXPECT_EQ(writers.told().size(), static_cast<std::size_t>(rows));
}

}  // namespace
}  // namespace pgreactor::faults
