#include "tests/integration/operator_fixture.hpp"

namespace pgreactor::integration {
namespace {

using ::testing::StartsWith;

const auto in_app = [] { return in_schema("app"); };

/// A value that its column cannot have: the error says which column, whoever finds it out.
class RefusedValues : public OperatorTest {
 protected:
  /// What the error of `operation` begins with, and its SQLSTATE: XXXXX when nothing was sent.
  template <class T>
  static Task<void> expect_refusal(Task<T> operation, const char* beginning, const char* state) {
    const auto refused = co_await as_attempt(std::move(operation));
    const QueryError& error = error_of<QueryError>(refused);
    EXPECT_THAT(error.what(), StartsWith(beginning));
    EXPECT_EQ(error.sqlstate().view(), state) << error.what();
  }
};

TEST_F(RefusedValues, ThatNoParameterCanCarryNameTheColumn) {
  operate([](DBOperator& db) -> Task<void> {
    co_await expect_refusal(
        db.insert("users", record("name", "x", "age", 3'000'000'000), in_app()),
        "insert into app.users: column 'age' (integer): the value is out of range", "XXXXX");
    co_await expect_refusal(
        db.fetch("users", where("age", gt(3'000'000'000)), in_app()),
        "fetch from app.users: column 'age' (integer): the value is out of range", "XXXXX");
    co_await expect_refusal(
        db.update("users", record("name", std::string("a\0b", 3)), where("age", 1), in_app()),
        "update of app.users: column 'name' (text): ", "XXXXX");
    EXPECT_EQ(co_await db.count("users", in_app()), 0u);
  });
}

TEST_F(RefusedValues, ThatTheServerCannotReadNameTheColumn) {
  if (version_of(server()) < 14)
    GTEST_SKIP() << "before PostgreSQL 14 the server does not say which parameter it is";
  operate([](DBOperator& db) -> Task<void> {
    co_await expect_refusal(db.insert("users", record("name", "x", "age", "old"), in_app()),
                            "insert into app.users: column 'age' (integer): ERROR 22P02", "22P02");
    co_await expect_refusal(db.insert("users", record("name", "x", "mood", "angry"), in_app()),
                            "insert into app.users: column 'mood' (app.mood): ERROR 22P02",
                            "22P02");
    co_await expect_refusal(db.count("users", where("age", "old"), in_app()),
                            "count of app.users: column 'age' (integer): ERROR 22P02", "22P02");
    co_await expect_refusal(db.remove("users", where("score", "much"), in_app()),
                            "delete from app.users: column 'score' (numeric(8,2)): ERROR 22P02",
                            "22P02");
  });
}

TEST_F(RefusedValues, OfManyRowsNameTheColumn) {
  if (version_of(server()) < 14)
    GTEST_SKIP() << "before PostgreSQL 14 the server does not say which parameter it is";
  operate([](DBOperator& db) -> Task<void> {
    std::vector<Record> rows;
    for (int i = 0; i < 60; ++i) rows.push_back(record("name", "x", "age", "7"));
    rows.back().set("age", "old");
    co_await expect_refusal(db.insert_many("users", rows, in_app()),
                            "insert into app.users: column 'age' (integer): ERROR 22P02", "22P02");
    EXPECT_EQ(co_await db.count("users", in_app()), 0u);
  });
}

TEST_F(RefusedValues, OfManyRowsAreRefusedAsOfOne) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.execute_raw("CREATE TABLE app.days (nr int, day date, tags date[])");
    const Timestamp late = *Timestamp::parse("2024-02-29 23:59:59");
    for (const std::size_t count : {51u, 1'001u}) {
      std::vector<Record> rows(count, record("nr", 1, "day", *Date::parse("2024-02-29")));
      rows[49].set("day", late);
      co_await expect_refusal(
          db.insert_many("days", rows, in_app(), returning_nothing()),
          "insert into app.days: row 50, column 'day' (date): the types do not convert", "XXXXX");
    }
    co_await expect_refusal(
        db.insert("days", record("nr", 1, "tags", array(late)), in_app()),
        "insert into app.days: column 'tags' (date[]): the types do not convert", "XXXXX");
    EXPECT_EQ(co_await db.count("days", in_app()), 0u);
  });
}

// Cut to a date, the value would be that of a row.
TEST_F(RefusedValues, OfAListDoNotWidenAStatement) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.execute_raw("CREATE TABLE app.days (day date)");
    co_await db.execute_raw("INSERT INTO app.days VALUES ('2024-02-29')");
    const Timestamp late = *Timestamp::parse("2024-02-29 23:59:59");
    const char* const refusal =
        "delete from app.days: column 'day' (date): the types do not convert";
    co_await expect_refusal(db.remove("days", where("day", eq(late)), in_app()), refusal, "XXXXX");
    co_await expect_refusal(db.remove("days", where("day", in(late)), in_app()), refusal, "XXXXX");
    EXPECT_EQ(co_await db.count("days", in_app()), 1u);
  });
}

TEST_F(RefusedValues, OfAListOfDocumentsAreThoseOfOne) {
  operate([](DBOperator& db) -> Task<void> {
    for (const char* document : {R"({"on":true})", R"({"on":5})", R"({"on":[1]})"})
      co_await db.insert("users", record("name", "x", "settings", Json(document)), in_app());
    const auto count = [&](Condition condition) {
      return db.count("users", std::move(condition), in_app());
    };
    EXPECT_EQ(co_await count(where("settings->on", true)), 1u);
    EXPECT_EQ(co_await count(where("settings->on", in(true, false))), 1u);
    EXPECT_EQ(co_await count(where("settings->on", in(5, "true"))), 2u);
    EXPECT_EQ(co_await count(where("settings->on", in(array(array(1), 5)))), 2u);
    EXPECT_EQ(co_await count(where("settings->on", not_in(true, 5))), 1u);
    const Date day = *Date::parse("2024-02-29");
    const char* const refusal =
        "count of app.users: column 'settings' (jsonb): the types do not convert";
    co_await expect_refusal(count(where("settings->on", eq(day))), refusal, "XXXXX");
    co_await expect_refusal(count(where("settings->on", in(day))), refusal, "XXXXX");
  });
}

/// A value of every kind, and what is near the edge of one.
std::vector<Datum> values_of_each_kind() {
  std::vector<Datum> values{true, 5, 70'000, std::int64_t{9007199254740993}, 0.1, 2.0, 1e300};
  for (const char* number : {"0.1", "3.00", "0.12345678901234567890123"})
    values.emplace_back(*Numeric::parse(number));
  for (const char* text : {"abc  ", " 5 ", "true", "NULL", "a\"b\\c", ""})
    values.emplace_back(text);
  values.emplace_back(std::vector<std::byte>{std::byte{0}, std::byte{0xff}});
  values.emplace_back(*Uuid::parse("00112233-4455-6677-8899-aabbccddeeff"));
  values.emplace_back(*Date::parse("2024-02-29"));
  values.emplace_back(*Time::parse("12:34:56.789"));
  values.emplace_back(*TimeTz::parse("12:34:56.789+02"));
  values.emplace_back(*Timestamp::parse("2024-02-29 12:34:56.789"));
  values.emplace_back(*TimestampTz::parse("2024-02-29 12:34:56.789+00"));
  values.emplace_back(*Interval::parse("1 mon 2 days 03:00:00"));
  values.emplace_back(Json("{\"a\": 1}"));
  values.emplace_back(array(1, 2));
  return values;
}

/// Types whose parameters differ, and domains over some.
const std::vector<std::string>& types_of_columns() {
  static const std::vector<std::string> types{
      "smallint",     "integer", "bigint",   "real",      "double precision",
      "numeric(6,2)", "text",    "char(12)", "boolean",   "bytea",
      "uuid",         "date",    "time",     "timestamp", "timestamptz",
      "interval",     "json",    "jsonb",    "app.mood",  "app.whole",
      "app.document", "int[]",   "bit(3)"};
  return types;
}

/// Every kind of value for every type of column: how many there are of it changes nothing.
class Agreement : public RefusedValues {
 protected:
  static Task<std::string> outcome_of(Task<std::string> operation) {
    auto attempt = co_await as_attempt(std::move(operation));
    if (attempt) co_return attempt.value();
    co_return "error " + std::string(error_of<Error>(attempt).sqlstate().view());
  }
  static Task<std::string> inserted(DBOperator& db, const std::string& table, const Datum& value,
                                    std::size_t count) {
    co_await db.remove(table, all_rows(), in_app());
    const std::vector<Record> rows(count, record("c", value));
    co_await db.insert_many(table, rows, in_app(), returning_nothing());
    const auto row = co_await db.fetch_one(table, in_app());
    EXPECT_EQ(co_await db.count(table, in_app()), count);
    co_return row.value_or(Record()).to_json();
  }
  static Task<std::string> found(DBOperator& db, const std::string& table, pgreactor::Test test) {
    Condition condition("c", std::move(test));
    const auto count = co_await db.count(table, std::move(condition), in_app());
    co_return std::to_string(count);
  }
  static Task<void> expect_agreement(DBOperator& db, const std::string& table, const Datum& value,
                                     const std::string& type) {
    const std::string one = co_await outcome_of(inserted(db, table, value, 1));
    for (const std::size_t count : {2u, 51u, 1'001u}) {
      const std::string many = co_await outcome_of(inserted(db, table, value, count));
      EXPECT_EQ(many, one) << type << " <- " << value << ", rows: " << count;
    }
    if (value.kind() == Datum::Kind::array || type == "int[]") co_return;
    co_await db.remove(table, all_rows(), in_app());
    const auto row = co_await as_attempt(
        db.insert(table, record("c", value.to_string()), in_app(), returning_nothing()));
    static_cast<void>(row);  // or none, where its text is no value of the type
    const std::string equal = co_await outcome_of(found(db, table, pgreactor::eq(value)));
    const std::string listed = co_await outcome_of(found(db, table, pgreactor::in(value, value)));
    EXPECT_EQ(listed, equal) << type << " = " << value;
  }
};

TEST_F(Agreement, OfOneAndMany) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.execute_raw("CREATE DOMAIN app.whole AS int");
    co_await db.execute_raw("CREATE DOMAIN app.document AS jsonb");
    int number = 0;
    const std::vector<Datum> values = values_of_each_kind();
    for (const std::string& type : types_of_columns()) {
      const std::string table = "t" + std::to_string(number++);
      std::string make = "CREATE TABLE app.";
      make.append(table).append(" (c ").append(type).append(")");
      co_await db.execute_raw(Sql(make));
      for (const Datum& value : values) co_await expect_agreement(db, table, value, type);
    }
  });
}

}  // namespace
}  // namespace pgreactor::integration
