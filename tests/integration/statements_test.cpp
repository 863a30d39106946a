#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tests/integration/database_fixture.hpp"

// Arguments, fetch modes, held statements, and what is said when a statement fails.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Statements : public DatabaseTest {};

TEST_F(Statements, FetchModesGiveTheirPartOfTheAnswer) {
  run([](DBConnector& db) -> Task<void> {
    const Result all =
        co_await db.execute("SELECT n, n * n AS square FROM generate_series(1, 3) n");
    EXPECT_EQ(all.size(), 3u);
    EXPECT_EQ(all.command_tag(), "SELECT 3");
    EXPECT_EQ(all.affected_rows(), 3u);
    int sum = 0;
    for (const RowView row : all) sum += row.get<int>("square");
    EXPECT_EQ(sum, 14);

    const auto row = co_await db.execute("SELECT 1 AS a, 'x' AS b", fetch_row);
    EXPECT_EQ((row->to<int, std::string>()), std::tuple(1, std::string("x")));
    const Scalar value = co_await db.execute("SELECT 5", fetch_val);
    EXPECT_EQ(value.as<std::int64_t>(), 5);
    const auto dict = co_await db.execute("SELECT 1 AS a, 'x' AS b", fetch_dict);
    EXPECT_EQ(dict->get<std::string>("b"), "x");
    EXPECT_TRUE(dict->contains("a"));
    EXPECT_FALSE(dict->contains("c"));

    EXPECT_EQ((co_await db.fetch("SELECT 1 WHERE $1", true)).size(), 1u);
    EXPECT_EQ((co_await db.fetch_one("SELECT $1::int4", 4))->get<int>(0), 4);
    EXPECT_EQ((co_await db.fetch_val("SELECT $1::int4", 4)).as<int>(), 4);
    const Result dicts = co_await db.fetch_dicts("SELECT n FROM generate_series(1, $1) AS n", 2);
    EXPECT_EQ(dicts[1]["n"].as<int>(), 2);
    EXPECT_EQ((co_await db.fetch_dict("SELECT $1::int4 AS n", 4))->get<int>("n"), 4);
  });
}

TEST_F(Statements, NoRowIsNoError) {
  run([](DBConnector& db) -> Task<void> {
    EXPECT_FALSE(co_await db.execute("SELECT 1 WHERE false", fetch_row));
    EXPECT_FALSE(co_await db.execute("SELECT 1 WHERE false", fetch_dict));
    EXPECT_TRUE((co_await db.execute("SELECT 1 WHERE false", fetch_val)).is_null());
    EXPECT_TRUE((co_await db.execute("SELECT 1 WHERE false")).empty());
    EXPECT_EQ(co_await db.execute("SELECT 1 WHERE false", fetch_val_as<std::optional<int>>),
              std::nullopt);
    const auto attempt = co_await as_attempt(db.execute("SELECT 1 WHERE false", fetch_val_as<int>));
    EXPECT_TRUE(error_of<QueryError>(attempt).connection_usable());
    EXPECT_EQ((co_await db.execute("")).size(), 0u);
  });
}

TEST_F(Statements, ValuesMayComeAloneInParamsInATupleOrAsOneArray) {
  run([](DBConnector& db) -> Task<void> {
    const char* const sql = "SELECT $1::int4 || $2::text";
    EXPECT_EQ(co_await db.execute(std::string_view(sql), 1, "a", fetch_val_as<std::string>), "1a");
    EXPECT_EQ(co_await db.execute(std::string_view(sql), params(1, "a"), fetch_val_as<std::string>),
              "1a");
    const std::tuple<int, std::string> both{1, "a"};
    EXPECT_EQ(co_await db.execute(std::string_view(sql), both, fetch_val_as<std::string>), "1a");
    const std::vector<int> wanted{2, 3};
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM generate_series(1, 5) n WHERE n = ANY($1)",
                                  wanted, fetch_val_as<int>),
              2);
  });
}

TEST_F(Statements, AStatementKeptBeforeItIsAwaitedKeepsItsTemporaries) {
  run([](DBConnector& db) -> Task<void> {
    auto kept = db.execute(std::string("SELECT $1::text || $2::text"), std::string(100, 'a'),
                           std::string(100, 'b'), fetch_val_as<std::string>);
    co_await sleep_for(1ms);
    EXPECT_EQ(co_await std::move(kept), std::string(100, 'a') + std::string(100, 'b'));
  });
}

