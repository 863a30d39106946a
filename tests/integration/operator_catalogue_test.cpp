#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/pgreactor.hpp>
#include <string>
#include <vector>

#include "tests/integration/operator_fixture.hpp"

// What the operator knows of tables follows what the server has.
namespace pgreactor::integration {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names_of(const Record& record) {
  std::vector<std::string> names;
  for (const auto field : record) names.emplace_back(field.name());
  return names;
}

class OperatorCatalogue : public OperatorTest {
 protected:
  void SetUp() override {
    OperatorTest::SetUp();
    run([](DBConnector& db) -> Task<void> {
      co_await db.execute_script(
          "CREATE TABLE app.notes (id int PRIMARY KEY, text text);"
          "INSERT INTO app.notes VALUES (1, 'a')");
    });
  }
  static Task<std::vector<std::string>> columns_of_notes(TableOperations& db) {
    const auto note = co_await db.fetch_one("notes", in_schema(schema));
    co_return names_of(note.value());
  }
};

TEST_F(OperatorCatalogue, ATableIsReadAgainAfterThisPoolHasChangedIt) {
  operate([](DBOperator& db) -> Task<void> {
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id", "text"));
    co_await db.execute_raw("ALTER TABLE app.notes ADD COLUMN stars int");
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id", "text", "stars"));
    co_await db.execute_raw("ALTER TABLE app.notes DROP COLUMN text");
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id", "stars"));
    co_await db.connector().execute_script(
        "ALTER TABLE app.notes RENAME stars TO rank; UPDATE app.notes SET rank = 5");
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id", "rank"));
    co_await db.execute_raw("DO $$ BEGIN ALTER TABLE app.notes RENAME rank TO place; END $$");
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id", "place"));
  });
}

TEST_F(OperatorCatalogue, AKeyThatThisPoolHasMadeIsFound) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.insert("notes", record("id", 2, "text", "b"), in_schema(schema));
    co_await db.execute_raw("CREATE UNIQUE INDEX ON app.notes (text)");
    const Inserted known =
        co_await db.upsert("notes", record("id", 3, "text", "b"), "text", in_schema(schema));
    EXPECT_EQ(known.inserted(), false);
    co_await db.execute_raw("DROP INDEX app.notes_text_idx");
    const auto none = co_await as_attempt(
        db.upsert("notes", record("id", 4, "text", "b"), "text", in_schema(schema)));
    EXPECT_THAT(error_of<SchemaError>(none).what(), HasSubstr("unique"));
  });
}

TEST_F(OperatorCatalogue, AChangeIsSeenWithinItsTransactionAndForgottenWhenThatIsRolledBack) {
  operate([](DBOperator& db) -> Task<void> {
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id", "text"));
    {
      Transaction tx = co_await db.begin();
      TableOperations in_tx = db.on(tx);
      EXPECT_THAT(co_await columns_of_notes(in_tx), ElementsAre("id", "text"));
      co_await tx.execute("ALTER TABLE app.notes ADD COLUMN stars int");
      EXPECT_THAT(co_await columns_of_notes(in_tx), ElementsAre("id", "text", "stars"));
      Transaction inner = co_await tx.begin();
      co_await inner.execute("ALTER TABLE app.notes DROP COLUMN text");
      TableOperations in_inner = db.on(inner);
      EXPECT_THAT(co_await columns_of_notes(in_inner), ElementsAre("id", "stars"));
      co_await inner.rollback();
      EXPECT_THAT(co_await columns_of_notes(in_tx), ElementsAre("id", "text", "stars"));
      co_await tx.rollback();
    }
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id", "text"));
  });
}

// Another task of the pool may look while the change is not yet there for it.
TEST_F(OperatorCatalogue, AChangeIsSeenByOthersOnceItIsCommitted) {
  operate([](DBOperator& db) -> Task<void> {
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id", "text"));
    Transaction tx = co_await db.begin();
    co_await tx.execute("ALTER TABLE app.notes ADD COLUMN stars int");
    EXPECT_TRUE(co_await db.table_exists("notes", in_schema(schema)));  // reads it as it was
    co_await tx.commit();
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id", "text", "stars"));
  });
}

