#pragma once
#include <gtest/gtest.h>

#include <cstddef>
#include <pgreactor/pgreactor.hpp>
#include <vector>

namespace pgreactor::pool_testing {

/// `tasks` tasks that each run a prepared statement again and again: what `count()` grows by for
/// one query, once all is warm.
template <class Count>
Task<double> per_query(DBConnector& db, int tasks, Count count) {
  constexpr int warm_up_rounds = 50, rounds = 500;
  const Statement statement = db.prepare("SELECT 1");
  const auto ask = [&](int queries) -> Task<void> {
    for (int i = 0; i < queries; ++i)
      EXPECT_EQ(co_await db.execute(statement, fetch_val_as<int>), 1);
  };
  std::size_t before = 0;
  for (const int queries : {warm_up_rounds, rounds}) {
    std::vector<Task<void>> all;
    for (int task = 0; task < tasks; ++task) all.push_back(ask(queries));
    before = count();
    co_await when_all(std::move(all));
  }
  co_return static_cast<double>(count() - before) / (double{1} * tasks * rounds);
}

}  // namespace pgreactor::pool_testing
