#include <cstdlib>

#include "tests/integration/operator_fixture.hpp"
#include "tests/operator/upsert_rules.hpp"

namespace pgreactor::integration {
namespace {

using ::testing::HasSubstr;

class Operator : public OperatorTest {};

const auto in_app = [] { return in_schema("app"); };

Task<Inserted> add_user(DBOperator& db, std::string name, int age, std::string role = "user") {
  co_return co_await db.insert("users", record("name", name, "age", age, "role", role), in_app());
}

// Checklist: C24, C32
TEST_F(Operator, InsertGivesTheRecordAndStandsForItsId) {
  operate([](DBOperator& db) -> Task<void> {
    const Inserted user = co_await db.insert(
        "users", record("name", "Jane Smith", "email", "jane@example.com", "role", "admin"),
        in_app());
    EXPECT_EQ(user.get<std::string>("name"), "Jane Smith");
    EXPECT_EQ(user["id"], user.id());
    EXPECT_EQ(user.get<int>("version"), 1);
    const auto found = co_await db.fetch_one("SELECT * FROM app.users WHERE id = $1", params(user));
    EXPECT_TRUE(found.has_value());
    EXPECT_EQ(found.value_or(record("email", "none")).get<std::string>("email"),
              "jane@example.com");
    const auto again = co_await db.get_by_uuid("users", user.id(), in_app());
    EXPECT_EQ(again.value_or(Record()), user);
  });
}

// Checklist: C16, C35
TEST_F(Operator, SchemaMayStandBeforeTheTableOrInItsName) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.insert("app", "users", record("name", "a"));
    co_await db.insert("app.users", record("name", "b"));
    EXPECT_EQ(co_await db.count("users", in_app()), 2u);
    EXPECT_EQ((co_await db.fetch("app", "users", where("name", "a"))).size(), 1u);
    co_await db.update("app", "users", record("role", "x"), where("name", "a"));
    EXPECT_EQ(co_await db.remove("app.users", where("role", "x")), 1u);
  });
}

TEST_F(Operator, ATransactionOfAnotherConnectorIsRefused) {
  operate([this](DBOperator& db) -> Task<void> {
    DBOperator other(db.connector().reactor(), options());
    Transaction own = co_await db.begin();
    EXPECT_THROW(other.on(own), QueryError);
    Transaction savepoint = co_await own.begin();
    EXPECT_EQ(co_await db.on(savepoint).count("users", in_app()), 0u);
    co_await savepoint.rollback();
    co_await own.rollback();
    co_await other.close();
  });
}

// Checklist: C22, C29
TEST_F(Operator, GetByUuidTakesTheUsualFormsAndRefusesOthersUnsent) {
  operate([](DBOperator& db) -> Task<void> {
    const std::string id = "550e8400-e29b-41d4-a716-446655440000";
    co_await db.insert("users", record("id", id, "name", "x"), in_app());
    for (const std::string& form :
         {id, "{" + id + "}", std::string("550E8400E29B41D4A716446655440000")}) {
      const auto found = co_await db.get_by_uuid("users", form, in_app());
      EXPECT_TRUE(found.has_value()) << form;
    }
    const std::string other = "650e8400-e29b-41d4-a716-446655440000";
    const auto none = co_await db.get_by_uuid("users", other, in_app());
    EXPECT_FALSE(none.has_value());
    const auto refused = co_await as_attempt(db.get_by_uuid("users", "source-id", in_app()));
    EXPECT_THAT(error_of<QueryError>(refused).what(), HasSubstr("'id' is a uuid"));
    EXPECT_EQ(error_of<QueryError>(refused).outcome(), Outcome::not_sent);
  });
}

