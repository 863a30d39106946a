#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <pgreactor/batch.hpp>
#include <pgreactor/pgreactor.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "tests/integration/thing_fixture.hpp"

namespace pgreactor {

/// A value whose encoder fails in its own way.
struct Unwritable {
  explicit Unwritable() = default;
};
template <>
struct ValueCodec<Unwritable> {
  static constexpr FormatCode parameter_format(Oid) noexcept { return FormatCode::text; }
  static EncodeError encode(ByteBuffer& out, const Unwritable&, Oid) {
    out.append(std::string_view("half"));
    throw std::runtime_error("an application's encoder");
  }
};

}  // namespace pgreactor

namespace pgreactor::integration {
namespace {

// What becomes of prepared statements when the world changes around them.
class PreparedLife : public ThingTest {};

TEST_F(PreparedLife, WithinATransactionAColumnOfAnotherTypeIsMetAtMostOncePerConnection) {
  run_with(options_for(2), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT * FROM thing WHERE id = $1");
    const auto on_both = [&]() -> Task<int> {
      Transaction first = co_await db.begin();
      Transaction second = co_await db.begin();
      int failures = 0;
      for (Transaction* tx : {&first, &second}) {
        const auto attempt = co_await as_attempt(tx->execute(get, 1));
        if (!attempt) ++failures;
      }
      co_await first.rollback();
      co_await second.rollback();
      co_return failures;
    };
    EXPECT_EQ(co_await on_both(), 0);
    co_await db.execute("ALTER TABLE thing ALTER id TYPE bigint");
    EXPECT_EQ(co_await on_both(), 1);  // whoever comes second prepares it anew beforehand
    EXPECT_EQ(co_await on_both(), 0);
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

// Requirement: P9
TEST_F(PreparedLife, ATableThatHasChangedGoesUnnoticedOutsideATransaction) {
  run_with(options_for(2), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT * FROM thing WHERE id = $1");
    const Statement add = db.prepare("UPDATE thing SET n = n + 1 WHERE id = $1 RETURNING *");
    const auto on_both = [&]() -> Task<void> {
      auto one = db.execute(get, 1);
      auto two = db.execute(add, 1);
      auto three = db.execute(get, 1);
      auto four = db.execute(add, 1);
      co_await when_all(std::move(one), std::move(two), std::move(three), std::move(four));
    };
    int n = 1;
    for (const std::string_view change :
         {"SELECT 1", "ALTER TABLE thing ADD c text", "ALTER TABLE thing ALTER id TYPE bigint",
          "ALTER TABLE thing DROP c", "ALTER TABLE thing RENAME n TO m",
          "ALTER TABLE thing RENAME m TO n"}) {
      co_await db.execute(change);
      const bool is_there = !change.ends_with("n TO m");
      for (int i = 0; i < 3; ++i) {
        const auto attempt = co_await as_attempt(on_both());
        EXPECT_EQ(static_cast<bool>(attempt), is_there)
            << change << i << (attempt ? "" : attempt.error().what());
        n += is_there ? 2 : 0;
      }
      const auto counted =
          co_await as_attempt(db.execute("SELECT n FROM thing", fetch_val_as<int>));
      EXPECT_EQ(static_cast<bool>(counted), is_there) << change;
    }
    EXPECT_EQ(co_await db.execute("SELECT n FROM thing", fetch_val_as<int>), n);
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

// Requirement: P9
TEST_F(PreparedLife, StatementsThatTheSessionHasDiscardedArePreparedAnew) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    const Statement add = db.prepare("UPDATE thing SET n = n + 1 WHERE id = $1 RETURNING n");
    int n = 1;
    for (const std::string_view discard : {"DISCARD ALL", "DEALLOCATE ALL"}) {
      for (int i = 0; i < 2; ++i)
        EXPECT_EQ(co_await db.execute(add, 1, fetch_val_as<int>), ++n) << discard;
      // Behind it in the same pipeline, too.
      auto first = db.execute(discard, fetch_row);
      auto second = db.execute(add, 1, fetch_val_as<int>);
      auto third = db.execute(add, 1, fetch_val_as<int>);
      co_await when_all(std::move(first), std::move(second), std::move(third));
      n += 2;
      EXPECT_EQ(co_await db.execute(add, 1, fetch_val_as<int>), ++n) << discard;
    }
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

// Each of them fails, and one has the statement prepared for all.
// Requirement: P9
TEST_F(PreparedLife, StatementsBehindADiscardInThePipelineArePreparedAnewOnce) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT $1::int4");
    const auto discard = [&](std::string_view how) -> Task<void> { co_await db.execute(how); };
    const auto ask = [&](int number) -> Task<void> {
      EXPECT_EQ(co_await db.execute(get, number, fetch_val_as<int>), number);
    };
    const auto ask_in_batch = [&](int number) -> Task<void> {
      Batch batch(db);
      auto answer = batch.add(get, number, fetch_val_as<int>);
      co_await batch.run();
      EXPECT_EQ(answer.get(), number);
    };
    for (const std::string_view how : {"DISCARD ALL", "DEALLOCATE ALL"}) {
      co_await discard(how);  // prepares it
      co_await ask(1);
      co_await when_all(discard(how), ask(2), ask(3), ask_in_batch(4), ask(5));
      co_await ask(6);
    }
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

// Requirement: P9
TEST_F(PreparedLife, ATableThatAnotherSearchPathMeansIsReadAsItIs) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT * FROM thing");
    const auto path = co_await db.execute("SHOW search_path", fetch_val_as<std::string>);
    const std::string other = "elsewhere_" + path;
    co_await db.execute_script("CREATE SCHEMA " + other + "; CREATE TABLE " + other +
                               ".thing (name text, id int8); INSERT INTO " + other +
                               ".thing VALUES ('other', 2)");
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ((co_await db.execute(get))[0][0].as<std::string>(), "1");
      co_await db.execute("SET search_path TO " + other);
      EXPECT_EQ((co_await db.execute(get))[0][0].as<std::string>(), "other");
      co_await db.execute("SET search_path TO " + path);
    }
    co_await db.execute("DROP SCHEMA " + other + " CASCADE");
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

TEST_F(PreparedLife, ATableThatWasMadeAnewIsReadAsItIs) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT * FROM thing");
    EXPECT_EQ((co_await db.execute(get))[0].size(), 2u);
    co_await db.execute_script(
        "DROP TABLE thing; CREATE TABLE thing (a text); INSERT INTO thing VALUES ('new')");
    EXPECT_EQ((co_await db.execute(get))[0][0].as<std::string>(), "new");
    co_await db.execute("DROP TABLE thing");
    const auto gone = co_await as_attempt(db.execute(get));
    EXPECT_EQ(error_of<SchemaError>(gone).sqlstate(), "42P01");
  });
}

TEST_F(PreparedLife, ATransactionThatDeallocatesItsStatementsGoesOn) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    co_await db.transaction([](Transaction& tx) -> Task<void> {
      const Statement get = tx.prepare("SELECT n FROM thing WHERE id = $1");
      EXPECT_EQ(co_await tx.execute(get, 1, fetch_val_as<int>), 1);
      co_await tx.execute("DEALLOCATE ALL");
      EXPECT_EQ(co_await tx.execute(get, 1, fetch_val_as<int>), 1);
    });
  });
}

