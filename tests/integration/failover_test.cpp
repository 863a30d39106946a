#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/integration/database_fixture.hpp"

// A primary dies and its standby is promoted: the pool finds it, and what was committed is there.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using testing::ThrowawayServer;

/// Two servers, of which one follows the other by streaming replication.
class ReplicatedServer {
 public:
  ReplicatedServer() {
    primary.stop();
    standby.stop();
    // A cold copy; with its owner, who need not be us.
    const std::string data = standby.data_directory();
    const std::string copy =
        "rm -rf '" + data + "' && cp -a '" + primary.data_directory() + "' '" + data + "'";
    if (std::system(copy.c_str()) != 0) throw std::logic_error("the data could not be copied");
    std::ofstream(data + "/postgresql.auto.conf", std::ios::app)
        << "primary_conninfo = 'host=" << primary.socket_directory() << " port=" << primary.port()
        << " user=postgres'\n";
    const std::filesystem::path signal = data + "/standby.signal";
    std::ofstream(signal).close();
    std::filesystem::permissions(signal, std::filesystem::perms{0666});
    primary.restart();
    standby.restart();
  }

  /// Whichever of them takes writes.
  ConnectionOptions options_to_write() const {
    return options_from("host=" + primary.socket_directory() + "," + standby.socket_directory() +
                        " port=" + std::to_string(primary.port()) + "," +
                        std::to_string(standby.port()) +
                        " user=postgres dbname=postgres target_session_attrs=read-write");
  }

  ThrowawayServer primary, standby;
};

Task<int> count_of(DBConnector& db) {
  auto count = co_await as_attempt(db.execute("SELECT count(*) FROM t", fetch_val_as<int>));
  co_return count ? count.value() : -1;
}

Task<void> until_it_counts(DBConnector& db, int wanted) {
  const auto deadline = std::chrono::steady_clock::now() + patience / 2;
  while (co_await count_of(db) != wanted) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::logic_error("the row was not replicated");
    co_await sleep_for(1ms);
  }
}

class Failover : public DatabaseTest {};

TEST_F(Failover, WritesGoOnAtTheStandbyOnceItIsPromoted) {
  ReplicatedServer servers;
  const auto body = [&](DBConnector& db) -> Task<void> {
    Reactor& reactor = *(co_await detail::CurrentContext{}).reactor;
    DBConnector standby(reactor, options_from(servers.standby.uri()));
    co_await db.execute_script("CREATE TABLE t (n int); INSERT INTO t VALUES (1)");
    co_await until_it_counts(standby, 1);
    const auto refused = co_await as_attempt(standby.execute("INSERT INTO t VALUES (0)"));
    EXPECT_EQ(error_of<QueryError>(refused).sqlstate(), "25006");

    servers.primary.stop(testing::StopMode::immediate);  // blocks the loop, and the standby goes on
    const auto nowhere = co_await as_attempt(db.execute("INSERT INTO t VALUES (2)"));
    EXPECT_NE(error_of<ConnectionError>(nowhere).outcome(), Outcome::committed);

    EXPECT_TRUE(co_await standby.execute("SELECT pg_promote()", fetch_val_as<bool>));
    const auto promoted = std::chrono::steady_clock::now();
    for (bool written = false; !written;)
      written = static_cast<bool>(co_await as_attempt(db.execute("INSERT INTO t VALUES (3)")));
    EXPECT_LT(std::chrono::steady_clock::now() - promoted, 5s);
    EXPECT_EQ(co_await db.execute("SELECT array_agg(n ORDER BY n)::text FROM t",
                                  fetch_val_as<std::string>),
              "{1,3}");
    EXPECT_EQ(co_await db.execute("SHOW data_directory", fetch_val_as<std::string>),
              servers.standby.data_directory());
    co_await standby.close();
  };
  run_with(servers.options_to_write(), body);
}

}  // namespace
}  // namespace pgreactor::integration