// Checklist: C23, C30, C31
TEST_F(Operator, GetByNameAndColumnGiveTheFirst) {
  operate([](DBOperator& db) -> Task<void> {
    co_await add_user(db, "john.doe", 30);
    const auto named = co_await db.get_by_name("users", "john.doe", in_app());
    EXPECT_TRUE(named.has_value());
    const auto by_role = co_await db.get_by_name("users", "user", name_column("role"), in_app());
    EXPECT_TRUE(by_role.has_value());
    const auto by_age = co_await db.get_by_column("users", "Age", 30, in_app());
    EXPECT_TRUE(by_age.has_value());
    const auto nobody = co_await db.get_by_name("users", "nobody", in_app());
    EXPECT_FALSE(nobody.has_value());
  });
}

// Checklist: C28
TEST_F(Operator, FetchOneTakesATableOrAStatement) {
  operate([](DBOperator& db) -> Task<void> {
    co_await add_user(db, "a", 1);
    co_await add_user(db, "b", 1);
    const auto by_name = co_await db.fetch_one("users", where("name", "b"), in_app());
    EXPECT_EQ(by_name.value_or(Record()).get<std::string>("name"), "b");
    const auto by_sql =
        co_await db.fetch_one("SELECT * FROM app.users WHERE name = $1", std::make_tuple("a"));
    EXPECT_EQ(by_sql.value_or(Record()).get<std::string>("name"), "a");
    const auto plain = co_await db.fetch_one(" select 1 AS one");
    EXPECT_EQ(plain.value_or(Record()).to_json(), R"({"one":1})");
    const auto several =
        co_await as_attempt(db.fetch_one("users", where("age", 1), only_one(), in_app()));
    EXPECT_THAT(error_of<QueryError>(several).what(), HasSubstr("more than one row"));
    const auto none = co_await db.fetch_one("users", where("age", 7), in_app());
    EXPECT_FALSE(none.has_value());
  });
}

// Checklist: C15
TEST_F(Operator, WithoutArgumentsConnectsByTheEnvironment) {
  const char* const set = std::getenv("DATABASE_URL");
  const std::optional<std::string> before =
      set == nullptr ? std::nullopt : std::optional<std::string>(set);
  setenv("DATABASE_URL", server().uri().c_str(), 1);
  Reactor reactor;
  DBOperator db(reactor);
  EXPECT_EQ(db.mode(), TestMode::production);
  EXPECT_EQ(reactor.run(db.schema_exists("app")), true);
  reactor.run(db.close());
  if (before)
    setenv("DATABASE_URL", before->c_str(), 1);
  else
    unsetenv("DATABASE_URL");
}

TEST_F(Operator, ModeE2eRefusesADatabaseThatDoesNotSayTest) {
  Reactor reactor;
  ConnectionOptions named = options();
  named.database = "shop";
  EXPECT_THROW(DBOperator(reactor, named, TestMode::e2e), ConfigurationError);
  named.database = "shop_TEST";
  EXPECT_EQ(DBOperator(reactor, named, test_mode("e2e")).mode(), TestMode::e2e);
  EXPECT_THROW(test_mode("prod"), ConfigurationError);
}

// Checklist: C20
TEST_F(Operator, HasTheFormattingUtilities) {
  operate([](DBOperator& db) -> Task<void> {
    std::string logged;
    db.log_data("nothing", record("a", 1));
    db.set_log(DataLog([&](std::string_view line) { logged = line; }, LogMode::verbose));
    db.log_data("user", record("name", "Jane", "password", "p"));
    EXPECT_EQ(logged, R"(user: {"name":"Jane","password":"***"})");
    EXPECT_EQ(db.prepare_variables_for_storage(record("b", 1, "a", 2)), R"({"a":2,"b":1})");
    EXPECT_EQ(db.format_variable(record("a", nullptr)), R"({"a":null})");
    EXPECT_EQ(db.format_response_for_storage(record("content", "text")), "text");
    EXPECT_EQ(db.clean_response_for_storage("```json\n{\"a\": 1}\n```"), R"({"a":1})");
    EXPECT_EQ(db.format_for_logging("plain"), "plain");
    co_return;
  });
}

