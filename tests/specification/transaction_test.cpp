#include "tests/specification/specification_fixture.hpp"

// The headings "Transactions" and "Transaction Management". The examples run SQL, which memory
// refuses: there each shows that nothing was done. What the standard methods do within a
// transaction is the same in both worlds.
namespace pgreactor::specification {
namespace {

using ::testing::HasSubstr;

TEST_P(Snippets, Transactions) {
  operate([this](DBOperator& db) -> Task<void> {
    const auto body = [](Transaction& conn) -> Task<void> {
      co_await conn.execute("INSERT INTO public.users (name) VALUES ($1)", params("Alice"));
      co_await conn.execute("INSERT INTO public.users (name) VALUES ($1)", params("Bob"));
    };
    const auto done = co_await as_attempt(db.transaction(body));
    EXPECT_EQ(co_await db.count("users"), was_answered(done) ? 2u : 0u);
    const auto failing = [](Transaction& conn) -> Task<void> {
      co_await conn.execute("INSERT INTO public.users (name) VALUES ($1)", params("Charlie"));
      co_await conn.execute("INSERT INTO public.users (name) VALUES (NULL)");
    };
    const auto failed = co_await as_attempt(db.transaction(failing));
    EXPECT_FALSE(failed);
    EXPECT_EQ(co_await db.count("users", where("name", "Charlie")), 0u);
  });
}

// If any operation fails, the entire transaction is rolled back.
TEST_P(Snippets, TransactionsOfStandardMethods) {
  operate([](DBOperator& db) -> Task<void> {
    const auto body = [&](Transaction& conn) -> Task<int> {
      co_await db.on(conn).insert("users", record("name", "Alice"));
      EXPECT_EQ(co_await db.on(conn).count("users"), 1u);
      EXPECT_EQ(co_await db.count("users"), 0u);
      co_return 7;
    };
    EXPECT_EQ(co_await db.transaction(body), 7);
    EXPECT_EQ(co_await db.count("users"), 1u);
    const auto failing = [&](Transaction& conn) -> Task<void> {
      co_await db.on(conn).insert("users", record("name", "Bob"));
      co_await db.on(conn).update("users", record("name", "Eve"), where("name", "Alice"));
      co_await db.on(conn).remove("users", where("name", "Bob"));
      co_await db.on(conn).insert("users", record("role", "nameless"));
    };
    const auto failed = co_await as_attempt(db.transaction(failing));
    EXPECT_EQ(error_of<NotNullViolation>(failed).sqlstate(), Sqlstate("23502"));
    EXPECT_EQ(co_await db.count("users", where("name", "Alice")), 1u);
    EXPECT_EQ(co_await db.count("users"), 1u);
  });
}

TEST_P(Snippets, TransactionManagement) {
  operate([this](DBOperator& db) -> Task<void> {
    co_await db.insert("accounts", record("user_id", 1, "balance", 100));
    co_await db.insert("accounts", record("user_id", 2, "balance", 0));
    int amount = 30;
    const auto transfer = [&](Transaction& conn) -> Task<void> {
      co_await conn.execute("UPDATE public.accounts SET balance = balance - $1 WHERE user_id = $2",
                            amount, 1);
      co_await conn.execute("UPDATE public.accounts SET balance = balance + $1 WHERE user_id = $2",
                            amount, 2);
    };
    const auto done = co_await as_attempt(db.transaction(transfer));
    const int moved = was_answered(done) ? 30 : 0;
    amount = 1000;
    const auto refused = co_await as_attempt(db.transaction(transfer));
    EXPECT_FALSE(refused);
    const auto accounts = co_await db.fetch("accounts", order_by("user_id"));
    EXPECT_EQ(accounts.at(0).get<int>("balance"), 100 - moved);
    EXPECT_EQ(accounts.at(1).get<int>("balance"), moved);
  });
}

// The transfer as standard methods would write it.
TEST_P(Snippets, TransactionManagementByStandardMethods) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.insert("accounts", record("user_id", 1, "balance", 100));
    co_await db.insert("accounts", record("user_id", 2, "balance", 0));
    int amount = 30;
    const auto change = [&](Transaction& conn, int user, int by) -> Task<void> {
      const auto held =
          co_await db.on(conn).get_by_column("accounts", "user_id", user, for_update());
      const int balance = held.value_or(Record()).get<int>("balance") + by;
      co_await db.on(conn).update("accounts", record("balance", balance), where("user_id", user));
    };
    const auto transfer = [&](Transaction& conn) -> Task<void> {
      co_await change(conn, 2, amount);
      co_await change(conn, 1, -amount);
    };
    co_await db.transaction(transfer);
    amount = 1000;
    const auto refused = co_await as_attempt(db.transaction(transfer));
    EXPECT_EQ(error_of<CheckViolation>(refused).sqlstate(), Sqlstate("23514"));
    const auto accounts = co_await db.fetch("accounts", order_by("user_id"));
    EXPECT_EQ(accounts.at(0).get<int>("balance"), 70);
    EXPECT_EQ(accounts.at(1).get<int>("balance"), 30);
  });
}