TEST_F(PreparedLife, AStreamOfAStatementThatIsOutOfDateIsBegunAnew) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    const Statement all = db.prepare("SELECT * FROM thing");
    for (const std::string_view change :
         {"SELECT 1", "ALTER TABLE thing ADD c text", "DISCARD ALL"}) {
      co_await db.execute(all);
      co_await db.execute(change);
      RowStream stream = co_await db.stream(all);
      std::size_t rows = 0;
      while (co_await stream.next()) ++rows;
      EXPECT_EQ(rows, 1u) << change;
    }
  });
}

// Requirement: P9
TEST_F(PreparedLife, ABatchWithAStatementThatIsOutOfDateIsRepeatedWhole) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT * FROM thing");
    const Statement add = db.prepare("UPDATE thing SET n = n + 1 RETURNING n");
    co_await db.execute(get);
    co_await db.execute(add);
    co_await db.execute("ALTER TABLE thing ADD c text");
    Batch batch(db);
    auto added = batch.add(add, fetch_val_as<int>);
    auto got = batch.add(get);
    co_await batch.run();
    EXPECT_EQ(added.get(), 3);
    EXPECT_EQ(got.get().size(), 1u);
    EXPECT_EQ(co_await db.execute("SELECT n FROM thing", fetch_val_as<int>), 3);

    batch.clear();
    co_await db.execute("ALTER TABLE thing DROP c");
    added = batch.add(add, fetch_val_as<int>);
    batch.add(get);
    co_await batch.run();
    EXPECT_EQ(added.get(), 4) << "the same batch, used again";
  });
}