TEST_F(Statements, AHeldStatementRunsOnEveryConnectionOfThePool) {
  run([](DBConnector& db) -> Task<void> {
    const Statement square = db.prepare("SELECT $1::int4 * $1");
    EXPECT_EQ(square.text(), "SELECT $1::int4 * $1");
    for (int i = 0; i < 10; ++i)
      EXPECT_EQ(co_await db.execute(square, i, fetch_val_as<int>), i * i);
    Transaction first = co_await db.begin();
    Transaction second = co_await db.begin();
    EXPECT_EQ(co_await first.execute(square, 3, fetch_val_as<int>), 9);
    EXPECT_EQ(co_await second.execute(square, 4, fetch_val_as<int>), 16);
    co_await first.rollback();
    co_await second.rollback();
  });
}

TEST_F(Statements, MoreTextsThanTheCacheHoldsAreEvictedAndPreparedAgain) {
  ConnectionOptions few = options_for_one_connection();
  few.statement_cache_capacity = 3;
  run_with(few, [](DBConnector& db) -> Task<void> {
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 8; ++i) {
        const std::string sql = "SELECT " + std::to_string(i) + " + $1::int4";
        EXPECT_EQ(co_await db.execute(sql, round, fetch_val_as<int>), i + round);
      }
    }
    EXPECT_LE(co_await db.execute("SELECT count(*) FROM pg_prepared_statements", fetch_val_as<int>),
              3);
  });
}

TEST_F(Statements, ParameterCountAndRangeAreCheckedBeforeSending) {
  run([](DBConnector& db) -> Task<void> {
    const auto few = co_await as_attempt(db.execute("SELECT $1::int4, $2::int4", 1));
    EXPECT_THAT(error_of<QueryError>(few).what(),
                AllOf(HasSubstr("the query has 2 parameters but 1 argument was given"),
                      HasSubstr("statements_test.cpp")));
    EXPECT_EQ(few.error().outcome(), Outcome::not_sent);
    const auto many = co_await as_attempt(db.execute("SELECT $1::int4", 1, 2));
    EXPECT_THAT(error_of<QueryError>(many).what(),
                HasSubstr("the query has 1 parameter but 2 arguments were given"));
    const auto large = co_await as_attempt(db.execute("SELECT $1::int4", 3'000'000'000));
    EXPECT_THAT(error_of<QueryError>(large).what(), HasSubstr("parameter $1 (int4): "));
    EXPECT_EQ(large.error().outcome(), Outcome::not_sent);
    EXPECT_TRUE(large.error().connection_usable());
    EXPECT_EQ(co_await db.execute("SELECT $1::int4", 2'000'000'000, fetch_val_as<int>),
              2'000'000'000);
  });
}

TEST_F(Statements, ARefusedStatementCarriesAllThatTheServerSaid) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    co_await db.execute(
        "CREATE TABLE account (id int CONSTRAINT account_key UNIQUE, "
        "balance int CONSTRAINT no_debt CHECK (balance >= 0))");
    co_await db.execute("INSERT INTO account VALUES (1, 10)");
    const auto twice = co_await as_attempt(db.execute("INSERT INTO account VALUES ($1, 5)", 1));
    const auto& error = error_of<QueryError>(twice);
    EXPECT_EQ(error.sqlstate(), "23505");
    EXPECT_EQ(error.outcome(), Outcome::rolled_back);
    EXPECT_TRUE(error.connection_usable());
    EXPECT_EQ(error.report()->severity, "ERROR");
    EXPECT_EQ(error.report()->constraint, "account_key");
    EXPECT_EQ(error.report()->table, "account");
    EXPECT_THAT(error.report()->schema, HasSubstr("test_"));
    EXPECT_EQ(error.report()->detail, "Key (id)=(1) already exists.");
    EXPECT_FALSE(error.report()->routine.empty());
    EXPECT_THAT(error.what(), AllOf(HasSubstr("ERROR 23505"), HasSubstr("INSERT INTO account")));

    const auto debt = co_await as_attempt(db.execute("UPDATE account SET balance = -1"));
    EXPECT_EQ(error_of<QueryError>(debt).report()->constraint, "no_debt");
    const auto syntax = co_await as_attempt(db.execute("SELECT FROM WHERE"));
    EXPECT_EQ(error_of<QueryError>(syntax).sqlstate(), "42601");
    EXPECT_EQ(syntax.error().report()->position, "13");
    EXPECT_EQ(co_await db.execute("SELECT balance FROM account", fetch_val_as<int>), 10);
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

TEST_F(Statements, AMissingOrExistingTableIsASchemaError) {
  run([](DBConnector& db) -> Task<void> {
    const auto missing = co_await as_attempt(db.execute("SELECT * FROM not_there"));
    EXPECT_EQ(error_of<SchemaError>(missing).sqlstate(), "42P01");
    co_await db.execute("CREATE TABLE there (id int)");
    const auto existing = co_await as_attempt(db.execute("CREATE TABLE there (id int)"));
    EXPECT_EQ(error_of<SchemaError>(existing).sqlstate(), "42P07");
    const auto schema = co_await as_attempt(db.execute("CREATE TABLE nowhere.there (id int)"));
    EXPECT_EQ(error_of<SchemaError>(schema).sqlstate(), "3F000");
    EXPECT_TRUE(schema.error().connection_usable());
  });
}

TEST_F(Statements, AFailureInTheMiddleOfTheRowsIsAnErrorNotAShortResult) {
  run([](DBConnector& db) -> Task<void> {
    const auto attempt =
        co_await as_attempt(db.execute("SELECT 10 / (5 - n) FROM generate_series(1, 9) n"));
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "22012");
    const auto first = co_await as_attempt(
        db.execute("SELECT 10 / (5 - n) FROM generate_series(1, 9) n", fetch_row));
    EXPECT_EQ(error_of<QueryError>(first).sqlstate(), "22012");
  });
}

TEST_F(Statements, WhatDoesNotConvertNamesTheColumn) {
  run([](DBConnector& db) -> Task<void> {
    const Result result = co_await db.execute("SELECT 70000 AS large, 'x'::text AS letter");
    EXPECT_THROW(static_cast<void>(result[0].get<std::int16_t>("large")), QueryError);
    EXPECT_THROW(static_cast<void>(result[0].get<int>("letter")), QueryError);
    EXPECT_THROW(static_cast<void>(result[0].get<int>("missing")), QueryError);
    EXPECT_THROW(static_cast<void>(result[0].get<int>(2)), QueryError);
    EXPECT_THROW(static_cast<void>(result[1]), QueryError);
    try {
      static_cast<void>(result[0].get<std::int16_t>("large"));
    } catch (const QueryError& error) {
      EXPECT_THAT(error.what(), HasSubstr("column 'large' (int4)"));
    }
  });
}

TEST_F(Statements, OneThatTakesLongerThanItsTimeoutEndsInTime) {
  run([](DBConnector& db) -> Task<void> {
    const Statement sleep = db.prepare("SELECT pg_sleep($1)");
    co_await db.execute(sleep, 0.0);  // connected and prepared: the next one is sent at once
    const auto begun = std::chrono::steady_clock::now();
    const auto attempt = co_await as_attempt(db.execute(sleep, 1.0, timeout(50ms)));
    EXPECT_EQ(error_of<TimeoutError>(attempt).outcome(), Outcome::unknown);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 900ms);
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
  });
}

TEST_F(Statements, OneWhoseTimeIsUsedUpIsNotSent) {
  run([](DBConnector& db) -> Task<void> {
    for (const auto left : {0ms, -5ms}) {
      const auto attempt = co_await as_attempt(db.execute("SELECT 1", timeout(left)));
      EXPECT_EQ(error_of<TimeoutError>(attempt).outcome(), Outcome::not_sent);
    }
  });
}

TEST_F(Statements, OneThatIsStoppedInTheTurnItWasAskedForIsNotSaidToBeUnsent) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE asked (id int)");
    const Statement insert = db.prepare("INSERT INTO asked VALUES ($1)");
    co_await db.execute(insert, 1);
    std::optional<Outcome> outcome;
    const auto stopped = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(db.execute(insert, 2));
      outcome = error_of<CancelledError>(attempt).outcome();
    };
    const auto at_once = []() -> Task<void> { co_return; };
    co_await when_any(stopped(), at_once());
    EXPECT_EQ(outcome, Outcome::unknown);
    // Its bytes were in the output buffer, behind which others may stand.
    while (co_await db.execute("SELECT count(*) FROM asked", fetch_val_as<int>) != 2) {
    }
  });
}