TEST_P(Snippets, TransactionsWithinTransactionsAreSavepoints) {
  operate([](DBOperator& db) -> Task<void> {
    const auto inner = [&](Transaction& conn) -> Task<void> {
      EXPECT_EQ(conn.depth(), 1);
      co_await db.on(conn).insert("users", record("name", "inner", "email", "e"));
      co_await db.on(conn).insert("users", record("name", "twice", "email", "e"));
    };
    const auto outer = [&](Transaction& conn) -> Task<void> {
      co_await db.on(conn).insert("users", record("name", "outer"));
      const auto failed = co_await as_attempt(db.transaction(inner));
      EXPECT_EQ(error_of<UniqueViolation>(failed).sqlstate(), Sqlstate("23505"));
      EXPECT_EQ(co_await db.on(conn).count("users"), 1u);
      Transaction savepoint = co_await conn.begin();
      const auto busy = co_await as_attempt(db.on(conn).count("users"));
      EXPECT_THAT(error_of<QueryError>(busy).what(), HasSubstr("savepoint is open"));
      co_await db.on(savepoint).insert("users", record("name", "kept"));
      Transaction deeper = co_await savepoint.begin();
      EXPECT_EQ(deeper.depth(), 2);
      co_await db.on(deeper).remove("users", all_rows());
      EXPECT_EQ(co_await db.on(deeper).count("users"), 0u);
      co_await deeper.rollback();
      co_await savepoint.commit();
    };
    co_await db.transaction(outer);
    EXPECT_EQ(co_await db.count("users"), 2u);
    EXPECT_EQ(co_await db.count("users", where("name", in("outer", "kept"))), 2u);
  });
}

TEST_P(Snippets, AfterAFailedStatementATransactionCanOnlyBeRolledBack) {
  operate([](DBOperator& db) -> Task<void> {
    Transaction conn = co_await db.begin();
    co_await db.on(conn).insert("users", record("name", "a", "email", "e"));
    const auto failed =
        co_await as_attempt(db.on(conn).insert("users", record("name", "b", "email", "e")));
    EXPECT_FALSE(failed);
    const auto refused = co_await as_attempt(db.on(conn).count("users"));
    EXPECT_EQ(error_of<QueryError>(refused).sqlstate(), Sqlstate("25P02"));
    const auto commit = co_await as_attempt(conn.commit());
    EXPECT_EQ(error_of<QueryError>(commit).outcome(), Outcome::rolled_back);
    EXPECT_FALSE(conn.is_open());
    EXPECT_EQ(co_await db.count("users"), 0u);
    const auto ended = co_await as_attempt(db.on(conn).count("users"));
    EXPECT_THAT(error_of<QueryError>(ended).what(), HasSubstr("ended"));
  });
}

TEST_P(Snippets, TransactionsThatAreDroppedAreRolledBack) {
  operate([](DBOperator& db) -> Task<void> {
    {
      Transaction conn = co_await db.begin();
      co_await db.on(conn).insert("users", record("name", "a"));
    }
    EXPECT_EQ(co_await db.count("users"), 0u);
    Transaction conn = co_await db.begin();
    co_await db.on(conn).insert("users", record("name", "b"));
    {
      Transaction savepoint = co_await conn.begin();
      co_await db.on(savepoint).insert("users", record("name", "c"));
    }
    const auto refused = co_await as_attempt(conn.commit());
    EXPECT_THAT(error_of<QueryError>(refused).what(), HasSubstr("savepoint"));
    co_await conn.rollback();
    EXPECT_EQ(co_await db.count("users"), 0u);
  });
}

TEST_P(Snippets, ReadOnlyTransactionsRefuseWrites) {
  operate([](DBOperator& db) -> Task<void> {
    const auto body = [&](Transaction& conn) -> Task<void> {
      EXPECT_EQ(co_await db.on(conn).count("users"), 0u);
      co_await db.on(conn).insert("users", record("name", "a"));
    };
    const auto refused = co_await as_attempt(db.transaction(read_only(), body));
    EXPECT_EQ(error_of<QueryError>(refused).sqlstate(), Sqlstate("25006"));
    EXPECT_EQ(co_await db.count("users"), 0u);
  });
}

TEST_P(Snippets, SchemasOfARolledBackTransactionAreNotThere) {
  operate([](DBOperator& db) -> Task<void> {
    Transaction conn = co_await db.begin();
    co_await db.on(conn).create_schema("new_schema");
    EXPECT_TRUE(co_await db.on(conn).schema_exists("new_schema"));
    EXPECT_FALSE(co_await db.schema_exists("new_schema"));
    co_await conn.rollback();
    EXPECT_FALSE(co_await db.schema_exists("new_schema"));
  });
}

TEST_P(Snippets, TransactionsRunAgainWhenAsked) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.insert("users", record("name", "first", "email", "1"));
    int runs = 0;
    const auto body = [&](Transaction& conn) -> Task<int> {
      co_await db.on(conn).insert("users", record("name", "a"));
      const std::string email = std::to_string(++runs / 3 + 1);
      co_await db.on(conn).insert("users", record("name", "b", "email", email));
      co_return runs;
    };
    EXPECT_EQ(co_await db.transaction(retrying().on_conflict(), body), 3);
    EXPECT_EQ(co_await db.count("users"), 3u);
  });
}

}  // namespace
}  // namespace pgreactor::specification
