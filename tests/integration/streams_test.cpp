#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>
#include <pgreactor/pgreactor.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

struct Event {
  int id = 0;
  std::optional<std::string> text;
};

/// A type of the application's that cannot be written.
struct Unwritable {};

}  // namespace
}  // namespace pgreactor::integration

template <>
inline constexpr auto pgreactor::mapping<pgreactor::integration::Event> =
    pgreactor::members(pgreactor::member("id", &pgreactor::integration::Event::id),
                       pgreactor::member("text", &pgreactor::integration::Event::text));

template <>
struct pgreactor::ValueCodec<pgreactor::integration::Unwritable> : pgreactor::ValueCodec<int> {
  static pgreactor::EncodeError encode(pgreactor::ByteBuffer& out,
                                       const pgreactor::integration::Unwritable&, pgreactor::Oid) {
    out.append(std::string_view("half of it"));
    throw std::runtime_error("cannot be written");
  }
};

namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class Streams : public DatabaseTest {};

// Memory that this process has in RAM now.
std::size_t resident_bytes() {
  std::ifstream status("/proc/self/statm");
  std::size_t size = 0, resident = 0;
  status >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}
constexpr std::size_t little = 16 << 20;  // bytes

TEST_F(Streams, GiveEveryRowOnceAndInOrder) {
  run([](DBConnector& db) -> Task<void> {
    RowStream rows =
        co_await db.stream("SELECT i, 'row ' || i FROM generate_series(1, $1) AS i", 100'000);
    std::int64_t next = 1;
    while (const auto row = co_await rows.next()) {
      const auto [i, text] = row->to<int, std::string_view>();
      EXPECT_EQ(i, next);
      EXPECT_EQ(text, "row " + std::to_string(next));
      EXPECT_EQ(row->get<int>(0), next);
      EXPECT_EQ((*row)[1].as<std::string>(), text);
      FieldReader fields = row->fields();
      EXPECT_EQ(fields.next<std::int64_t>(), next);  // of another type than the column's
      EXPECT_EQ(fields.next<std::string_view>(), text);
      EXPECT_TRUE(fields.at_end());
      EXPECT_THROW(fields.next<int>(), QueryError);
      ++next;
    }
    EXPECT_EQ(next, 100'001);
    EXPECT_EQ(rows.command_tag(), "SELECT 100000");
    EXPECT_FALSE((co_await rows.next()).has_value());
  });
}

// Requirement: P11
TEST_F(Streams, HoldLittleMemoryHoweverManyRowsThereAre) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const std::size_t before = resident_bytes();
    RowStream rows = co_await db.stream("SELECT repeat('x', 1000) FROM generate_series(1, 200000)");
    // A reader who does other things: what it has not asked for stays with the server.
    std::size_t count = 0;
    while (const auto row = co_await rows.next()) {
      if (count % 20'000 == 0) {
        co_await sleep_for(1ms);
        EXPECT_LT(resident_bytes(), before + little);
      }
      EXPECT_EQ(row->get<std::string_view>(0).size(), 1000U);
      ++count;
    }
    EXPECT_EQ(count, 200'000U);
  });
}

TEST_F(Streams, ARowStaysWhereItIsUntilTheNextIsAskedFor) {
  run([](DBConnector& db) -> Task<void> {
    RowStream rows = co_await db.stream("SELECT 'value ' || i FROM generate_series(1, 5000) AS i");
    const auto first = co_await rows.next();
    for (int i = 0; i < 10; ++i) co_await db.execute("SELECT pg_sleep(0.001), repeat('y', 60000)");
    EXPECT_EQ(first->get<std::string_view>(0), "value 1");
    EXPECT_EQ((co_await rows.next())->get<std::string_view>(0), "value 2");
  });
}

