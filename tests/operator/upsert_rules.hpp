#pragma once
#include <array>
#include <ostream>
#include <string_view>
#include <utility>

#include "tests/integration/database_fixture.hpp"

// What upsert_many() promises, wherever the tables are: operator_test.cpp asks it of a server,
// mock_mode_test.cpp of memory.
namespace pgreactor::integration {

inline constexpr std::string_view upsert_tables_as_sql = R"(
  CREATE TABLE app.people (id serial PRIMARY KEY, name text, email text UNIQUE,
                           age int CHECK (age >= 0));
  CREATE TABLE app.slots (tenant text, slot serial, name text, PRIMARY KEY (tenant, slot));
  CREATE TABLE app.nodes (id int PRIMARY KEY, name text, parent int REFERENCES app.nodes (id));
)";

template <class... Names>
std::vector<std::string> key_of(Names... names) {
  std::vector<std::string> key;
  (key.push_back(names), ...);
  return key;
}

inline MemoryTables upsert_tables_in_memory() {
  MemoryTables tables;
  tables.table("app", "people")
      .column("id", "integer")
      .default_sequence()
      .primary_key()
      .column("name", "text")
      .column("email", "text")
      .unique()
      .column("age", "integer")
      .check("people_age_check", [](const Record& row) -> std::optional<bool> {
        if (row["age"].is_null()) return std::nullopt;
        return row.get<int>("age") >= 0;
      });
  tables.table("app", "slots")
      .column("tenant", "text")
      .column("slot", "integer")
      .default_sequence()
      .column("name", "text")
      .primary_key(key_of("tenant", "slot"));
  tables.table("app", "nodes")
      .column("id", "integer")
      .primary_key()
      .column("name", "text")
      .column("parent", "integer")
      .references(QualifiedName("app", "nodes"), "id");
  return tables;
}

template <class... Records>
std::vector<Record> rows_of(Records... records) {
  std::vector<Record> rows;
  (rows.push_back(std::move(records)), ...);
  return rows;
}

/// "a+ b": the names in the order of the rows, and a + behind those of new ones.
template <class Rows>
std::string names_in(const Rows& rows) {
  std::string names;
  for (const auto& row : rows) {
    names += (names.empty() ? "" : " ") + row.template get<std::string>("name");
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(row)>, Inserted>)
      names += row.inserted() == true ? "+" : "";
  }
  return names;
}

inline Task<std::vector<Inserted>> upsert_people(DBOperator& db, std::vector<Record> rows) {
  return db.upsert_many("people", std::move(rows), key_of("id"), in_schema("app"));
}

/// A row each: "101 b keep" ...
inline Task<std::string> people(DBOperator& db) {
  std::string text;
  const auto rows = co_await db.fetch("people", order_by("id"), in_schema("app"));
  for (const Record& row : rows)
    text += (text.empty() ? "" : ", ") + row["id"].to_string() + " " + row["name"].to_string() +
            " " + row["email"].to_string();
  co_return text;
}

inline Task<void> leaves_alone_what_a_record_leaves_out(DBOperator& db) {
  co_await db.insert("people", record("id", 101, "name", "a", "email", "keep"), in_schema("app"));
  const auto rows =
      rows_of(record("id", 101, "name", "b"), record("id", 102, "name", "c", "email", "x"),
              record("name", "d", "id", 103), record("id", 104, "name", "e", "email", nullptr));
  const auto first = co_await upsert_people(db, rows);
  EXPECT_EQ(names_in(first), "b c+ d+ e+");
  const std::string all = co_await people(db);
  EXPECT_EQ(all, "101 b keep, 102 c x, 103 d NULL, 104 e NULL");
  const auto named = rows_of(record("id", 101), record("id", 102, "email", nullptr));
  const auto second = co_await upsert_people(db, named);
  EXPECT_EQ(names_in(second), "b c");
  const std::string then = co_await people(db);
  EXPECT_EQ(then, "101 b keep, 102 c NULL, 103 d NULL, 104 e NULL");
}

