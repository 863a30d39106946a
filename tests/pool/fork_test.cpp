#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <pgreactor/blocking.hpp>
#include <pgreactor/pgreactor.hpp>
#include <string>

#include "tests/pool/patience.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/answering_backend.hpp"
#include "tests/support/in_child.hpp"
#include "tests/support/scripted_backend.hpp"

// A child made by fork() has copies of its parent's connections, and must not touch the sessions.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::AnsweringBackend;
using testing_support::CannedResult;
using testing_support::Child;
using testing_support::require;
using testing_support::Script;
using testing_support::ScriptedBackend;

// Runs the task up to its first suspension, or its end: a loop is not needed for a refusal.
template <class T>
Task<void> require_refusal(T awaitable, const char* what) {
  const auto attempt = co_await as_attempt(std::move(awaitable));
  require(!attempt, what);
  require(dynamic_cast<const ForkError*>(&attempt.error()) != nullptr, attempt.error().what());
  require(std::string(attempt.error().what()).find("fork") != std::string::npos, what);
  require(attempt.error().outcome() == Outcome::not_sent, "the outcome");
  require(!attempt.error().connection_usable(), "usable");
}

class Fork : public testing::Test {
 protected:
  Fork() {
    backend_.answer("BEGIN", CannedResult({}, {}, 0, "BEGIN"));
    backend_.answer("COMMIT", CannedResult({}, {}, 0, "COMMIT"));
    backend_.answer("ROLLBACK", CannedResult({}, {}, 0, "ROLLBACK"));
  }
  Task<int> ask() { co_return co_await db_->execute("SELECT 1", fetch_val_as<int>); }
  template <class F>
  void run(F body) {
    reactor_.run(with_timeout(patience, body()));
  }
  // What the server has seen, and whether it is more by now.
  std::size_t seen() const {
    const auto& counts = backend_.counts();
    return counts.reads + counts.connections + counts.cancel_requests + counts.violations;
  }
  // The parent's next statement takes one read, and nothing else has come before it.
  Task<void> expect_untouched(std::size_t before) {
    EXPECT_EQ(co_await ask(), 1);
    EXPECT_EQ(seen(), before + 1);
    EXPECT_EQ(backend_.counts().violations, 0u);
    EXPECT_EQ(db_->statistics().open, 1u);
    EXPECT_EQ(db_->statistics().opened, 1u);
  }

  Reactor reactor_;
  AnsweringBackend backend_{reactor_};
  std::unique_ptr<DBConnector> db_ =
      std::make_unique<DBConnector>(reactor_, options_for(backend_, 1));
};

TEST_F(Fork, AChildsStatementsAreRefusedAtOnce) {
  run([&]() -> Task<void> {
    co_await ask();
    const std::size_t before = seen();
    bool in_child = false;
    std::optional<Child> child;
    const auto refused = [&]() -> Task<void> {
      co_await require_refusal(db_->execute("SELECT 1"), "a statement");
      co_await require_refusal(db_->begin(), "a transaction");
      co_await require_refusal(db_->warm_up(), "warm_up");
      co_await require_refusal(db_->listen("news"), "listen");
      co_await require_refusal(db_->stream("SELECT 1"), "a stream");
      co_await require_refusal(db_->execute_script("SELECT 1"), "a script");
      co_await require_refusal(db_->copy_in("COPY t FROM STDIN"), "a COPY");
      co_await require_refusal(db_->close(), "close");
      in_child = true;
    };
    child.emplace([&] {
      Reactor other;  // the refusals need no loop, but their tasks need a context
      other.run(refused());
      require(in_child, "all were asked");
    });
    EXPECT_TRUE(child->succeeded());
    co_await expect_untouched(before);
  });
}

