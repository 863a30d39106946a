// The program of README.md: asks the server for five rows and prints them.
#include <cstdio>
#include <pgreactor/pgreactor.hpp>
namespace pg = pgreactor;

pg::Task<void> squares(pg::DBConnector& db) {
  const auto rows = co_await db.execute("SELECT n, n * n FROM generate_series(1, $1) AS n", 5);
  for (const auto row : rows) std::printf("%d squared is %d\n", row.get<int>(0), row.get<int>(1));
}

int main() {
  pg::Reactor reactor;
  pg::DBConnector db{reactor};  // DATABASE_URL, else PGHOST, PGUSER ...; a pool of connections
  reactor.run(squares(db));
}