// Checklist: C27
TEST_F(Operator, FetchFiltersOrdersAndLimits) {
  operate([](DBOperator& db) -> Task<void> {
    for (int age = 20; age < 30; ++age)
      co_await add_user(db, "u" + std::to_string(age), age, age % 2 == 0 ? "even" : "odd");
    const auto rows =
        co_await db.fetch("users", where("role", "even", "age", gt(21)), order_by("-age"), limit(2),
                          offset(1), columns("name", "age"), in_app());
    EXPECT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows.at(0).to_json(), R"({"name":"u26","age":26})");
    EXPECT_EQ(rows.at(1).get<std::string>("name"), "u24");
    EXPECT_TRUE((co_await db.fetch("users", limit(0), in_app())).empty());
    EXPECT_EQ(
        (co_await db.fetch("users", where("name", array("u20", "u21", "x")), in_app())).size(), 2u);
    EXPECT_EQ((co_await db.fetch("users", where("name", in()), in_app())).size(), 0u);
    EXPECT_EQ((co_await db.fetch("users", where("name", not_in()), in_app())).size(), 10u);
    const auto negative = co_await as_attempt(db.fetch("users", limit(-1), in_app()));
    EXPECT_THAT(error_of<QueryError>(negative).what(), HasSubstr("negative"));
  });
}

TEST_F(Operator, EveryComparisonFindsWhatItsSqlFinds) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.insert(
        "users",
        record("name", "100%_a\\b", "age", 5, "mood", "happy", "tags", array("x", "y"), "settings",
               Json(R"({"a":{"b":"deep"},"n":5,"k":null})"), "score", 12.5),
        in_app());
    co_await db.insert("users", record("name", "other"), in_app());
    const auto found = [&](const Condition& condition) -> Task<std::uint64_t> {
      return db.count("users", condition, in_app());
    };
    EXPECT_EQ(co_await found(where("age", ne(6))), 1u);
    EXPECT_EQ(co_await found(where("age", ge(5), "age", le(5), "age", lt(6))), 1u);
    EXPECT_EQ(co_await found(where("age", between(1, 5))), 1u);
    EXPECT_EQ(co_await found(where("age", nullptr)), 1u);
    EXPECT_EQ(co_await found(where("age", is_not_null())), 1u);
    EXPECT_EQ(co_await found(where("age", is_distinct_from(5))), 1u);
    EXPECT_EQ(co_await found(where("name", like("100\\%%"))), 1u);
    EXPECT_EQ(co_await found(where("name", not_ilike("OTH%"))), 1u);
    EXPECT_EQ(co_await found(where("name", starts_with("100%_"))), 1u);
    EXPECT_EQ(co_await found(where("name", ends_with("\\b"))), 1u);
    EXPECT_EQ(co_await found(where("name", pgreactor::contains("%_"))), 1u);
    EXPECT_EQ(co_await found(where("name", regex("^o.*r$"))), 1u);
    EXPECT_EQ(co_await found(where("name", iregex("^O"))), 1u);
    EXPECT_EQ(co_await found(where("mood", "happy")), 1u);
    EXPECT_EQ(co_await found(where("mood", in("sad", "happy"))), 1u);
    EXPECT_EQ(co_await found(where("tags", array("x", "y"))), 1u);
    EXPECT_EQ(co_await found(where("tags", array_contains(array("y")))), 1u);
    EXPECT_EQ(co_await found(where("tags", array_contained_by(array("x", "y", "z")))), 1u);
    EXPECT_EQ(co_await found(where("tags", array_overlaps(array("z", "x")))), 1u);
    EXPECT_EQ(co_await found(where("settings", json_contains(Json(R"({"n":5})")))), 1u);
    EXPECT_EQ(co_await found(where("settings", has_key("k"))), 1u);
    EXPECT_EQ(co_await found(where("settings->a->>b", "deep")), 1u);
    EXPECT_EQ(co_await found(where("settings->n", gt(4))), 1u);
    EXPECT_EQ(co_await found(where("name", full_text("deeper OR b"))), 1u);
    EXPECT_EQ(co_await found(where("score", Datum(12.5))), 1u);
    EXPECT_EQ(co_await found(where("age", 5) || where("name", "other")), 2u);
    EXPECT_EQ(co_await found(!where("name", "other") && where("age", 5)), 1u);
    EXPECT_EQ(co_await found(raw_condition("lower(name) = lower($1) AND '$1' <> $2", "OTHER", "z")),
              1u);
    EXPECT_EQ(co_await found(where("age", 5) && raw_condition("age + $1 = 7 -- $9", 2)), 1u);
    EXPECT_EQ(co_await found(where("age", 5) &&
                             raw_condition(R"((SELECT x$1 FROM (SELECT 7 AS "x$1") q) = $1)", 7)),
              1u);
  });
}