TEST_F(Fork, AChildThatRunsTheInheritedLoopLearnsOfItToo) {
  run([&]() -> Task<void> { co_await ask(); });
  const std::size_t before = seen();
  Child child([&] {
    const auto body = [&]() -> Task<void> {
      co_await require_refusal(db_->execute("SELECT 1"), "at first");
      co_await sleep_for(5ms);  // the loop has looked at the sockets
      co_await require_refusal(db_->execute("SELECT 1"), "later");
    };
    reactor_.run(body());
    db_.reset();
  });
  EXPECT_TRUE(child.succeeded());
  run([&]() -> Task<void> { co_await expect_untouched(before); });
}

TEST_F(Fork, AChildsDestructorsTellTheServerNothing) {
  run([&]() -> Task<void> { co_await ask(); });
  const std::size_t before = seen();
  Child child([&] { db_.reset(); });
  EXPECT_TRUE(child.succeeded());
  run([&]() -> Task<void> { co_await expect_untouched(before); });
}

TEST_F(Fork, AChildMayDestroyTheReactorAsWell) {
  auto reactor = std::make_unique<Reactor>();
  auto backend = std::make_unique<AnsweringBackend>(*reactor);
  auto db = std::make_unique<DBConnector>(*reactor, options_for(*backend, 1));
  const auto body = [&]() -> Task<void> {
    EXPECT_EQ(co_await db->execute("SELECT 1", fetch_val_as<int>), 1);
  };
  reactor->run(with_timeout(patience, body()));
  Child child([&] {
    db.reset();
    backend.reset();
    reactor.reset();
  });
  EXPECT_TRUE(child.succeeded());
  reactor->run(with_timeout(patience, body()));
  EXPECT_EQ(db->statistics().opened, 1u);
  db.reset();
  backend.reset();
}

TEST_F(Fork, ATransactionThatAChildInheritedIsRefusedAndItsEndSaysNothing) {
  run([&]() -> Task<void> {
    auto tx = std::make_unique<Transaction>(co_await db_->begin());
    co_await tx->execute("SELECT 1");
    const std::size_t before = seen();
    Child child([&] {
      Reactor other;
      const auto body = [&]() -> Task<void> {
        co_await require_refusal(tx->execute("SELECT 1"), "a statement in it");
        co_await require_refusal(tx->commit(), "its commit");
      };
      other.run(body());
      tx.reset();
      db_.reset();
    });
    EXPECT_TRUE(child.succeeded());
    EXPECT_EQ(seen(), before);
    EXPECT_EQ(co_await tx->execute("SELECT 1", fetch_val_as<int>), 1);
    co_await tx->commit();
    EXPECT_EQ(backend_.counts().violations, 0u);
  });
}

TEST_F(Fork, AStatementUnderWayFailsInTheChildAndEndsInTheParent) {
  run([&]() -> Task<void> {
    co_await ask();
    const std::size_t before = seen();
    std::optional<Child> child;
    const auto fork_meanwhile = [&]() -> Task<void> {
      child.emplace([&] {
        // On the parent's loop the statement has been queued, and would be sent in this turn.
        const auto none = []() -> Task<void> { co_return; };
        Reactor other;
        other.run(none());
        db_.reset();
      });
      co_return;
    };
    auto both = co_await when_all(ask(), fork_meanwhile());
    EXPECT_EQ(std::get<0>(both), 1);
    EXPECT_TRUE(child->succeeded());
    EXPECT_EQ(seen(), before + 1);
  });
}

// The fork is within a task: the child goes on in a copy of it, on a copy of the loop.
TEST_F(Fork, AChildThatGoesOnInTheSameTaskNeverSends) {
  int result = 0;
  bool is_child = false;
  std::size_t before = 0;
  run([&]() -> Task<void> {
    co_await ask();
    before = seen();
    const pid_t pid = ::fork();
    is_child = pid == 0;
    if (is_child) {
      ::alarm(30);
      const auto refused = co_await as_attempt(require_refusal(ask(), "a statement"));
      co_await sleep_for(5ms);
      const auto again = co_await as_attempt(require_refusal(ask(), "a statement later"));
      ::_exit(refused && again ? 0 : 1);
    }
    int status = -1;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    result = status;
    co_await expect_untouched(before);
  });
  EXPECT_EQ(result, 0);
}

