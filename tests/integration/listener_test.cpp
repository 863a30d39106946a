#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/pgreactor.hpp>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Listening : public DatabaseTest {};

// Ends the connection of every listener, and says how many there were.
Task<int> end_listeners(DBConnector& db) {
  co_return co_await db.execute(
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
      "WHERE query LIKE 'LISTEN%' AND datname = current_database()",
      fetch_val_as<int>);
}

TEST_F(Listening, AMessageComesWithItsChannelAndItsSender) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("orders", "users");
    EXPECT_FALSE(listener.try_next().has_value());
    Transaction tx = co_await db.begin();
    const auto sender = co_await tx.execute("SELECT pg_backend_pid()", fetch_val_as<int>);
    co_await tx.notify("orders", "17");
    co_await tx.notify("nobody hears this");
    co_await tx.notify("users");
    co_await tx.commit();
    const Notification first = co_await listener.next();
    EXPECT_FALSE(first.is_gap());
    EXPECT_EQ(first.channel(), "orders");
    EXPECT_EQ(first.payload(), "17");
    EXPECT_EQ(first.process_id(), static_cast<std::uint32_t>(sender));
    const Notification second = co_await listener.next();
    EXPECT_EQ(second.channel(), "users");
    EXPECT_EQ(second.payload(), "");
  });
}

TEST_F(Listening, WhatIsRolledBackIsNotHeard) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("c");
    Transaction tx = co_await db.begin();
    co_await tx.notify("c", "undone");
    co_await tx.rollback();
    co_await db.notify("c", "done");
    EXPECT_EQ((co_await listener.next()).payload(), "done");
  });
}

TEST_F(Listening, ANameIsTakenToTheLetter) {
  run([](DBConnector& db) -> Task<void> {
    const std::string longest(63, 'x');
    for (const std::string& name :
         {std::string("Upper Case"), std::string("a\"b"), std::string("x; DROP TABLE y"),
          std::string("\u00e9"), longest}) {
      Listener listener = co_await db.listen(name);
      co_await db.notify(name, "hello");
      EXPECT_EQ((co_await listener.next()).channel(), name);
    }
  });
}

// Requirement: W21
TEST_F(Listening, ANameThatCannotBeIsRefused) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen();
    for (const std::string& name :
         {std::string(), std::string(64, 'x'), std::string("a\0b", 3), std::string("\xff")}) {
      auto added = listener.listen(name);
      const auto attempt = co_await as_attempt(std::move(added));
      EXPECT_NO_THROW(static_cast<void>(error_of<QueryError>(attempt))) << name;
    }
    co_await listener.listen("good");
    co_await db.notify("good");
    EXPECT_EQ((co_await listener.next()).channel(), "good");
  });
}

TEST_F(Listening, ChannelsComeAndGo) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("a");
    co_await listener.listen("b");
    co_await listener.listen("b");
    co_await listener.unlisten("a");
    co_await listener.unlisten("a");
    co_await db.notify("a");
    co_await db.notify("b");
    EXPECT_EQ((co_await listener.next()).channel(), "b");
    EXPECT_FALSE(listener.try_next().has_value());
  });
}

Task<void> request_stop(std::stop_source& stop) {
  stop.request_stop();
  co_return;
}

// Two ask for a channel in the same turn, and one of them is stopped before the answer.
TEST_F(Listening, AStopTakesNoChannelFromAnother) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("other");
    std::stop_source stop;
    std::vector<bool> listened;
    const auto listen = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(listener.listen("x"));
      listened.push_back(static_cast<bool>(attempt));
    };
    db.reactor().spawn(listen(), stop.get_token());
    db.reactor().spawn(listen());
    db.reactor().spawn(request_stop(stop));
    co_await wait_until([&] { return listened.size() == 2; });
    EXPECT_THAT(listened, ElementsAre(false, true));
    co_await db.notify("x", "heard");
    EXPECT_EQ((co_await listener.next()).payload(), "heard");
    EXPECT_EQ(co_await end_listeners(db), 1);
    EXPECT_TRUE((co_await listener.next()).is_gap());
    co_await db.notify("x", "heard on the next connection too");
    EXPECT_EQ((co_await listener.next()).channel(), "x");
  });
}

TEST_F(Listening, AChannelThatNobodyWantsAfterAStopIsEnded) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("other");
    std::stop_source stop;
    bool ended = false;
    const auto listen = [&]() -> Task<void> {
      EXPECT_FALSE(co_await as_attempt(listener.listen("x")));
      ended = true;
    };
    db.reactor().spawn(listen(), stop.get_token());
    db.reactor().spawn(request_stop(stop));
    co_await wait_until([&] { return ended; });
    int unlistened = 0;
    for (int i = 0; i < 1000 && unlistened == 0; ++i)
      unlistened = co_await db.execute(
          "SELECT count(*) FROM pg_stat_activity WHERE query = 'UNLISTEN \"x\"' "
          "AND datname = current_database()",
          fetch_val_as<int>);
    EXPECT_EQ(unlistened, 1);
    co_await db.notify("x");
    co_await db.notify("other");
    EXPECT_EQ((co_await listener.next()).channel(), "other");
    co_await listener.listen("x");
    co_await db.notify("x");
    EXPECT_EQ((co_await listener.next()).channel(), "x");
  });
}