TEST_F(Operator, AWrongRawConditionIsRefusedAndLeavesTheRightOneAlone) {
  operate([](DBOperator& db) -> Task<void> {
    co_await add_user(db, "a", 1);
    const std::string sql = "age = $1 -- $2";
    const auto wrong = co_await as_attempt(db.count("users", raw_condition(sql, 1, 2), in_app()));
    EXPECT_THAT(error_of<QueryError>(wrong).what(), HasSubstr("2 values and no parameter $2"));
    EXPECT_EQ(error_of<QueryError>(wrong).outcome(), Outcome::not_sent);
    EXPECT_EQ(co_await db.count("users", raw_condition(sql, 1), in_app()), 1u);
  });
}

// Checklist: C17, C64, C68
TEST_F(Operator, ColumnsAreMatchedAndAMissIsSaidInFull) {
  operate([](DBOperator& db) -> Task<void> {
    const Inserted user = co_await add_user(db, "Jane", 30);
    co_await db.insert("posts", record("userId", user, "Title", "t", "slugs", "s"), in_app());
    EXPECT_EQ(co_await db.count("posts", where("USER_ID", user), in_app()), 1u);
    const auto missed = co_await as_attempt(db.fetch("posts", where("user", user), in_app()));
    EXPECT_EQ(
        std::string(error_of<ColumnMatchError>(missed).what()),
        "Column 'user' not found in table 'app.posts'. Available columns: id, user_id, title, "
        "length, slug, lang. Did you mean: user_id?");
    const auto strict =
        co_await as_attempt(db.fetch("posts", where("userId", user), strict_names(), in_app()));
    EXPECT_THAT(error_of<ColumnMatchError>(strict).what(), HasSubstr("Did you mean: user_id?"));
    const auto twice = co_await as_attempt(
        db.insert("posts", record("userId", user, "user_id", user, "title", "t"), in_app()));
    EXPECT_THAT(error_of<ColumnMatchError>(twice).what(), HasSubstr("both column 'user_id'"));
  });
}

TEST_F(Operator, AColumnThatWasJustAddedIsFound) {
  operate([](DBOperator& db) -> Task<void> {
    co_await add_user(db, "Jane", 30);
    co_await db.execute_raw("ALTER TABLE app.users ADD COLUMN nickname text");
    co_await db.update("users", record("nickname", "J"), where("age", 30), in_app());
    EXPECT_EQ(co_await db.count("users", where("nickname", "J"), in_app()), 1u);
  });
}

TEST_F(Operator, MaxRowsRefusesToReadMore) {
  operate([](DBOperator& db) -> Task<void> {
    for (const int age : {1, 2, 3}) co_await add_user(db, "Jane", age);
    db.set_max_rows(2);
    const auto all = co_await as_attempt(db.fetch("users", in_app()));
    EXPECT_THAT(error_of<QueryError>(all).what(), HasSubstr("fetch from users: more than 2 rows"));
    EXPECT_FALSE(co_await as_attempt(db.fetch("users", limit(3), in_app())));
    EXPECT_EQ((co_await db.fetch("users", limit(2), in_app())).size(), 2u);
    EXPECT_EQ((co_await db.fetch("users", where("age", lt(3)), in_app())).size(), 2u);
    EXPECT_EQ(co_await db.count("users", in_app()), 3u);
    Transaction tx = co_await db.begin();
    EXPECT_FALSE(co_await as_attempt(db.on(tx).fetch("users", in_app())));
    co_await tx.rollback();
    db.set_max_rows(std::nullopt);
    EXPECT_EQ((co_await db.fetch("users", in_app())).size(), 3u);
  });
}