// The very bytes: a script fails at whatever it does not expect, and at an early end.
TEST(ForkedFromAScript, NoByteComesBetweenTheParentsStatements) {
  Script script;
  script.startup();
  answer_prepare(script, true);
  answer_run(script);
  answer_run(script);
  Reactor reactor;
  ScriptedBackend backend(reactor, script);
  auto db = std::make_unique<DBConnector>(reactor, options_for(backend, 1));
  const auto ask = [&]() -> Task<void> {
    EXPECT_EQ(co_await db->execute("SELECT 1", fetch_val_as<int>), 1);
  };
  reactor.run(with_timeout(patience, ask()));
  Child child([&] {
    const auto refused = [&]() -> Task<void> {
      co_await require_refusal(db->execute("SELECT 1"), "a statement");
    };
    reactor.run(refused());
    db.reset();
  });
  EXPECT_TRUE(child.succeeded());
  const auto rest = [&]() -> Task<void> {
    co_await ask();
    EXPECT_EQ(backend.ended(), 0u);
    co_await db->close();
    co_await backend.wait_for_end();
  };
  reactor.run(with_timeout(patience, rest()));
  EXPECT_THAT(backend.failures(), IsEmpty());
}

TEST(ForkedFromALoopThread, ItsCallsAreRefusedAndItsEndDoesNotWait) {
  auto loop = std::make_unique<blocking::LoopThread>();
  const auto nothing = []() -> Task<void> { co_return; };
  loop->wait(nothing());
  Child child([&] {
    bool refused = false;
    try {
      loop->wait(nothing());
    } catch (const ForkError& error) {
      refused = std::string(error.what()).find("fork") != std::string::npos;
    }
    require(refused, "wait()");
    loop.reset();
  });
  EXPECT_TRUE(child.succeeded());
  loop->wait(nothing());
}

TEST(ForkedFromALoopThread, ABlockingOperatorsCallsAreRefusedAndItsEndDoesNotWait) {
  MemoryTables tables;
  tables.table("public", "things").column("id", "int").primary_key();
  auto db = std::make_unique<blocking::DBOperator>(std::move(tables));
  const auto is_refused = [](auto& operations) {
    try {
      operations.count("things");
    } catch (const ForkError&) {
      return true;
    }
    return false;
  };
  db->transaction([&](blocking::Connection& connection) {
    std::unique_ptr<blocking::TransactionOperations> within(
        new blocking::TransactionOperations(db->on(connection)));
    Child child([&] {
      require(is_refused(*within), "count() within the transaction");
      within.reset();
    });
    EXPECT_TRUE(child.succeeded());
    within->insert("things", record("id", 1));
  });
  Child child([&] {
    require(is_refused(*db), "count()");
    db.reset();
  });
  EXPECT_TRUE(child.succeeded());
  EXPECT_EQ(db->count("things"), 1u);
}

TEST(ForkedFromALoopThread, AShardedConnectorsCallsAreRefusedAndItsEndDoesNotWait) {
  ConnectionOptions options;  // nobody is asked
  options.database = "shop";
  options.servers.emplace_back("/nowhere", std::uint16_t{5432});
  options.user = "tester";
  auto db = std::make_unique<ShardedConnector>(2, options);
  const auto nothing = [](DBConnector&) -> Task<int> { co_return 1; };
  EXPECT_EQ(db->wait(nothing), 1);
  Child child([&] {
    bool refused = false;
    try {
      db->wait(nothing);
    } catch (const ForkError&) {
      refused = true;
    }
    require(refused, "wait()");
    db.reset();
  });
  EXPECT_TRUE(child.succeeded());
  EXPECT_EQ(db->wait(nothing), 1);
}

}  // namespace
}  // namespace pgreactor::pool_testing
