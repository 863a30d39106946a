#include "tests/integration/operator_fixture.hpp"

namespace pgreactor::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::size_t many = 2'500;  // more than go as arrays

const auto in_app = [] { return in_schema("app"); };

/// What many rows become, by the statement that a trigger sees.
class BulkInsert : public OperatorTest {
 protected:
  void SetUp() override {
    OperatorTest::SetUp();
    if (IsSkipped()) return;
    operate([](DBOperator& db) -> Task<void> {
      co_await db.execute_raw(
          "CREATE TABLE app.bulk (nr bigint PRIMARY KEY, flag boolean, price numeric(12,2), "
          "label varchar(12), at timestamptz, day date, key uuid, raw bytea, data jsonb, "
          "small smallint, mood text DEFAULT 'calm')");
      co_await db.execute_raw("CREATE TABLE app.seen (statement text)");
      co_await db.execute_raw(
          "CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
          "$$BEGIN INSERT INTO app.seen VALUES (current_query()); RETURN NULL; END$$");
      co_await db.execute_raw(
          "CREATE TRIGGER note AFTER INSERT ON app.bulk FOR EACH STATEMENT EXECUTE FUNCTION "
          "app.note()");
    });
  }

  static std::vector<Record> rows() {
    std::vector<Record> all;
    for (std::size_t i = 0; i < many; ++i) {
      const auto nr = static_cast<std::int64_t>(i);
      all.push_back(record("nr", nr, "flag", i % 2 == 0, "price", *Numeric::parse("12.50"), "label",
                           "n" + std::to_string(i), "day", *Date::parse("2026-11-26"), "key",
                           *Uuid::parse("550e8400-e29b-41d4-a716-446655440000"), "small", 7));
      if (i % 10 == 0) all.back().set("label", nullptr);
    }
    return all;
  }
  static std::vector<std::string> key() {
    std::vector<std::string> columns;
    columns.emplace_back("nr");
    return columns;
  }
  static Task<std::string> statement_seen(DBOperator& db) {
    const auto seen = co_await db.fetch_one("seen", in_app());
    co_return seen.value_or(record("statement", "none")).get<std::string>("statement");
  }
};

TEST_F(BulkInsert, ManyRowsOfWhichNothingIsWantedBackAreCopied) {
  operate([](DBOperator& db) -> Task<void> {
    const auto none = co_await db.insert_many("bulk", rows(), in_app(), returning_nothing());
    EXPECT_TRUE(none.empty());
    EXPECT_THAT(co_await statement_seen(db), StartsWith("COPY \"app\".\"bulk\""));
    EXPECT_EQ(co_await db.count("bulk", in_app()), many);
    const auto row = co_await db.get_by_column("bulk", "nr", 11, in_app());
    EXPECT_EQ(row.value_or(Record()).to_json(),
              R"({"nr":11,"flag":false,"price":12.50,"label":"n11","at":null,"day":"2026-11-26",)"
              R"("key":"550e8400-e29b-41d4-a716-446655440000","raw":null,"data":null,"small":7,)"
              R"("mood":"calm"})");
    EXPECT_EQ(co_await db.count("bulk", where("label", nullptr), in_app()), many / 10);
  });
}

TEST_F(BulkInsert, RowsThatAreWantedBackAreInserted) {
  operate([](DBOperator& db) -> Task<void> {
    const auto inserted = co_await db.insert_many("bulk", rows(), in_app());
    EXPECT_EQ(inserted.size(), many);
    EXPECT_THAT(co_await statement_seen(db), StartsWith("INSERT INTO"));
  });
}

TEST_F(BulkInsert, ValuesWithoutABinaryFormAreInserted) {
  operate([](DBOperator& db) -> Task<void> {
    std::vector<Record> data = rows();
    data.back().set("price", "99.10");
    co_await db.insert_many("bulk", data, in_app(), returning_nothing());
    EXPECT_THAT(co_await statement_seen(db), StartsWith("INSERT INTO"));
    EXPECT_EQ(co_await db.count("bulk", where("price", *Numeric::parse("99.10")), in_app()), 1u);
  });
}

TEST_F(BulkInsert, AKeyThatIsThereUndoesAllOfThem) {
  operate([](DBOperator& db) -> Task<void> {
    std::vector<Record> data = rows();
    data.back().set("nr", 3);
    const auto refused =
        co_await as_attempt(db.insert_many("bulk", data, in_app(), returning_nothing()));
    EXPECT_THAT(error_of<UniqueViolation>(refused).what(), StartsWith("insert into app.bulk: "));
    EXPECT_EQ(error_of<UniqueViolation>(refused).outcome(), Outcome::rolled_back);
    EXPECT_EQ(co_await db.count("bulk", in_app()), 0u);
  });
}