TEST_F(Statements, ARowMayHaveNoColumns) {
  run([](DBConnector& db) -> Task<void> {
    const auto rows = co_await db.execute("SELECT FROM generate_series(1, 3)");
    EXPECT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[2].size(), 0u);
    for (int i = 0; i < 3; ++i) {
      const auto row = co_await db.execute("SELECT", fetch_row);
      EXPECT_TRUE(row.has_value() && row->size() == 0);
    }
  });
}

TEST_F(Statements, ALargeResultArrivesWhole) {
  run([](DBConnector& db) -> Task<void> {
    const Result result =
        co_await db.execute("SELECT n, repeat('x', n % 100) FROM generate_series(1, 50000) n");
    EXPECT_EQ(result.size(), 50'000u);
    std::int64_t sum = 0;
    std::size_t characters = 0;
    for (const RowView row : result) {
      sum += row.get<int>(0);
      characters += row.get<std::string_view>(1).size();
    }
    EXPECT_EQ(sum, 1'250'025'000);
    EXPECT_EQ(characters, 2'475'000u);
  });
}

TEST_F(Statements, AResultThatIsTooLargeIsAnErrorAndTheConnectionGoesOn) {
  ConnectionOptions small = options_for_one_connection();
  small.max_result_bytes = 100'000;
  run_with(small, [](DBConnector& db) -> Task<void> {
    const std::string large = "SELECT repeat('x', 1000) FROM generate_series(1, 1000)";
    for (const std::string& sql : {large, std::string("SELECT FROM generate_series(1, 100000)")}) {
      const auto attempt = co_await as_attempt(db.execute(sql));
      EXPECT_THAT(error_of<QueryError>(attempt).what(),
                  AllOf(HasSubstr("larger than 100000 bytes (max_result_bytes)"), HasSubstr(sql)));
      EXPECT_EQ(error_of<QueryError>(attempt).outcome(), Outcome::unknown);
    }
    const auto script = co_await as_attempt(db.execute_script("SELECT 1; " + large));
    EXPECT_THAT(error_of<QueryError>(script).what(), HasSubstr("max_result_bytes"));
    Batch batch(db);
    auto kept = batch.add("SELECT 7", fetch_val_as<int>);
    auto dropped = batch.add(large);
    co_await batch.run();
    EXPECT_EQ(kept.get(), 7);
    EXPECT_THROW(static_cast<void>(dropped.get()), QueryError);
    EXPECT_TRUE((co_await db.execute(large, fetch_row)).has_value());
    RowStream rows = co_await db.stream(large);
    int count = 0;
    while (co_await rows.next()) ++count;
    EXPECT_EQ(count, 1000);
    EXPECT_EQ((co_await db.execute("SELECT n FROM generate_series(1, 1000) n")).size(), 1000u);
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

TEST_F(Statements, AValueOfAnyTypeIsAnArgumentByItself) {
  run([](DBConnector& db) -> Task<void> {
    const auto shown = [&db](const std::string& sql, const Datum& value) -> Task<std::string> {
      co_return co_await db.execute(sql, value, fetch_val_as<std::string>);
    };
    EXPECT_EQ(co_await shown("SELECT coalesce($1::int::text, 'null')", Datum()), "null");
    EXPECT_EQ(co_await shown("SELECT $1::int", Datum(7)), "7");
    EXPECT_EQ(co_await shown("SELECT $1::jsonb", Datum(true)), "true");
    EXPECT_EQ(co_await shown("SELECT $1::jsonb", array(1, array("a", nullptr))),
              R"([1, ["a", null]])");
    EXPECT_EQ(co_await shown("SELECT $1::int[]", array(1, nullptr)), "{1,NULL}");
    EXPECT_EQ(co_await shown("SELECT length(($1::numeric[])[1]::text)",
                             array(*Numeric::parse("1e131071"))),
              "131072");
    EXPECT_EQ(
        co_await shown("SELECT ($1::jsonb->0) = '1e131071'", array(*Numeric::parse("1e131071"))),
        "t");
    const std::vector<Datum> some = {Datum(1), Datum(), Datum("3")};
    EXPECT_EQ(co_await db.execute("SELECT $1::int[]", some, fetch_val_as<std::string>),
              "{1,NULL,3}");
    EXPECT_TRUE((co_await db.execute("SELECT NULL::int", fetch_val_as<Datum>)).is_null());
    co_await db.execute("CREATE TABLE anything (n int, t text)");
    CopyIn copy = co_await db.copy_in("anything", columns("n", "t"));
    const Datum none;
    co_await copy.row(std::int32_t{7}, none);
    EXPECT_EQ(co_await copy.finish(), 1u);
  });
}

// By a connection that has it still to prepare, asked for columns in formats for other ones.
TEST_F(Statements, WhoseColumnsHaveChangedArePreparedAgainThoughTheirFormatsDiffer) {
  ConnectionOptions two = options();
  two.pool_min_conns = two.pool_max_conns = 2;
  run_with(two, [](DBConnector& db) -> Task<void> {
    co_await db.warm_up();
    co_await db.execute_script(
        "CREATE TYPE mood AS ENUM ('sad', 'glad');"
        "CREATE TABLE person (id int, feels mood); INSERT INTO person VALUES (1, 'glad')");
    Transaction first = co_await db.begin();
    const std::string text = "SELECT * FROM person";
    EXPECT_EQ((co_await first.execute(text)).shape().size(), 2u);
    co_await first.commit();
    Transaction holder = co_await db.begin();  // the connection that knows it, or the other
    co_await holder.execute("ALTER TABLE person ADD COLUMN name text");
    co_await holder.commit();
    for (int i = 0; i < 4; ++i) {
      const auto both = co_await when_all(db.execute(text), db.execute(text));
      EXPECT_EQ(std::get<0>(both).shape().size(), 3u);
      EXPECT_EQ(std::get<1>(both).shape().size(), 3u);
    }
  });
}

}  // namespace
}  // namespace pgreactor::integration