inline Task<void> gives_the_order_of_the_data(DBOperator& db) {
  std::vector<Record> rows;
  std::string names;
  for (int i = 0; i < 300; ++i) {
    rows.push_back(record("id", 1000 - i, "name", "n" + std::to_string(i)));
    if (i % 3 == 1) rows.back().set("age", i);
    if (i % 3 == 2) rows.back().set("email", std::to_string(i));
    names += (names.empty() ? "n" : " n") + std::to_string(i);
  }
  co_await upsert_people(db, rows);
  const auto again = co_await upsert_people(db, rows);
  EXPECT_EQ(names_in(again), names);
  rows.resize(3);
  for (Record& row : rows) row.set("name", "other");
  const auto kept = co_await db.upsert_many("people", rows, key_of("id"),
                                            on_conflict(OnConflict::nothing), in_schema("app"));
  EXPECT_EQ(names_in(kept), "n0 n1 n2");
  const auto nothing =
      co_await db.upsert_many("people", rows, key_of("id"), returning_nothing(), in_schema("app"));
  EXPECT_TRUE(nothing.empty());
  EXPECT_EQ(co_await db.count("people", where("name", "other"), in_schema("app")), 3u);
}

/// Of rows that refer to each other, what is referred to comes first: so it has to be written
/// first.
inline Task<void> writes_in_the_order_of_the_data(DBOperator& db) {
  const auto rows =
      rows_of(record("id", 1, "name", "a", "parent", nullptr), record("id", 2, "name", "b"),
              record("parent", 2, "name", "c", "id", 3), record("id", 4, "name", "d", "parent", 3));
  const auto first = co_await db.upsert_many("nodes", rows, key_of("id"), in_schema("app"));
  EXPECT_EQ(names_in(first), "a+ b+ c+ d+");
  const auto again = co_await db.upsert_many("nodes", rows, key_of("id"), in_schema("app"));
  EXPECT_EQ(names_in(again), "a b c d");
  const auto children = rows_of(record("id", 6, "name", "f", "parent", 5), record("id", 5));
  const auto attempt =
      co_await as_attempt(db.upsert_many("nodes", children, key_of("id"), in_schema("app")));
  EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), Sqlstate("23503"));
  EXPECT_EQ(co_await db.count("nodes", in_schema("app")), 4u);
}

inline Task<void> writes_all_or_nothing(DBOperator& db) {
  const auto refused = rows_of(record("id", 1, "name", "a"), record("id", 2, "age", -1));
  const auto attempt = co_await as_attempt(upsert_people(db, refused));
  EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), Sqlstate("23514"));
  EXPECT_EQ(co_await db.count("people", in_schema("app")), 0u);

  const auto rows = rows_of(record("id", 1, "name", "a"), record("id", 2, "name", "b", "age", 1));
  Transaction tx = co_await db.begin();
  TableOperations within = db.on(tx);
  const auto written = co_await within.upsert_many("people", rows, key_of("id"), in_schema("app"));
  EXPECT_EQ(names_in(written), "a+ b+");
  EXPECT_EQ(co_await within.count("people", in_schema("app")), 2u);
  co_await tx.rollback();
  EXPECT_EQ(co_await db.count("people", in_schema("app")), 0u);
}