TEST_F(Streams, RowsLargerThanABlockComeWhole) {
  run([](DBConnector& db) -> Task<void> {
    RowStream rows =
        co_await db.stream("SELECT repeat(i::text, 300000) FROM generate_series(1, 3) AS i");
    std::string seen;
    while (const auto row = co_await rows.next()) {
      const auto text = row->get<std::string_view>(0);
      EXPECT_EQ(text.size(), 300'000U);
      seen += text[299'999];
    }
    EXPECT_EQ(seen, "123");
  });
}

TEST_F(Streams, WithoutRowsEndAtOnce) {
  run([](DBConnector& db) -> Task<void> {
    RowStream none = co_await db.stream("SELECT 1 WHERE false");
    EXPECT_FALSE((co_await none.next()).has_value());
    EXPECT_EQ(none.shape().size(), 1U);
    RowStream set = co_await db.stream("SET LOCAL lock_timeout = 0");
    EXPECT_FALSE((co_await set.next()).has_value());
    EXPECT_EQ(set.shape().size(), 0U);
  });
}

TEST_F(Streams, FailWhereTheServerFails) {
  run([](DBConnector& db) -> Task<void> {
    const auto wrong = co_await as_attempt(db.stream("SELEC 1"));
    EXPECT_EQ(error_of<QueryError>(wrong).sqlstate(), "42601");
    RowStream rows =
        co_await db.stream("SELECT 1000 / (1000 - i) FROM generate_series(1, 2000) AS i");
    int count = 0;
    for (;;) {
      auto row = co_await as_attempt(rows.next());
      if (!row) {
        EXPECT_EQ(error_of<QueryError>(row).sqlstate(), "22012");
        break;
      }
      if (!row.value().has_value()) break;
      ++count;
    }
    EXPECT_EQ(count, 999);
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
  });
}

TEST_F(Streams, DroppedEarlyGiveTheirConnectionBack) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    // Wherever that is in what was received.
    for (const int count : {1, 2, 3, 64, 65, 66, 100, 1000, 5000}) {
      RowStream rows = co_await db.stream("SELECT i FROM generate_series(1, 10000) AS i");
      for (int i = 1; i <= count; ++i) EXPECT_EQ((co_await rows.next())->get<int>(0), i);
    }
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    EXPECT_EQ(db.statistics().opened, 1U);
  });
}

TEST_F(Streams, HaveATransactionForThemselvesUntilTheirEnd) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    co_await tx.execute("CREATE TEMPORARY TABLE seen (i int) ON COMMIT DROP");
    co_await tx.execute("INSERT INTO seen SELECT generate_series(1, 3)");
    {
      RowStream rows = co_await tx.stream("SELECT i FROM seen ORDER BY i");
      const auto refused = co_await as_attempt(tx.execute("SELECT 1"));
      EXPECT_THAT(error_of<QueryError>(refused).what(), HasSubstr("a stream is open"));
      int sum = 0;
      while (const auto row = co_await rows.next()) sum += row->get<int>(0);
      EXPECT_EQ(sum, 6);
    }
    EXPECT_EQ(co_await tx.execute("SELECT count(*) FROM seen", fetch_val_as<int>), 3);
    RowStream left = co_await tx.stream("SELECT generate_series(1, 100000)");
    co_await left.next();
    const auto refused = co_await as_attempt(tx.commit());
    EXPECT_THAT(error_of<QueryError>(refused).what(), HasSubstr("a stream is open"));
  });
}

TEST_F(Streams, OutliveTheirTransactionWithAnErrorOnly) {
  run([](DBConnector& db) -> Task<void> {
    std::optional<RowStream> rows;
    {
      Transaction tx = co_await db.begin();
      rows.emplace(co_await tx.stream("SELECT generate_series(1, 100000)"));
      for (int i = 1; i <= 3; ++i) EXPECT_EQ((co_await rows->next())->get<int>(0), i);
    }
    const auto next = co_await as_attempt([](RowStream& stream) -> Task<int> {
      int count = 0;
      while (co_await stream.next()) ++count;
      co_return count;
    }(*rows));
    EXPECT_THAT(error_of<QueryError>(next).what(), HasSubstr("has ended"));
    rows.reset();
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
  });
}

// Large enough that what is given up of it goes back to the system.
constexpr std::string_view long_rows = "SELECT repeat('x', 200000) FROM generate_series(1, 100)";

