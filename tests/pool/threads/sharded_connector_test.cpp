#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <coroutine>
#include <latch>
#include <pgreactor/sharded_connector.hpp>
#include <pgreactor/values/all.hpp>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/pool/scripted_answers.hpp"
#include "tests/support/answering_backend.hpp"
#include "tests/support/backend_thread.hpp"

// Several reactors with a share of the pool each, called from threads that have none.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using testing_support::AnsweringBackend;
using testing_support::BackendThread;

class Sharded : public testing::Test {
 protected:
  BackendThread<AnsweringBackend> backend_;
  ShardedConnector db_{3, options_for(backend_, 8)};
};

Task<int> ask(DBConnector& shard) {
  co_return co_await shard.execute("SELECT 1", fetch_val_as<int>);
}

Task<std::uint32_t> most_connections(DBConnector& shard) {
  co_return shard.options().pool_max_conns;
}

TEST_F(Sharded, WaitAndPostHandOnTheResult) {
  EXPECT_EQ(db_.wait(ask), 1);
  EXPECT_EQ(db_.post(ask).get(), 1);
  db_.wait([](DBConnector& shard) -> Task<void> { co_await shard.execute("SELECT 1"); });
}

TEST_F(Sharded, AnExceptionComesOutWhereTheResultWould) {
  const auto fail = [](DBConnector& shard) -> Task<int> {
    co_await ask(shard);
    throw std::domain_error("mine");
  };
  try {
    db_.wait(fail);
    FAIL() << "nothing was thrown";
  } catch (const std::domain_error& error) {
    EXPECT_STREQ(error.what(), "mine");
  }
  EXPECT_THROW(db_.post(fail).get(), std::domain_error);
}

TEST_F(Sharded, TheConnectionsAreDividedAmongThem) {
  // Each is busy when the next one is asked: so all three are.
  std::latch all_here(3);
  const auto meet = [&](DBConnector& shard) -> Task<std::uint32_t> {
    all_here.arrive_and_wait();
    return most_connections(shard);
  };
  std::vector<std::future<std::uint32_t>> answers;
  for (int i = 0; i < 3; ++i) answers.push_back(db_.post(meet));
  std::multiset<std::uint32_t> shares;
  for (auto& answer : answers) shares.insert(answer.get());
  EXPECT_EQ(shares, (std::multiset<std::uint32_t>{2, 3, 3}));
}

TEST_F(Sharded, WorkGoesToTheOneWithTheLeastToDo) {
  std::latch go_on(1);
  std::promise<std::thread::id> busy;
  const auto block = [&](DBConnector&) -> Task<void> {
    busy.set_value(std::this_thread::get_id());
    go_on.wait();
    co_return;
  };
  auto blocked = db_.post(block);
  const std::thread::id busy_thread = busy.get_future().get();
  const auto where = [](DBConnector&) -> Task<std::thread::id> {
    co_return std::this_thread::get_id();
  };
  std::set<std::thread::id> seen;
  for (int i = 0; i < 12; ++i) seen.insert(db_.wait(where));
  go_on.count_down();
  blocked.get();
  EXPECT_EQ(seen.count(busy_thread), 0u);
  EXPECT_EQ(seen.size(), 2u) << "and in turn among equals";
}

TEST_F(Sharded, ManyThreadsMayCallAtOnce) {
  constexpr int threads = 4, calls = 200;
  std::atomic<int> sum{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < threads; ++t)
    callers.emplace_back([&] {
      std::vector<std::future<int>> posted;
      for (int i = 0; i < calls; ++i) {
        posted.push_back(db_.post(ask));
        if (i % 10 == 0) sum += db_.wait(ask);
      }
      for (auto& answer : posted) sum += answer.get();
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sum, threads * (calls + calls / 10));
}

TEST_F(Sharded, BlockingOnAShardIsRefused) {
  const auto blocks = [&](DBConnector&) -> Task<int> { co_return db_.wait(ask); };
  EXPECT_THROW(db_.wait(blocks), std::logic_error);
  const auto closes = [&](DBConnector&) -> Task<void> {
    db_.close();
    co_return;
  };
  EXPECT_THROW(db_.wait(closes), std::logic_error);
}

TEST_F(Sharded, CloseWaitsForWhatIsUnderWayAndRefusesWhatComesLater) {
  std::promise<void> begun;
  const auto slow = [&](DBConnector& shard) -> Task<int> {
    begun.set_value();
    co_await sleep_for(20ms);
    co_return co_await ask(shard);
  };
  auto under_way = db_.post(slow);
  begun.get_future().wait();
  db_.close(10s);
  EXPECT_EQ(under_way.get(), 1);
  EXPECT_THROW(db_.post(ask).get(), ConnectionError);
  db_.close();
}

TEST_F(Sharded, CloseStopsWhatTakesTooLong) {
  std::promise<void> begun;
  const auto endless = [&](DBConnector&) -> Task<void> {
    begun.set_value();
    co_await sleep_for(1h);
  };
  auto under_way = db_.post(endless);
  begun.get_future().wait();
  db_.close(1ms);
  EXPECT_THROW(under_way.get(), CancelledError);
}

TEST_F(Sharded, CallersDuringACloseAreAnsweredOrRefused) {
  std::atomic<bool> refused{false};
  std::thread caller([&] {
    while (!refused) {
      try {
        EXPECT_EQ(db_.wait(ask), 1);
      } catch (const ConnectionError&) {
        refused = true;
      }
    }
  });
  db_.close();
  caller.join();
}

TEST(ShardedConnectorAlone, HasNoMoreShardsThanConnections) {
  BackendThread<AnsweringBackend> backend;
  const ShardedConnector db(5, options_for(backend, 2));
  EXPECT_EQ(db.shards(), 2u);
  const ShardedConnector none(0, options_for(backend, 2));
  EXPECT_EQ(none.shards(), 1u);
}

TEST(ShardedConnectorAlone, WorkThatDoesNotEndBreaksItsPromise) {
  BackendThread<AnsweringBackend> backend;
  std::future<void> abandoned;
  {
    ShardedConnector db(1, options_for(backend, 1));
    std::promise<void> begun;
    const auto stubborn = [&](DBConnector&) -> Task<void> {
      begun.set_value();
      co_await std::suspend_always();  // which nobody resumes, nor stops
    };
    abandoned = db.post(stubborn);
    begun.get_future().wait();
    db.close(1ms);
  }
  EXPECT_THROW(abandoned.get(), std::future_error);
}

}  // namespace
}  // namespace pgreactor::pool_testing