TEST_F(PreparedLife, ABatchOfWhichAPartMayHaveBeenCommittedIsNotRepeated) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT * FROM thing");
    const Statement add = db.prepare("UPDATE thing SET n = n + 1 RETURNING n");
    co_await db.execute(get);
    co_await db.execute("ALTER TABLE thing ADD c text");
    Batch batch(db);
    batch.add("BEGIN");
    batch.add(add);
    batch.add("COMMIT");
    batch.add(get);
    const auto attempt = co_await as_attempt(batch.run());
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "0A000");
    EXPECT_EQ(co_await db.execute("SELECT n FROM thing", fetch_val_as<int>), 2);
  });
}

// What was stale is a statement that the procedure executes, behind its COMMIT.
TEST_F(PreparedLife, AProcedureThatMayHaveCommittedAPartIsNotCalledAgain) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE log (n int)");
    co_await db.execute("PREPARE q AS SELECT * FROM thing");
    co_await db.execute(R"(CREATE PROCEDURE p(again bool) LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO log VALUES (1);
        COMMIT;
        IF again THEN EXECUTE 'EXECUTE q'; END IF;
      END $$)");
    const Statement call = db.prepare("CALL p($1)");
    co_await db.execute(call, false);
    co_await db.execute("EXECUTE q");
    co_await db.execute("ALTER TABLE thing ADD d text");
    const auto attempt = co_await as_attempt(db.execute(call, true));
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "0A000");
    EXPECT_EQ(error_of<QueryError>(attempt).outcome(), Outcome::unknown);
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM log", fetch_val_as<int>), 2);
  });
}

TEST_F(PreparedLife, AProcedureThatTheServerDoesNotKnowAnyMoreIsCalledAgain) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE log (n int)");
    co_await db.execute(R"(CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO log VALUES (1);
        COMMIT;
      END $$)");
    const Statement call = db.prepare("CALL p()");
    const Statement analyze = db.prepare("ANALYZE log");
    co_await db.execute(call);
    co_await db.execute(analyze);
    co_await db.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$");
    co_await db.execute(call);
    co_await db.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$");
    co_await db.execute(analyze);
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM log", fetch_val_as<int>), 2);
  });
}