TEST_F(Streams, ARowThatWasNotTakenIsNotGivenOutWhenTheTransactionHasEnded) {
  run([](DBConnector& db) -> Task<void> {
    for (const std::string_view text :
         {std::string_view("SELECT generate_series(1, 100000)"), long_rows}) {
      std::optional<RowStream> rows;
      {
        Transaction tx = co_await db.begin();
        rows.emplace(co_await tx.stream(Sql(std::string(text))));
      }
      EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
      const auto next = [&]() -> Task<bool> { co_return (co_await rows->next()).has_value(); };
      const auto attempt = co_await as_attempt(next());
      EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("has ended"));
    }
  });
}

TEST_F(Streams, ARowStaysWhileItsTransactionEnds) {
  run([](DBConnector& db) -> Task<void> {
    std::optional<RowStream> rows;
    std::optional<RowView> row;
    {
      Transaction tx = co_await db.begin();
      rows.emplace(co_await tx.stream(Sql(std::string(long_rows))));
      row = co_await rows->next();
    }
    co_await db.execute("SELECT repeat('y', 300000)");
    EXPECT_EQ(row->get<std::string>(0), std::string(200000, 'x'));
  });
}

TEST_F(Streams, ARowStaysWhileItsPoolEnds) {
  std::optional<RowStream> rows;
  std::optional<RowView> row;
  run([&](DBConnector& db) -> Task<void> {
    rows.emplace(co_await db.stream(Sql(std::string(long_rows))));
    row = co_await rows->next();
  });
  EXPECT_EQ(row->get<std::string>(0), std::string(200000, 'x'));
}

TEST_F(Streams, CopiedDataThatWasNotTakenIsNotGivenOutWhenTheTransactionHasEnded) {
  run([](DBConnector& db) -> Task<void> {
    std::optional<CopyOut> copy;
    {
      Transaction tx = co_await db.begin();
      copy.emplace(co_await tx.copy_out("COPY (SELECT repeat('x', 200000)) TO STDOUT"));
    }
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    const auto next = [&]() -> Task<bool> { co_return (co_await copy->next()).has_value(); };
    const auto attempt = co_await as_attempt(next());
    EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("has ended"));
  });
}

TEST_F(Streams, AStopEndsTheWaitAndNotTheStream) {
  run([](DBConnector& db) -> Task<void> {
    // The server gathers 8 KiB before it sends: the last bytes of the second row, fewer than that,
    // come when the third is made.
    RowStream rows = co_await db.stream(
        "SELECT 1, '' UNION ALL SELECT 2, repeat('x', 10000) UNION ALL "
        "SELECT 3, '' FROM pg_sleep(0.2)");
    EXPECT_EQ((co_await rows.next())->get<int>(0), 1);
    const auto waited = co_await as_attempt(with_timeout(10ms, rows.next()));
    EXPECT_FALSE(waited);
    EXPECT_EQ((co_await rows.next())->get<int>(0), 2);
    EXPECT_EQ((co_await rows.next())->get<int>(0), 3);
    EXPECT_FALSE((co_await rows.next()).has_value());
  });
}

TEST_F(Streams, TheirTimeCoversTheWhole) {
  run([](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt([](DBConnector& on) -> Task<int> {
      RowStream rows = co_await on.stream(
          "SELECT repeat('x', 5000), pg_sleep(0.02) FROM generate_series(1, 1000)", timeout(300ms));
      int count = 0;
      while (co_await rows.next()) ++count;
      co_return count;
    }(db));
    EXPECT_THAT(error_of<TimeoutError>(attempt).what(), HasSubstr("300 ms"));
  });
}

TEST_F(Streams, TheirTimeEndsAlsoAmongRowsThatAreHere) {
  run([](DBConnector& db) -> Task<void> {
    int count = 0;
    const auto attempt = co_await as_attempt([](DBConnector& on, int& seen) -> Task<void> {
      RowStream rows = co_await on.stream("SELECT generate_series(1, 50)", timeout(20ms));
      for (; co_await rows.next(); ++seen) co_await sleep_for(2ms);
    }(db, count));
    EXPECT_THAT(error_of<TimeoutError>(attempt).what(), HasSubstr("20 ms"));
    EXPECT_LT(count, 50) << "rows of a stream whose time was over";
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
  });
}

// COPY