TEST_F(BulkInsert, AValueThatDoesNotFitIsNamedByRowAndColumn) {
  operate([](DBOperator& db) -> Task<void> {
    std::vector<Record> data = rows();
    data[1'700].set("small", 40'000);
    const auto refused =
        co_await as_attempt(db.insert_many("bulk", data, in_app(), returning_nothing()));
    EXPECT_THAT(error_of<QueryError>(refused).what(),
                HasSubstr("row 1701, column 'small' (smallint): the value is out of range"));
    EXPECT_EQ(co_await db.count("bulk", in_app()), 0u);
  });
}

// In parts, by COPY, and under max_affected(): each in a savepoint, which is rolled back.
TEST_F(BulkInsert, APartThatIsRefusedLeavesATransactionUsable) {
  operate([](DBOperator& db) -> Task<void> {
    Transaction transaction = co_await db.begin();
    TableOperations tables = db.on(transaction);
    for (const int small : {40'000, 0}) {
      std::vector<Record> data = rows();
      data.resize(120);
      for (Record& row : data) row.set("mood", column_default);
      data.back().set("small", small);
      if (small == 0) data.back().set("nr", 3);
      const auto refused = co_await as_attempt(tables.insert_many("bulk", data, in_app()));
      EXPECT_THAT(error_of<QueryError>(refused).what(),
                  HasSubstr(small == 0 ? "bulk_pkey" : "the value is out of range"));
      co_await transaction.execute("SELECT 1");
      EXPECT_EQ(co_await tables.count("bulk", in_app()), 0u);
    }
    std::vector<Record> data = rows();
    data.back().set("nr", 3);
    const auto copied =
        co_await as_attempt(tables.insert_many("bulk", data, in_app(), returning_nothing()));
    EXPECT_THAT(error_of<UniqueViolation>(copied).what(), StartsWith("insert into app.bulk: "));
    data.back().set("small", 40'000);
    const auto unfit =
        co_await as_attempt(tables.insert_many("bulk", data, in_app(), returning_nothing()));
    EXPECT_THAT(error_of<QueryError>(unfit).what(), HasSubstr("column 'small' (smallint)"));
    co_await tables.insert("bulk", record("nr", 1), in_app());
    const auto changed = co_await as_attempt(
        tables.update("bulk", record("small", 40'000), where("nr", 1), max_affected(5), in_app()));
    EXPECT_FALSE(changed);
    co_await transaction.commit();
    EXPECT_EQ(co_await db.count("bulk", in_app()), 1u);
  });
}

TEST_F(BulkInsert, AnUpsertThatIsRefusedLeavesATransactionUsable) {
  operate([](DBOperator& db) -> Task<void> {
    Transaction transaction = co_await db.begin();
    TableOperations tables = db.on(transaction);
    std::vector<Record> data;
    data.push_back(record("nr", 1, "label", "a"));
    data.push_back(record("nr", 2, "small", 40'000));
    const auto refused = co_await as_attempt(tables.upsert_many("bulk", data, key(), in_app()));
    EXPECT_THAT(error_of<QueryError>(refused).what(), HasSubstr("the value is out of range"));
    co_await transaction.execute("SELECT 1");
    EXPECT_EQ(co_await tables.count("bulk", in_app()), 0u);
    co_await transaction.commit();
  });
}

TEST_F(BulkInsert, WhereATriggerDropsAnUpsertTheOthersKeepTheirOrder) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.execute_raw(
        "CREATE FUNCTION app.drop_it() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RETURN NULL; END$$");
    co_await db.execute_raw(
        "CREATE TRIGGER drop_it BEFORE INSERT ON app.bulk FOR EACH ROW WHEN (NEW.nr = 1) "
        "EXECUTE FUNCTION app.drop_it()");
    std::vector<Record> data;
    data.push_back(record("nr", 1, "label", "a"));
    data.push_back(record("nr", 2, "small", 2));
    data.push_back(record("nr", 3, "label", "c"));
    const auto written = co_await db.upsert_many("bulk", data, key(), in_app());
    EXPECT_EQ(written.size(), 2u);
    EXPECT_EQ(written.at(0).get<int>("nr"), 2);
    EXPECT_EQ(written.at(1).get<int>("nr"), 3);
  });
}

TEST_F(BulkInsert, RecordsWithoutFieldsAreRowsOfDefaults) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.execute_raw(
        "CREATE TABLE app.plain (id serial PRIMARY KEY, note text DEFAULT 'x')");
    co_await db.execute_raw("CREATE TABLE app.always (id int GENERATED ALWAYS AS IDENTITY)");
    co_await db.execute_raw("CREATE TABLE app.bare ()");
    for (const std::size_t count : {1u, 2u, 50u, 51u, 1'500u}) {
      const std::vector<Record> data(count);
      for (const char* table : {"plain", "always", "bare"}) {
        const auto before = co_await db.count(table, in_app());
        const auto none = co_await db.insert_many(table, data, in_app(), returning_nothing());
        EXPECT_TRUE(none.empty());
        EXPECT_EQ(co_await db.count(table, in_app()), before + count) << table;
      }
      for (const char* table : {"plain", "always"}) {
        const auto before = co_await db.count(table, in_app());
        const auto inserted = co_await db.insert_many(table, data, in_app());
        EXPECT_EQ(inserted.size(), count) << table;
        EXPECT_EQ(co_await db.count(table, in_app()), before + count) << table;
      }
    }
    EXPECT_EQ(co_await db.count("plain", where("note", "x"), in_app()), 3'208u);
    const auto last = co_await db.fetch_one("plain", order_by("-id"), in_app());
    EXPECT_EQ(last.value_or(Record()).to_json(), R"({"id":3208,"note":"x"})");
  });
}

TEST_F(BulkInsert, CompositesGoInAsManyRowsAsInOne) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.execute_raw("CREATE TYPE app.pair AS (a int, b text)");
    co_await db.execute_raw("CREATE TABLE app.pairs (nr int, pair app.pair)");
    for (const int count : {1, 51, 1'001}) {
      std::vector<Record> data;
      for (int i = 0; i < count; ++i) data.push_back(record("nr", i, "pair", "(1,\"x,y\")"));
      co_await db.insert_many("pairs", data, in_app(), returning_nothing());
    }
    EXPECT_EQ(co_await db.count("pairs", raw_condition("(pair).b = $1", "x,y"), in_app()), 1'053u);
  });
}

// Not that of the session which read the table either.
TEST_F(BulkInsert, TheSearchPathOfATransactionChangesNothing) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.execute_raw("CREATE TYPE \"a \"\"feeling\" AS ENUM ('good')");
    co_await db.execute_raw("CREATE TABLE app.moods (nr int, mood \"a \"\"feeling\", bits bit(3))");
    co_await db.fetch("moods", in_app());
    Transaction transaction = co_await db.begin();
    TableOperations tables = db.on(transaction);
    co_await transaction.execute("SET LOCAL search_path TO app");
    std::vector<Record> data;
    for (int i = 0; i < 60; ++i) data.push_back(record("nr", i, "mood", "good", "bits", "101"));
    co_await tables.insert_many("moods", data, in_app());
    co_await transaction.commit();
    EXPECT_EQ(co_await db.count("moods", where("mood", "good", "bits", "101"), in_app()), 60u);
  });
}