/// Whether the value or the row is refused.
inline Task<void> leaves_a_transaction_usable(DBOperator& db) {
  Transaction tx = co_await db.begin();
  TableOperations within = db.on(tx);
  co_await within.insert("people", record("id", 9, "name", "z"), in_schema("app"));
  for (const std::int64_t age : {std::int64_t{5'000'000'000}, std::int64_t{-1}}) {
    const auto rows = rows_of(record("id", 1, "name", "a"), record("id", 2, "age", age));
    const auto attempt =
        co_await as_attempt(within.upsert_many("people", rows, key_of("id"), in_schema("app")));
    EXPECT_THAT(error_of<QueryError>(attempt).what(),
                ::testing::HasSubstr(age < 0 ? "people_age_check" : "out of range"));
    EXPECT_EQ(co_await within.count("people", in_schema("app")), 1u);
  }
  const auto fits = rows_of(record("id", 1, "name", "a"), record("id", 2, "name", "b", "age", 1));
  const auto written = co_await within.upsert_many("people", fits, key_of("id"), in_schema("app"));
  EXPECT_EQ(names_in(written), "a+ b+");
  co_await tx.commit();
  EXPECT_EQ(co_await db.count("people", in_schema("app")), 3u);
}

inline Task<void> keeps_the_last_of_each_key(DBOperator& db) {
  const auto rows = rows_of(record("id", 11, "name", "a", "email", "x"),
                            record("id", 12, "name", "b"), record("id", 11, "name", "c"));
  const auto written = co_await upsert_people(db, rows);
  EXPECT_EQ(names_in(written), "c+ b+");
  EXPECT_EQ(co_await people(db), "11 c NULL, 12 b NULL");
  const auto apart = rows_of(record("id", 11, "name", "d"), record("id", 12, "email", "w"),
                             record("id", 12, "name", "e"), record("id", 11, "email", "v"));
  EXPECT_EQ(names_in(co_await upsert_people(db, apart)), "c e");
  EXPECT_EQ(co_await people(db), "11 c v, 12 e NULL");
  const auto nulls = rows_of(record("email", nullptr, "name", "d"),
                             record("email", nullptr, "name", "e"), record("email", "y"));
  const auto more = co_await db.upsert_many("people", nulls, key_of("email"), in_schema("app"));
  EXPECT_EQ(more.size(), 3u);
  EXPECT_EQ(co_await db.count("people", in_schema("app")), 5u);
}

inline Task<void> keeps_the_last_of_each_composite_key(DBOperator& db) {
  std::vector<Record> rows;
  for (int i = 0; i < 120; ++i)
    rows.push_back(record("tenant", "t", "slot", i % 100, "name", "n" + std::to_string(i)));
  const auto key = key_of("slot", "tenant");
  const auto first = co_await db.upsert_many("slots", rows, key, in_schema("app"));
  EXPECT_EQ(first.size(), 100u);
  EXPECT_EQ(first.at(0).get<std::string>("name"), "n100");
  EXPECT_EQ(first.at(99).get<std::string>("name"), "n99");
  const auto second = co_await db.upsert_many("slots", rows, key, in_schema("app"));
  EXPECT_EQ(second.at(7).inserted(), false);
  EXPECT_EQ(co_await db.count("slots", in_schema("app")), 100u);
}

inline Task<void> refuses_a_record_without_its_key(DBOperator& db) {
  const auto rows =
      rows_of(record("id", 200, "name", "a"), record("name", "b"), record("name", "c"));
  const auto attempt = co_await as_attempt(upsert_people(db, rows));
  const auto& error = error_of<QueryError>(attempt);
  EXPECT_STREQ(error.what(),
               "upsert into app.people: record 2 has no value for the unique column 'id'");
  EXPECT_EQ(error.outcome(), Outcome::not_sent);
  EXPECT_EQ(co_await db.count("people", in_schema("app")), 0u);

  const auto slots =
      rows_of(record("tenant", "x", "slot", 1), record("tenant", "y", "slot", 1),
              record("tenant", "x", "name", "lost"), record("tenant", "x", "slot", 2));
  const auto key = key_of("tenant", "slot");
  const auto composite = co_await as_attempt(db.upsert_many("slots", slots, key, in_schema("app")));
  EXPECT_THAT(error_of<QueryError>(composite).what(),
              ::testing::HasSubstr("record 3 has no value for the unique column 'slot'"));
  EXPECT_EQ(co_await db.count("slots", in_schema("app")), 0u);
}

inline Task<void> takes_no_default_for_another(DBOperator& db) {
  const auto rows = rows_of(record("tenant", "x", "slot", column_default, "name", "a"),
                            record("tenant", "x", "slot", column_default, "name", "b"),
                            record("tenant", "x", "slot", 7, "name", "c"));
  const auto written =
      co_await db.upsert_many("slots", rows, key_of("tenant", "slot"), in_schema("app"));
  EXPECT_EQ(names_in(written), "a+ b+ c+");
  EXPECT_EQ(co_await db.count("slots", in_schema("app")), 3u);
}

struct UpsertRule {
  const char* name;
  Task<void> (*holds)(DBOperator& db);
};
inline void PrintTo(const UpsertRule& rule, std::ostream* out) { *out << rule.name; }

inline constexpr std::array upsert_rules = {
    UpsertRule{"LeavesAloneWhatARecordLeavesOut", leaves_alone_what_a_record_leaves_out},
    UpsertRule{"GivesTheOrderOfTheData", gives_the_order_of_the_data},
    UpsertRule{"WritesInTheOrderOfTheData", writes_in_the_order_of_the_data},
    UpsertRule{"WritesAllOrNothing", writes_all_or_nothing},
    UpsertRule{"LeavesATransactionUsable", leaves_a_transaction_usable},
    UpsertRule{"KeepsTheLastOfEachKey", keeps_the_last_of_each_key},
    UpsertRule{"KeepsTheLastOfEachCompositeKey", keeps_the_last_of_each_composite_key},
    UpsertRule{"RefusesARecordWithoutItsKey", refuses_a_record_without_its_key},
    UpsertRule{"TakesNoDefaultForAnother", takes_no_default_for_another},
};
inline std::string name_of_rule(const ::testing::TestParamInfo<UpsertRule>& info) {
  return info.param.name;
}

}  // namespace pgreactor::integration