TEST_F(Streams, CopyInWritesRowsOfEveryType) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute(
        "CREATE TABLE copied (a int8, b float8, c timestamptz, d text, e int2, f numeric)");
    CopyIn copy = co_await db.copy_in("copied", columns("a", "b", "c", "d", "e"));
    const TimestampTz at = co_await db.execute("SELECT '2024-02-29 12:34:56.789+00'::timestamptz",
                                               fetch_val_as<TimestampTz>);
    for (int i = 1; i <= 50'000; ++i)
      co_await copy.row(i, i * 0.5, at, "text " + std::to_string(i),
                        i % 2 == 0 ? std::optional<int>() : std::optional<int>(i % 1000));
    EXPECT_EQ(co_await copy.finish(), 50'000U);
    EXPECT_EQ(
        co_await db.execute("SELECT count(*) FROM copied WHERE a * 0.5 = b AND d = 'text ' || a "
                            "AND c = '2024-02-29 12:34:56.789+00' AND f IS NULL AND "
                            "(e IS NULL) = (a % 2 = 0)",
                            fetch_val_as<int>),
        50'000);
  });
}

TEST_F(Streams, CopyInTakesStructsAndTuples) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE t (text text, id int)");
    CopyIn copy = co_await db.copy_in("t", columns_of<Event>());
    const Event event{1, "one"};
    co_await copy.record(event);
    const Event without{2, std::nullopt};
    co_await copy.record(without);
    const std::tuple row(3, "three");
    co_await copy.record(row);
    EXPECT_EQ(co_await copy.finish(), 3U);
    const Result rows = co_await db.execute("SELECT id, text FROM t ORDER BY id");
    EXPECT_EQ(rows[0].as<Event>().text, "one");
    EXPECT_EQ(rows[1].as<Event>().text, std::nullopt);
    EXPECT_EQ(rows[2].as<Event>().text, "three");
    CopyIn other = co_await db.copy_in("t", columns("text", "id"));
    EXPECT_THROW(static_cast<void>(other.record(event)), QueryError);
  });
}

TEST_F(Streams, CopyInNamesTheValueThatDoesNotFitAndGoesOn) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE small (\"the n\" int2, t text)");
    CopyIn copy = co_await db.copy_in("small", columns("the n", "t"));
    co_await copy.row(1, "one");
    const auto message = [&](auto... values) -> std::string {
      try {
        static_cast<void>(copy.row(values...));
      } catch (const QueryError& error) {
        return error.what();
      }
      return "";
    };
    EXPECT_THAT(message(70'000, "x"), HasSubstr("row 2 of a COPY, column 'the n' (int2)"));
    EXPECT_THAT(message(2.5, "x"), HasSubstr("column 'the n'"));
    EXPECT_THAT(message(2), HasSubstr("2 columns has 1"));
    EXPECT_THROW(static_cast<void>(copy.write("3\tthree\n")), QueryError);
    co_await copy.row(2, "two");
    EXPECT_EQ(co_await copy.finish(), 2U);
  });
}

TEST_F(Streams, CopyInTakesBackTheRowThatAnExceptionInterrupted) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE small (n int, m int)");
    CopyIn copy = co_await db.copy_in("small", columns("n", "m"));
    co_await copy.row(1, 1);
    EXPECT_THROW(static_cast<void>(copy.row(2, Unwritable())), std::runtime_error);
    co_await copy.row(3, 3);
    EXPECT_EQ(co_await copy.finish(), 2U);
    EXPECT_EQ(co_await db.execute("SELECT sum(n + m) FROM small", fetch_val_as<int>), 8);
  });
}

// Of the second nobody knows anything, and both are one transaction.
TEST_F(Streams, CopyInOfTwoInOneTextCopiesNothingAndSaysSo) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute_script("CREATE TABLE a (n int); CREATE TABLE b (n int)");
    CopyIn copy = co_await db.copy_in("COPY a FROM STDIN; COPY b FROM STDIN");
    co_await copy.write("1\n");
    const auto attempt = co_await as_attempt(copy.finish());
    EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("one text has several COPYs"));
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM a", fetch_val_as<int>), 0);
  });
}