TEST_F(BulkInsert, UnderRowLevelSecurityTheyAreInserted) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.execute_raw("DROP ROLE IF EXISTS bulk_writer");
    co_await db.execute_raw("CREATE ROLE bulk_writer");
    co_await db.execute_raw("GRANT USAGE ON SCHEMA app TO bulk_writer");
    co_await db.execute_raw("GRANT ALL ON app.bulk TO bulk_writer");
    co_await db.execute_raw("ALTER TABLE app.bulk ENABLE ROW LEVEL SECURITY");
    co_await db.execute_raw("CREATE POLICY own ON app.bulk USING (true) WITH CHECK (true)");
    Transaction transaction = co_await db.connector().begin();
    TableOperations tables = db.on(transaction);
    co_await transaction.execute("SET LOCAL ROLE bulk_writer");
    co_await tables.insert_many("bulk", rows(), in_app(), returning_nothing());
    co_await transaction.execute("RESET ROLE");
    co_await transaction.commit();
    EXPECT_EQ(co_await db.count("bulk", in_app()), many);
    EXPECT_THAT(co_await statement_seen(db), StartsWith("INSERT INTO"));
    co_await db.execute_raw("DROP OWNED BY bulk_writer");
    co_await db.execute_raw("DROP ROLE bulk_writer");
  });
}

}  // namespace
}  // namespace pgreactor::integration