// Checklist: C37, C67
TEST_F(Operator, AMissingTableIsSaidWithWhatMayHaveBeenMeant) {
  operate([](DBOperator& db) -> Task<void> {
    const auto table = co_await as_attempt(db.fetch("user", in_app()));
    EXPECT_EQ(std::string(error_of<SchemaError>(table).what()),
              "Table 'user' not found in schema 'app'. Did you mean: users?");
    const auto none = co_await as_attempt(db.fetch("users", in_schema("none")));
    EXPECT_THAT(error_of<SchemaError>(none).what(), HasSubstr("Schema 'none' not found"));
    EXPECT_TRUE(co_await db.table_exists("users", in_app()));
    EXPECT_FALSE(co_await db.table_exists("user", in_app()));
  });
}

TEST_F(Operator, WhatOnlyTheServerWritesIsRefusedByName) {
  operate([](DBOperator& db) -> Task<void> {
    const Inserted user = co_await add_user(db, "Jane", 30);
    const auto generated = co_await as_attempt(
        db.insert("posts", record("user_id", user, "title", "t", "length", 3), in_app()));
    EXPECT_THAT(error_of<QueryError>(generated).what(), HasSubstr("'length'"));
    const auto identity = co_await as_attempt(
        db.insert("posts", record("id", 7, "user_id", user, "title", "t"), in_app()));
    EXPECT_THAT(error_of<QueryError>(identity).what(), HasSubstr("overriding_identity"));
    const Inserted own = co_await db.insert("posts", record("id", 7, "user_id", user, "title", "t"),
                                            overriding_identity(), in_app());
    EXPECT_EQ(own.get<int>("id"), 7);
  });
}

TEST_F(Operator, InsertManyKeepsTheOrderOfItsRows) {
  operate([](DBOperator& db) -> Task<void> {
    for (const int count : {0, 3, 60, 3000}) {
      std::vector<Record> rows;
      for (int i = 0; i < count; ++i)
        rows.push_back(record("name", "n" + std::to_string(i), "age", i, "settings",
                              Json(R"({"i":)" + std::to_string(i) + "}")));
      const auto inserted = co_await db.insert_many("users", rows, in_app());
      EXPECT_EQ(inserted.size(), rows.size());
      for (std::size_t i = 0; i < inserted.size(); ++i)
        EXPECT_EQ(inserted[i].get<std::size_t>("age"), i);
    }
    std::vector<Record> uneven;
    uneven.push_back(record("name", "first", "role", "admin"));
    uneven.push_back(record("name", "second", "age", 3));
    for (int i = 0; i < 100; ++i) uneven.push_back(record("name", "more"));
    const auto mixed = co_await db.insert_many("users", uneven, in_app());
    EXPECT_EQ(mixed.size(), 102u);
    EXPECT_EQ(mixed.at(1).get<std::string>("role"), "user");
    EXPECT_EQ(mixed.at(0).get<std::string>("role"), "admin");
  });
}

TEST_F(Operator, ManyRowsAreAllThereOrNone) {
  operate([](DBOperator& db) -> Task<void> {
    for (const std::size_t count : {10u, 200u}) {
      std::vector<Record> rows(count, record("name", "x", "age", 1));
      rows.back() = record("name", "x", "age", -1);
      const auto refused = co_await as_attempt(db.insert_many("users", rows, in_app()));
      const auto& error = error_of<CheckViolation>(refused);
      EXPECT_THAT(error.what(), HasSubstr("insert into app.users"));
      EXPECT_EQ(co_await db.count("users", in_app()), 0u);
    }
  });
}