TEST_F(Streams, CopyOutBehindAnotherCopyIsDroppedAndSaidSo) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE a (n int)");
    const std::string out = "COPY (SELECT generate_series(1, 100000)) TO STDOUT";
    Transaction tx = co_await db.begin();
    CopyIn in = co_await tx.copy_in("COPY a FROM STDIN; " + out);
    co_await in.write("1\n");
    const auto finished = co_await as_attempt(in.finish());
    EXPECT_THAT(error_of<QueryError>(finished).what(), HasSubstr("one text has several COPYs"));
    EXPECT_EQ(co_await tx.execute("SELECT count(*) FROM a", fetch_val_as<int>), 1);
    CopyOut copy = co_await tx.copy_out("COPY a TO STDOUT; " + out);
    int pieces = 0;
    const auto all = [&]() -> Task<void> {
      while (co_await copy.next()) ++pieces;
    };
    const auto read = co_await as_attempt(all());
    EXPECT_THAT(error_of<QueryError>(read).what(), HasSubstr("one text has several COPYs"));
    EXPECT_EQ(pieces, 1);
    co_await tx.rollback();
  });
}

TEST_F(Streams, AFailureIsToldAsOftenAsItIsAskedFor) {
  run([](DBConnector& db) -> Task<void> {
    RowStream rows = co_await db.stream("SELECT 1 / (3 - n) FROM generate_series(1, 5) n");
    int read = 0, failed = 0;
    const auto another = [&rows]() -> Task<bool> {
      const auto row = co_await rows.next();
      co_return bool(row);
    };
    while (failed < 3) {
      auto next = co_await as_attempt(another());
      if (!next)
        ++failed;
      else if (!next.value())
        break;
      else
        ++read;
    }
    EXPECT_EQ(failed, 3) << "no failure looks like the end";
    EXPECT_EQ(read, 2);
  });
}

// Requirement: P19
TEST_F(Streams, CopyInThatTheServerRefusesHasCopiedNothing) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE positive (n int CHECK (n > 0))");
    CopyIn copy = co_await db.copy_in("positive", columns("n"));
    const auto attempt = co_await as_attempt([](CopyIn& into) -> Task<std::uint64_t> {
      for (int i = 1; i <= 300'000; ++i) co_await into.row(i == 1000 ? -1 : i);
      co_return co_await into.finish();
    }(copy));
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "23514");
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM positive", fetch_val_as<int>), 0);
    EXPECT_EQ(db.statistics().opened, 1U);
  });
}

// The server talks while it is sent to: both buffers would be full for good if nobody read.
TEST_F(Streams, CopyInGoesOnWhileTheServerFillsItsBufferWithNotices) {
  ConnectionOptions options = options_for_one_connection();
  int notices = 0;
  options.on_notice = [&](const ServerReport&) { ++notices; };
  run_with(options, [](DBConnector& db) -> Task<void> {
    co_await db.execute_script(
        "CREATE TABLE noted (t text);"
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE NOTICE '%', NEW.t; RETURN NEW; END $$;"
        "CREATE TRIGGER note BEFORE INSERT ON noted FOR EACH ROW EXECUTE FUNCTION note()");
    const std::string text(8192, 'x');
    CopyIn copy = co_await db.copy_in("noted", columns("t"));
    for (int i = 0; i < 2000; ++i) co_await copy.row(text);
    EXPECT_EQ(co_await copy.finish(), 2000U);
  });
  EXPECT_EQ(notices, 2000);
}

// Requirement: P19
TEST_F(Streams, CopyInDroppedBeforeItsEndHasCopiedNothing) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE n (n int)");
    {
      CopyIn copy = co_await db.copy_in("n", columns("n"));
      for (int i = 0; i < 100'000; ++i) co_await copy.row(i);
    }
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM n", fetch_val_as<int>), 0);
    EXPECT_EQ(db.statistics().opened, 1U);
  });
}

TEST_F(Streams, CopiesGoThroughAsText) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE csv (a int, b text)");
    CopyIn in = co_await db.copy_in("COPY csv FROM STDIN (FORMAT csv)");
    co_await in.write("1,one\n2,\"t");
    co_await in.write("w,o\"\n");
    EXPECT_EQ(co_await in.finish(), 2U);
    std::string text;
    CopyOut out =
        co_await db.copy_out("COPY (SELECT * FROM csv ORDER BY a) TO STDOUT (FORMAT csv)");
    while (const auto line = co_await out.next()) text += as_text(*line);
    EXPECT_EQ(text, "1,one\n2,\"tw,o\"\n");
    EXPECT_EQ(out.rows(), 2U);
  });
}

