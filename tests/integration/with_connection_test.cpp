#include <atomic>
#include <thread>

#include "tests/integration/operator_fixture.hpp"

namespace pgreactor::integration {
namespace {

using ::testing::HasSubstr;

class WithConnection : public OperatorTest {
 protected:
  /// Rows of app.users with that name, counted over a connection of its own.
  std::uint64_t count_of(const std::string& name) {
    blocking::DBOperator db(options());
    return db.count("users", where("name", name), in_schema("app"));
  }
};

Task<int> add(Transaction& conn, std::string name, int result) {
  co_await conn.execute("INSERT INTO app.users (name) VALUES ($1)", name);
  co_return result;
}

Task<void> add_and_fail(Transaction& conn, std::string name) {
  co_await conn.execute("INSERT INTO app.users (name) VALUES ($1)", name);
  throw std::runtime_error("the application's own");
}

class Service {
 public:
  explicit Service(std::string prefix) : prefix_(std::move(prefix)) {}
  Task<std::string> process(Transaction& conn, int id) {
    const std::string name = prefix_ + std::to_string(id);
    co_await conn.execute("INSERT INTO app.users (name) VALUES ($1)", name);
    const auto row = co_await conn.fetch_dict("SELECT name FROM app.users WHERE name = $1", name);
    co_return row->get<std::string>("name");
  }