// Checklist: C33
TEST_F(Operator, UpdateGivesTheRowsItChanged) {
  operate([](DBOperator& db) -> Task<void> {
    co_await add_user(db, "a", 1);
    co_await add_user(db, "b", 2);
    const auto changed = co_await db.update("users", record("role", "x", "tags", array("t")),
                                            where("age", 2), in_app());
    EXPECT_EQ(changed.size(), 1u);
    EXPECT_EQ(changed.at(0).get<std::string>("name"), "b");
    const auto nulled = co_await db.update("users", record("role", nullptr), all_rows(), in_app());
    EXPECT_EQ(nulled.size(), 2u);
    EXPECT_EQ(co_await db.count("users", where("role", nullptr), in_app()), 2u);
    co_await db.update("users", record("role", column_default), where("age", 1), in_app());
    EXPECT_EQ(co_await db.count("users", where("role", "user"), in_app()), 1u);
  });
}

TEST_F(Operator, NoGuardLetsARowThrough) {
  operate([](DBOperator& db) -> Task<void> {
    co_await add_user(db, "a", 1, "keep");
    co_await add_user(db, "b", 2, "keep");
    const std::vector<Condition> guarded = {where(),
                                            where(where()),
                                            where("no_such", 1),
                                            where("name", not_in()),
                                            where("age", ne(array())),
                                            !where("age", in()),
                                            all_of(where(), where()),
                                            any_of(where("age", in()), where())};
    for (const Condition& condition : guarded) {
      const auto updated =
          co_await as_attempt(db.update("users", record("role", "gone"), condition, in_app()));
      EXPECT_FALSE(updated);
      const auto removed = co_await as_attempt(db.remove("users", condition, in_app()));
      EXPECT_FALSE(removed);
    }
    const std::vector<Condition> none = {where("age", nullptr), where("age", in()),
                                         where("age", array()), any_of()};
    for (const Condition& condition : none) {
      EXPECT_TRUE(
          (co_await db.update("users", record("role", "gone"), condition, in_app())).empty());
      EXPECT_EQ(co_await db.remove("users", condition, in_app()), 0u);
    }
    const auto nothing =
        co_await as_attempt(db.update("users", Record(), where("age", 1), in_app()));
    EXPECT_FALSE(nothing);
    EXPECT_EQ(co_await db.count("users", where("role", "keep"), in_app()), 2u);
  });
}

TEST_F(Operator, MoreRowsThanAllowedAreLeftAsTheyAre) {
  operate([](DBOperator& db) -> Task<void> {
    for (int i = 0; i < 3; ++i) co_await add_user(db, "u", i);
    const auto many = co_await as_attempt(
        db.update("users", record("role", "x"), where("name", "u"), max_affected(2), in_app()));
    EXPECT_THAT(error_of<ConflictError>(many).what(), HasSubstr("3 rows"));
    const auto removed =
        co_await as_attempt(db.remove("users", where("name", "u"), max_affected(2), in_app()));
    EXPECT_FALSE(removed);
    EXPECT_EQ(co_await db.count("users", where("role", "user"), in_app()), 3u);
    EXPECT_EQ(co_await db.remove("users", where("name", "u"), max_affected(3), in_app()), 3u);
  });
}

TEST_F(Operator, AVersionThatIsNotExpectedIsAConflict) {
  operate([](DBOperator& db) -> Task<void> {
    const Inserted user = co_await add_user(db, "a", 1);
    const auto changed = co_await db.update("users", record("age", 2), where("id", user.id()),
                                            expected_version(1), in_app());
    EXPECT_EQ(changed.at(0).get<int>("version"), 2);
    const auto stale = co_await as_attempt(db.update(
        "users", record("age", 3), where("id", user.id()), expected_version(1), in_app()));
    EXPECT_THAT(error_of<ConflictError>(stale).what(), HasSubstr("version 1"));
    const auto gone = co_await as_attempt(
        db.update("app.users", record("age", 3), where("name", "none"), expected_version(1)));
    EXPECT_THAT(error_of<NotFoundError>(gone).what(), HasSubstr("no row"));
  });
}