// Requirement: P11
TEST_F(Streams, CopyOutHoldsLittleMemory) {
  run([](DBConnector& db) -> Task<void> {
    CopyOut out = co_await db.copy_out(
        "COPY (SELECT repeat('z', 1000) FROM generate_series(1, 100000)) TO STDOUT");
    const std::size_t before = resident_bytes();
    std::size_t bytes = 0;
    while (const auto line = co_await out.next()) bytes += line->size();
    EXPECT_LT(resident_bytes(), before + little);
    EXPECT_EQ(bytes, 100'000U * 1001U);
  });
}

// Requirement: P19
TEST_F(Streams, WhatIsNoCopyIsRefusedAndTheConnectionGoesOn) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    for (const char* sql : {"SELECT generate_series(1, 1000)", "SET LOCAL lock_timeout = 0",
                            "COPY (SELECT generate_series(1, 1000)) TO STDOUT", ""}) {
      const auto attempt = co_await as_attempt(db.copy_in(std::string(sql)));
      EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("FROM STDIN")) << sql;
    }
    co_await db.execute("CREATE TABLE t (a int)");
    const auto out = co_await as_attempt(db.copy_out("COPY t FROM STDIN"));
    EXPECT_THAT(error_of<QueryError>(out).what(), HasSubstr("TO STDOUT"));
    const auto wrong = co_await as_attempt(db.copy_in("COPY nowhere FROM STDIN"));
    EXPECT_EQ(error_of<SchemaError>(wrong).sqlstate(), "42P01");
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    EXPECT_EQ(db.statistics().opened, 1U);
  });
}

TEST_F(Streams, ACopyWithinATransactionIsPartOfIt) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE t (a int)");
    Transaction tx = co_await db.begin();
    CopyIn copy = co_await tx.copy_in("t", columns("a"));
    co_await copy.row(1);
    EXPECT_EQ(co_await copy.finish(), 1U);
    EXPECT_EQ(co_await tx.execute("SELECT count(*) FROM t", fetch_val_as<int>), 1);
    co_await tx.rollback();
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM t", fetch_val_as<int>), 0);
  });
}

TEST_F(Streams, WaitingForAConnectionIsPartOfItsTime) {
  ConnectionOptions patient = options_for_one_connection();
  patient.pool_acquire_timeout = patience;
  run_with(patient, [](DBConnector& db) -> Task<void> {
    Transaction all = co_await db.begin();
    const auto attempt = co_await as_attempt(db.stream("SELECT 1", timeout(20ms)));
    EXPECT_EQ(error_of<TimeoutError>(attempt).outcome(), Outcome::not_sent);
    EXPECT_THAT(attempt.error().what(), ::testing::HasSubstr("after 20 ms"));
    const auto over = co_await as_attempt(db.stream("SELECT 1", timeout(0ms)));
    EXPECT_EQ(error_of<TimeoutError>(over).outcome(), Outcome::not_sent);
    co_await all.rollback();
    RowStream stream = co_await db.stream("SELECT 1", timeout(patience));
    EXPECT_TRUE(co_await stream.next());
  });
}

// The statement has to be described before it is sent.
TEST_F(Streams, ACopyDoesNotOvertakeTheStatementsBeforeIt) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE t (a int8)");
    Transaction tx = co_await db.begin();
    const auto count = [&]() -> Task<int> {
      co_return co_await tx.execute("INSERT INTO t SELECT count(*) FROM t RETURNING a",
                                    fetch_val_as<int>);
    };
    const auto copy = [&]() -> Task<int> {
      CopyIn in = co_await tx.copy_in("COPY t FROM STDIN");
      co_await in.write("7\n");
      co_return static_cast<int>(co_await in.finish());
    };
    EXPECT_EQ(co_await when_all(count(), copy()), std::tuple(0, 1));
    co_await tx.commit();
  });
}

}  // namespace
}  // namespace pgreactor::integration