TEST_F(Listening, ALostConnectionIsMadeAnewAndLeavesAGap) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("a");
    co_await listener.listen("b");
    co_await db.notify("a", "before");
    EXPECT_EQ((co_await listener.next()).payload(), "before");
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(co_await end_listeners(db), 1);
      const Notification gap = co_await listener.next();
      EXPECT_TRUE(gap.is_gap());
      EXPECT_THAT(gap.reason(), HasSubstr("lost"));
      EXPECT_EQ(gap.channel(), "");
      EXPECT_TRUE(listener.is_connected());
      co_await db.notify("a", "after");
      co_await db.notify("b", "after");
      EXPECT_EQ((co_await listener.next()).channel(), "a");
      EXPECT_EQ((co_await listener.next()).channel(), "b");
    }
  });
}

TEST_F(Listening, AChannelThatIsAddedDuringAnOutageIsListenedToBehindIt) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("a");
    co_await end_listeners(db);
    co_await wait_until([&] { return !listener.is_connected(); });
    EXPECT_NE(listener.last_problem(), "");
    co_await listener.listen("b");
    co_await listener.unlisten("a");
    EXPECT_TRUE((co_await listener.next()).is_gap());
    EXPECT_EQ(listener.last_problem(), "");
    co_await db.notify("a");
    co_await db.notify("b");
    EXPECT_EQ((co_await listener.next()).channel(), "b");
  });
}

TEST_F(Listening, MoreThanCanWaitLeavesAGap) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("c");
    const int sent = static_cast<int>(Listener::most_messages) + 50;
    co_await db.execute("SELECT pg_notify('c', i::text) FROM generate_series(1, $1) i", sent);
    // The listener's connection reads while this one is answered, and none is taken until the last
    // of them has come.
    Listener other = co_await db.listen("done");
    bool overflowed = false;
    for (int i = 0; i < 10'000 && !overflowed; ++i) {
      co_await db.notify("done");
      static_cast<void>(co_await other.next());
      overflowed = listener.is_full();
    }
    EXPECT_TRUE(overflowed);
    co_await db.notify("c", "last");
    int heard = 0;
    bool gap = false;
    for (;;) {
      const Notification next = co_await listener.next();
      gap |= next.is_gap();
      if (next.is_gap() || next.payload() == "last") break;
      ++heard;
      EXPECT_EQ(next.payload(), std::to_string(heard));
    }
    // Up to the gap nothing is missing; without one, nothing at all.
    EXPECT_EQ(heard, gap ? static_cast<int>(Listener::most_messages) : sent);
  });
}

TEST_F(Listening, AStopEndsTheWaitAndNotTheListener) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("c");
    auto waiting = with_timeout(std::chrono::milliseconds(5), listener.next());
    EXPECT_FALSE(co_await as_attempt(std::move(waiting)));
    co_await db.notify("c", "later");
    EXPECT_EQ((co_await listener.next()).payload(), "later");
  });
}

TEST_F(Listening, TwoWhoWaitAtATimeAreRefused) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("c");
    auto first = as_attempt(listener.next());
    auto second = as_attempt(listener.next());
    auto message = db.notify("c", "for the first");
    const auto all = co_await when_all(std::move(first), std::move(second), std::move(message));
    EXPECT_TRUE(std::get<0>(all));
    EXPECT_NO_THROW(static_cast<void>(error_of<QueryError>(std::get<1>(all))));
  });
}

TEST_F(Listening, ClosingWakesWhoWaits) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("c");
    const auto close = [&]() -> Task<void> {
      co_await sleep_for(std::chrono::milliseconds(1));
      listener.close();
      listener.close();
    };
    const auto wait = [&]() -> Task<bool> {
      const auto attempt = co_await as_attempt(listener.next());
      static_cast<void>(error_of<ConnectionError>(attempt));
      co_return true;
    };
    co_await when_all(wait(), close());
    EXPECT_FALSE(listener.is_connected());
  });
}

TEST_F(Listening, OneThatIsDroppedLeavesNoConnectionBehind) {
  run([](DBConnector& db) -> Task<void> {
    {
      Listener listener = co_await db.listen("c");
      EXPECT_EQ(co_await end_listeners(db), 1);
      co_await wait_until([&] { return !listener.is_connected(); });
    }
    Listener moved_from = co_await db.listen("c");
    Listener listener = std::move(moved_from);
    listener = co_await db.listen("d");
    co_await db.notify("d");
    EXPECT_EQ((co_await listener.next()).channel(), "d");
    int listening = 2;
    for (int i = 0; i < 1000 && listening != 1; ++i)
      listening = co_await db.execute(
          "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' "
          "AND datname = current_database()",
          fetch_val_as<int>);
    EXPECT_EQ(listening, 1);
  });
}

TEST_F(Listening, WithoutAServerThereIsNone) {
  ConnectionOptions nowhere = options();
  nowhere.servers.assign(1, ServerAddress("/nonexistent", 1));
  run_with(nowhere, [](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(db.listen("c"));
    EXPECT_NO_THROW(static_cast<void>(error_of<ConnectionError>(attempt)));
  });
}

TEST_F(Listening, APayloadThatIsTooLongIsRefused) {
  run([](DBConnector& db) -> Task<void> {
    Listener listener = co_await db.listen("c");
    const std::string longest(7999, 'p');
    const std::string longer(8000, 'p');
    const auto attempt = co_await as_attempt(db.notify("c", longer));
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "22023");
    co_await db.notify("c", longest);
    EXPECT_EQ((co_await listener.next()).payload(), longest);
  });
}

}  // namespace
}  // namespace pgreactor::integration