// Checklist: C34
TEST_F(Operator, UpsertInsertsThenUpdates) {
  operate([](DBOperator& db) -> Task<void> {
    const Inserted first =
        co_await db.upsert("users", record("email", "a@b", "name", "A"), "email", in_app());
    EXPECT_EQ(first.inserted(), true);
    const Inserted second =
        co_await db.upsert("users", record("email", "a@b", "name", "B"), "email", in_app());
    EXPECT_EQ(second.inserted(), false);
    EXPECT_EQ(second.id(), first.id());
    EXPECT_EQ(second.get<std::string>("name"), "B");
    EXPECT_FALSE(second.contains("?column?"));
    const Inserted kept = co_await db.upsert("users", record("email", "a@b", "name", "C"), "email",
                                             on_conflict(OnConflict::nothing), in_app());
    EXPECT_EQ(kept.inserted(), false);
    EXPECT_EQ(kept.get<std::string>("name"), "B");
    const auto no_key =
        co_await as_attempt(db.upsert("users", record("name", "x"), "name", in_app()));
    EXPECT_THAT(error_of<SchemaError>(no_key).what(), HasSubstr("Unique keys: (id), (email)"));
  });
}

class Upserts : public OperatorTest, public ::testing::WithParamInterface<UpsertRule> {};

TEST_P(Upserts, OnAServer) {
  operate([rule = GetParam()](DBOperator& db) -> Task<void> {
    co_await db.connector().execute_script(upsert_tables_as_sql);
    co_await rule.holds(db);
  });
}
INSTANTIATE_TEST_SUITE_P(Operator, Upserts, ::testing::ValuesIn(upsert_rules), name_of_rule);

TEST_F(Operator, OfConcurrentUpsertsOneInserts) {
  operate([](DBOperator& db) -> Task<void> {
    constexpr int tasks = 32;
    int inserted = 0, ended = 0;
    const auto upsert = [&](int i) -> Task<void> {
      const Inserted row = co_await db.upsert(
          "users", record("email", "one@x", "name", "n" + std::to_string(i)), "email", in_app());
      if (row.inserted() == true) ++inserted;
      ++ended;
    };
    std::vector<Task<void>> all;
    for (int i = 0; i < tasks; ++i) all.push_back(upsert(i));
    co_await when_all(std::move(all));
    EXPECT_EQ(inserted, 1);
    EXPECT_EQ(ended, tasks);
    EXPECT_EQ(co_await db.count("users", where("email", "one@x"), in_app()), 1u);
  });
}

TEST_F(Operator, PagesGiveEveryRowOnceWhateverTheOrder) {
  operate([](DBOperator& db) -> Task<void> {
    std::vector<Record> rows;
    for (int i = 0; i < 37; ++i) {
      Record row = record("name", "n" + std::to_string(i % 5));
      if (i % 4 != 0) row.set("age", i % 3);
      rows.push_back(std::move(row));
    }
    co_await db.insert_many("users", rows, in_app());
    for (const std::string order : {"age", "-age"}) {
      for (const Nulls place : {Nulls::by_direction, Nulls::first, Nulls::last}) {
        std::vector<Record> paged;
        std::string after;
        do {
          const Page page =
              co_await db.fetch_page("users", after, order_by(order, "-name"), nulls(place),
                                     limit(4), columns("id", "name"), in_app());
          for (const Record& row : page.records()) paged.push_back(row);
          after = page.next();
        } while (!after.empty());
        const auto whole = co_await db.fetch("users", order_by(order, "-name", "id"), nulls(place),
                                             columns("id", "name"), in_app());
        EXPECT_EQ(paged, whole) << order;
      }
    }
    const Page page = co_await db.fetch_page("users", "", order_by("age"), limit(4), in_app());
    const std::string& next = page.next();
    const auto other =
        co_await as_attempt(db.fetch_page("users", next, order_by("-age"), limit(4), in_app()));
    EXPECT_THAT(error_of<QueryError>(other).what(), HasSubstr("another order"));
    const auto forged = co_await as_attempt(db.fetch_page("users", "!", limit(4), in_app()));
    EXPECT_FALSE(forged);
  });
}