 private:
  std::string prefix_;
};

// Checklist: C75, C76, C78, C79, C85
TEST_F(WithConnection, CommitsAndGivesWhatTheFunctionReturned) {
  operate([](DBOperator& db) -> Task<void> {
    const auto task = with_db_connection(db.connector(), add);
    EXPECT_EQ(co_await task("kept", 7), 7);
    const auto add_two = [](Transaction& conn) -> Task<void> {
      co_await add(conn, "kept", 1);
      co_await add(conn, "kept", 2);
    };
    const auto two = with_db_connection(db.connector(), add_two);
    co_await two();
  });
  EXPECT_EQ(count_of("kept"), 3u);
}

// Checklist: C81
TEST_F(WithConnection, RollsBackAndThrowsWhatTheFunctionThrew) {
  operate([](DBOperator& db) -> Task<void> {
    const auto task = with_db_connection(db.connector(), add_and_fail);
    std::string said;
    try {
      co_await task("dropped");
    } catch (const std::runtime_error& error) {
      said = error.what();
    }
    EXPECT_EQ(said, "the application's own");
  });
  EXPECT_EQ(count_of("dropped"), 0u);
}

// Checklist: C71, C80, C82
TEST_F(WithConnection, TheConnectionIsAcquiredAndReleased) {
  operate([](DBOperator& db) -> Task<void> {
    std::size_t lent = 0;
    const auto body = [&](Transaction&) -> Task<void> {
      lent = db.connector().statistics().lent;
      co_return;
    };
    const auto task = with_db_connection(db.connector(), body);
    co_await task();
    EXPECT_EQ(lent, 1u);
    EXPECT_EQ(db.connector().statistics().lent, 0u);
    const auto failing = with_db_connection(db.connector(), add_and_fail);
    bool failed = false;
    try {
      co_await failing("x");
    } catch (const std::runtime_error&) {
      failed = true;
    }
    EXPECT_TRUE(failed);
    EXPECT_EQ(db.connector().statistics().lent, 0u);
  });
}

// Checklist: C77, C83
TEST_F(WithConnection, WrapsMemberFunctions) {
  operate([](DBOperator& db) -> Task<void> {
    Service service("svc");
    const auto process = with_db_connection(db.connector(), &Service::process);
    EXPECT_EQ(co_await process(service, 7), "svc7");
  });
  EXPECT_EQ(count_of("svc7"), 1u);
}

TEST_F(WithConnection, WithinATransactionItIsASavepoint) {
  operate([](DBOperator& db) -> Task<void> {
    const auto failing = with_db_connection(db.connector(), add_and_fail);
    const auto good = with_db_connection(db.connector(), add);
    const auto outer = [&](Transaction& tx) -> Task<void> {
      co_await good("inner", 1);
      bool failed = false;
      try {
        co_await failing("inner failed");
      } catch (const std::runtime_error&) {
        failed = true;  // its savepoint is rolled back, and this transaction goes on
      }
      EXPECT_TRUE(failed);
      const Scalar seen = co_await tx.fetch_val("SELECT count(*) FROM app.users");
      EXPECT_EQ(seen.as<int>(), 1);
    };
    co_await db.transaction(outer);
  });
  EXPECT_EQ(count_of("inner"), 1u);
  EXPECT_EQ(count_of("inner failed"), 0u);
}

TEST_F(WithConnection, OneThatRequiresToBeNewCommitsByItself) {
  operate([](DBOperator& db) -> Task<void> {
    const auto audit = with_db_connection(db.connector(), requires_new(), add);
    const auto outer = [&](Transaction& tx) -> Task<void> {
      co_await tx.execute("INSERT INTO app.users (name) VALUES ('undone')");
      co_await audit("audited", 1);
      throw std::runtime_error("the application's own");
    };
    bool failed = false;
    try {
      co_await db.transaction(outer);
    } catch (const std::runtime_error&) {
      failed = true;
    }
    EXPECT_TRUE(failed);
  });
  EXPECT_EQ(count_of("audited"), 1u);
  EXPECT_EQ(count_of("undone"), 0u);
}

TEST_F(WithConnection, RunsAgainAfterASerializationFailureWhenAsked) {
  operate([](DBOperator& db) -> Task<void> {
    int runs = 0;
    const auto body = [&runs](Transaction& conn) -> Task<int> {
      ++runs;
      if (runs < 3)
        co_await conn.execute("DO $$BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = '40001'; END$$");
      co_return runs;
    };
    const auto once = with_db_connection(db.connector(), body);
    const auto refused = co_await as_attempt(once());
    EXPECT_EQ(error_of<SerializationFailure>(refused).sqlstate(), Sqlstate("40001"));
    const auto again = with_db_connection(db.connector(), retrying(), body);
    EXPECT_EQ(co_await again(), 3);
  });
}

// Checklist: C84
TEST_F(WithConnection, AWorkerThreadNeedsNoLoop) {
  blocking::DBOperator db(options());
  const auto process = [](blocking::Connection& conn, int id) {
    conn.execute("INSERT INTO app.users (name, age) VALUES ('job', $1)", id);
    if (id % 2 != 0) throw std::runtime_error("odd");
    return id * 2;
  };
  const auto task = blocking::with_db_connection(db, process);
  std::vector<std::thread> workers;
  std::atomic<int> good{0}, failed{0};
  for (int worker = 0; worker < 4; ++worker)
    workers.emplace_back([&, worker] {
      auto own = task;
      for (int i = 0; i < 5; ++i) {
        const int id = worker * 5 + i;
        try {
          if (own(id) == id * 2) ++good;
        } catch (const std::runtime_error&) {
          ++failed;
        }
      }
    });
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(good, 10);
  EXPECT_EQ(failed, 10);
  EXPECT_EQ(db.count("users", where("name", "job"), in_schema("app")), 10u);
  EXPECT_TRUE(db.describe_table("users", in_schema("app"))->find("mood"));
  db.set_max_rows(9);
  EXPECT_THROW(db.fetch("users", in_schema("app")), QueryError);
  db.set_max_rows(10);
  EXPECT_EQ(db.fetch("users", in_schema("app")).size(), 10u);
  EXPECT_EQ(db.fetch("users", where("age", 4), in_schema("app")).size(), 1u);
}

// Checklist: C18
TEST_F(WithConnection, AllMethodsBlockToo) {
  blocking::DBOperator db(options());
  const auto app = [] { return in_schema("app"); };
  const Inserted user = db.insert("users", record("name", "Jane", "email", "j@x"), app());
  EXPECT_EQ(db.get_by_uuid("users", user.id(), app()).value_or(Record()), user);
  EXPECT_TRUE(db.get_by_name("users", "Jane", app()).has_value());
  EXPECT_TRUE(db.get_by_column("users", "email", "j@x", app()).has_value());
  EXPECT_EQ(db.update("users", record("age", 3), where("name", "Jane"), app()).size(), 1u);
  EXPECT_EQ(db.upsert("users", record("email", "j@x", "name", "J"), "email", app()).inserted(),
            false);
  EXPECT_TRUE(db.fetch_one("SELECT 1 AS one").has_value());
  EXPECT_EQ(db.execute_raw("SELECT $1::int", 5, fetch_val_as<int>), 5);
  EXPECT_EQ(db.fetch_page("users", "", app()).records().size(), 1u);
  EXPECT_TRUE(db.table_exists("users", app()));
  EXPECT_TRUE(db.schema_exists("app"));
  EXPECT_EQ(db.remove("users", where("name", "J"), app()), 1u);
  try {
    static_cast<void>(db.fetch("users", where("nam e", 1), strict_names(), app()));
    ADD_FAILURE() << "the column was found";
  } catch (const ColumnMatchError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'nam e'"));
  }
  db.close();
}

}  // namespace
}  // namespace pgreactor::integration