TEST_F(PreparedLife, AParameterOfAnotherTypeIsLearntByTheNextConnection) {
  run_with(options_for(2), [](DBConnector& db) -> Task<void> {
    const Statement add = db.prepare("UPDATE thing SET n = n + 1 WHERE id = $1");
    co_await db.execute(add, 1);
    co_await db.execute("ALTER TABLE thing ALTER id TYPE text");
    Transaction holder = co_await db.begin();  // so that a connection new to it has to run it
    const auto again = co_await as_attempt(db.execute(add, "1"));
    EXPECT_TRUE(again) << again.error().what();
    co_await holder.rollback();
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

// The server itself would hold a prepared statement to the type that the column had.
TEST_F(PreparedLife, AColumnThatWasMadeWiderRefusesALargerValueOnceAtMost) {
  run_with(options_for(2), [](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE counted (n smallint)");
    const Statement insert = db.prepare("INSERT INTO counted VALUES ($1)");
    const auto refused_in_batch = [&](int value) -> Task<bool> {
      Batch batch(db);
      static_cast<void>(batch.add(insert, value));
      const auto ran = co_await as_attempt(batch.run());
      co_return !ran;
    };
    {  // both connections have it
      Transaction first = co_await db.begin();
      Transaction second = co_await db.begin();
      co_await first.execute(insert, 1);
      co_await second.execute(insert, 1);
      co_await first.commit();
      co_await second.commit();
    }
    EXPECT_FALSE(co_await as_attempt(db.execute(insert, 70'000)));
    EXPECT_TRUE(co_await refused_in_batch(70'000)) << "it is not wider yet";
    co_await db.execute(insert, 2);
    co_await db.execute("ALTER TABLE counted ALTER n TYPE int");
    EXPECT_FALSE(co_await as_attempt(db.execute(insert, 70'000)));
    co_await db.execute(insert, 70'000);
    EXPECT_FALSE(co_await refused_in_batch(70'000));
    Transaction first = co_await db.begin();
    Transaction second = co_await db.begin();
    co_await first.execute(insert, 70'000);
    co_await second.execute(insert, 70'000);
    EXPECT_FALSE(co_await as_attempt(second.execute(insert, std::int64_t{1} << 40)));
    co_await second.execute(insert, 1);
    co_await first.commit();
    co_await second.commit();
    EXPECT_EQ(db.statistics().closed, 0U);
  });
}

TEST_F(PreparedLife, ATableThatChangedSinceAnotherConnectionPreparedIsReadAsItIsNow) {
  run_with(options_for(2), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT *, 'x'::name FROM thing");
    co_await db.execute(get);
    for (const std::string_view change :
         {"ALTER TABLE thing ALTER n TYPE bigint", "ALTER TABLE thing ALTER n TYPE text",
          "ALTER TABLE thing ALTER n TYPE xml USING n::xml", "ALTER TABLE thing ADD m int"}) {
      Transaction changing = co_await db.begin();
      co_await changing.execute(change);
      co_await changing.commit();
      Transaction one = co_await db.begin();
      Transaction two = co_await db.begin();
      // One of these has it prepared from before, the other not.
      static_cast<void>(co_await as_attempt(one.execute(get)));
      static_cast<void>(co_await as_attempt(two.execute(get)));
      co_await one.rollback();
      co_await two.rollback();
      const Result rows = co_await db.execute(get);
      EXPECT_EQ(rows[0][1].as<std::string>(), "1") << change;
    }
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

TEST_F(PreparedLife, AnEncoderThatThrowsLeavesNothingInThePipeline) {
  run_with(options_for(2), [](DBConnector& db) -> Task<void> {
    const Statement echo = db.prepare("SELECT $1::text");
    Transaction first = co_await db.begin();
    Transaction second = co_await db.begin();
    EXPECT_EQ(co_await first.execute(echo, "a", fetch_val_as<std::string>), "a");
    // Known to the pool and new to this connection: Parse stands before the values.
    bool thrown = false;
    try {
      co_await second.execute(echo, Unwritable{}, fetch_val_as<std::string>);
    } catch (const std::runtime_error& error) {
      thrown = std::string(error.what()) == "an application's encoder";
    }
    EXPECT_TRUE(thrown);
    EXPECT_EQ(co_await second.execute(echo, "b", fetch_val_as<std::string>), "b");
    co_await first.rollback();
    co_await second.rollback();
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

// Requirement: P8
TEST_F(PreparedLife, AnUnknownStatementThatAnotherOneNamesDoesNotSpoilThatOne) {
  run_with(options_for(1), [](DBConnector& db) -> Task<void> {
    for (int i = 0; i < 3; ++i) {
      const auto attempt = co_await as_attempt(db.execute("DEALLOCATE missing"));
      EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "26000") << i;
    }
  });
}

// Requirement: P8
TEST_F(PreparedLife, AStatementOfAnotherPoolRunsItsOwnText) {
  run_with(options_for(1), [this](DBConnector& one) -> Task<void> {
    Reactor& reactor = *(co_await detail::CurrentContext{}).reactor;
    DBConnector other(reactor, options_for(1));
    const Statement first = one.prepare("SELECT 'first'");
    const Statement second = other.prepare("SELECT 'second'");
    EXPECT_EQ(co_await other.execute(second, fetch_val_as<std::string>), "second");
    EXPECT_EQ(co_await other.execute(first, fetch_val_as<std::string>), "first");
    EXPECT_EQ(co_await one.execute(second, fetch_val_as<std::string>), "second");
    co_await other.close();
  });
}

}  // namespace
}  // namespace pgreactor::integration