TEST_F(OperatorCatalogue, ATransactionTakesNothingThatOthersReadAfterItsOwnChange) {
  operate([](DBOperator& db) -> Task<void> {
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id", "text"));
    Transaction tx = co_await db.begin();
    co_await tx.execute("ALTER TABLE app.notes ADD COLUMN stars int");
    co_await db.describe_table("notes", in_schema(schema));  // as it was, under the new count
    TableOperations in_tx = db.on(tx);
    EXPECT_THAT(co_await columns_of_notes(in_tx), ElementsAre("id", "text", "stars"));
    co_await tx.execute("ALTER TABLE app.notes DROP COLUMN text");
    co_await db.describe_table("notes", in_schema(schema));
    EXPECT_THAT(co_await columns_of_notes(in_tx), ElementsAre("id", "stars"));
    TableOperations later = db.on(tx);
    EXPECT_THAT(co_await columns_of_notes(later), ElementsAre("id", "stars"));
    co_await tx.rollback();
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id", "text"));
  });
}

// What was derived from a table is kept by the table itself.
TEST_F(OperatorCatalogue, ATransactionThatReadsATableAsItIsOutsideHasTheSameOne) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.execute_raw("ALTER TABLE app.notes ADD COLUMN stars int");
    const auto outside = co_await db.describe_table("notes", in_schema(schema));
    Transaction tx = co_await db.begin();
    TableOperations in_tx = db.on(tx);
    const auto within = co_await in_tx.describe_table("notes", in_schema(schema));
    EXPECT_EQ(within, outside);
    co_await tx.execute("ALTER TABLE app.notes DROP COLUMN stars");
    const auto changed = co_await in_tx.describe_table("notes", in_schema(schema));
    EXPECT_NE(changed, outside);
    co_await tx.rollback();
  });
}

TEST_F(OperatorCatalogue, OtherStatementsDoNotHaveTablesReadAgain) {
  operate([](DBOperator& db) -> Task<void> {
    int queries = 0;
    QueryObserver observer;
    observer.on_begin([&](const QueryBegin&) { ++queries; });
    db.connector().set_observer(observer);
    co_await db.fetch("notes", in_schema(schema));
    queries = 0;
    co_await db.execute_raw("CREATE TEMPORARY TABLE scratch (n int)");
    co_await db.execute_raw("SET work_mem = '1MB'");
    co_await db.fetch("notes", in_schema(schema));
    EXPECT_EQ(queries, 3);
    co_await db.execute_raw("CREATE INDEX ON app.notes (text)");
    co_await db.fetch("notes", in_schema(schema));
    EXPECT_EQ(queries, 6) << "the table was read again";
  });
}

TEST_F(OperatorCatalogue, AnEnumIsSavedForMockModeWithItsLabels) {
  operate([](DBOperator& db) -> Task<void> {
    const auto users = co_await db.describe_table("users", in_schema(schema));
    MemoryTables saved = tables_from_json("[" + table_to_json(*users) + "]");
    const Table& back = saved.at(schema, "users").table();
    EXPECT_THAT(back.columns.at(back.find("mood").value()).labels,
                ElementsAre("sad", "ok", "happy"));
  });
}

TEST_F(OperatorCatalogue, ColumnsThatTheRoleMayNotReadAreLeftOutWhereNoneAreNamed) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute_script(
        "DROP ROLE IF EXISTS pgreactor_reader; CREATE ROLE pgreactor_reader;"
        "GRANT USAGE ON SCHEMA app TO pgreactor_reader;"
        "GRANT SELECT (id), INSERT, UPDATE (id, text) ON app.notes TO pgreactor_reader");
  });
  ConnectionOptions as_reader = options();
  as_reader.session_settings.emplace_back("role", "pgreactor_reader");
  operate_as(as_reader, [](DBOperator& db) -> Task<void> {
    EXPECT_THAT(co_await columns_of_notes(db), ElementsAre("id"));
    const Inserted written =
        co_await db.insert("notes", record("id", 2, "text", "b"), in_schema(schema));
    EXPECT_EQ(written.id(), Datum(2));
    EXPECT_THAT(names_of(written), ElementsAre("id"));
    const auto changed =
        co_await db.update("notes", record("text", "c"), where("id", 2), in_schema(schema));
    EXPECT_THAT(names_of(changed.at(0)), ElementsAre("id"));
    const auto refused =
        co_await as_attempt(db.fetch("notes", columns("id", "text"), in_schema(schema)));
    EXPECT_EQ(error_of<QueryError>(refused).sqlstate(), "42501");
  });
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute_script("DROP OWNED BY pgreactor_reader; DROP ROLE pgreactor_reader");
  });
}

}  // namespace
}  // namespace pgreactor::integration