// Checklist: C19, C66
TEST_F(Operator, ViolationsHaveTheirTypesAndNameTheConstraint) {
  operate([](DBOperator& db) -> Task<void> {
    const Inserted user = co_await db.insert("users", record("name", "a", "email", "e"), in_app());
    const auto unique =
        co_await as_attempt(db.insert("users", record("name", "b", "email", "e"), in_app()));
    EXPECT_THAT(error_of<UniqueViolation>(unique).what(), HasSubstr("users_email_key"));
    EXPECT_THAT(error_of<UniqueViolation>(unique).what(), HasSubstr("(email)=(e)"));
    const auto not_null = co_await as_attempt(db.insert("users", record("age", 1), in_app()));
    EXPECT_EQ(error_of<NotNullViolation>(not_null).report()->column, "name");
    const auto key = co_await as_attempt(db.remove("users", where("id", user.id()), in_app()));
    EXPECT_TRUE(key);
    const Inserted other = co_await add_user(db, "c", 1);
    co_await db.insert("posts", record("user_id", other, "title", "t"), in_app());
    const auto used = co_await as_attempt(db.remove("users", where("id", other.id()), in_app()));
    EXPECT_THAT(error_of<ForeignKeyViolation>(used).what(), HasSubstr("posts_user_id_fkey"));
    const auto syntax = co_await as_attempt(db.execute_raw("selec 1"));
    EXPECT_EQ(error_of<SyntaxError>(syntax).sqlstate(), Sqlstate("42601"));
    const auto too_long = co_await as_attempt(
        db.insert("posts", record("user_id", other, "title", std::string(21, 'x')), in_app()));
    EXPECT_EQ(error_of<QueryError>(too_long).sqlstate(), Sqlstate("22001"));
  });
}

// Checklist: C73, C74
TEST_F(Operator, InATransactionAllIsDoneOrNothing) {
  operate([](DBOperator& db) -> Task<void> {
    const auto failed = [&](Transaction& tx) -> Task<void> {
      TableOperations in_tx = db.on(tx);
      co_await in_tx.insert("users", record("name", "a", "age", 1), in_app());
      co_await tx.execute("CREATE TABLE app.scratch (id int PRIMARY KEY, n int)");
      co_await in_tx.insert("scratch", record("id", 1, "n", 2), in_app());
      EXPECT_EQ(co_await in_tx.count("scratch", in_app()), 1u);
      const auto many =
          co_await as_attempt(in_tx.remove("users", where("age", 1), max_affected(0), in_app()));
      EXPECT_FALSE(many);
      EXPECT_EQ(co_await in_tx.count("users", in_app()), 1u);
      throw QueryError("as if");
    };
    const auto attempt = co_await as_attempt(db.transaction(failed));
    EXPECT_FALSE(attempt);
    EXPECT_EQ(co_await db.count("users", in_app()), 0u);
    EXPECT_FALSE(co_await db.table_exists("scratch", in_app()));
  });
}

// Checklist: C38, C39
TEST_F(Operator, SchemasAreCreatedOnce) {
  operate([](DBOperator& db) -> Task<void> {
    EXPECT_FALSE(co_await db.schema_exists("app \"two\""));
    std::vector<Task<void>> all;
    for (int i = 0; i < 8; ++i) all.push_back(db.create_schema("app \"two\""));
    co_await when_all(std::move(all));
    EXPECT_TRUE(co_await db.schema_exists("app \"two\""));
    co_await db.execute_raw("DROP SCHEMA \"app \"\"two\"\"\"");
    const auto too_long = co_await as_attempt(db.create_schema(std::string(64, 'x')));
    EXPECT_THAT(error_of<SchemaError>(too_long).what(), HasSubstr("64 bytes"));
  });
}

}  // namespace
}  // namespace pgreactor::integration
