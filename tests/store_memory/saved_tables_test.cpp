#include <gmock/gmock.h>

#include <pgreactor/memory_store.hpp>

namespace pgreactor {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& json) {
  try {
    tables_from_json(json);
  } catch (const SchemaError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(SavedTables, ATableComesBackAsItWasSaved) {
  MemoryTables tables;
  const Table& saved = tables.table("app", "po\"sts")
                           .column("id", "bigint")
                           .identity(Identity::by_default)
                           .primary_key()
                           .column("price", "numeric(10,2)")
                           .not_null()
                           .default_unknown()
                           .column("tags", "varchar(9)[]")
                           .column("user_id", "uuid")
                           .references(QualifiedName("app", "users"), "id",
                                       ForeignKey::Action::set_null, ForeignKey::Action::cascade)
                           .unique({"price", "tags"})
                           .table();

  const MemoryTables read = tables_from_json("[" + table_to_json(saved) + "]");
  const Table& back = read.all().at(0)->table();
  EXPECT_EQ(back.name, saved.name);
  EXPECT_EQ(back.columns, saved.columns);
  EXPECT_EQ(back.keys, saved.keys);
  EXPECT_EQ(back.foreign_keys, saved.foreign_keys);
}

TEST(SavedTables, AnErrorNamesThePlaceAndTheField) {
  const auto with_column = [](const std::string& column) {
    return R"([{"schema":"public","table":"t","columns":[{"name":"a","type":"int"},)" + column +
           "]}]";
  };
  EXPECT_THAT(refusal(with_column(R"({"name":"b","type":"hstore"})")),
              HasSubstr("[0].columns[1].type: "));
  EXPECT_THAT(refusal(with_column(R"({"name":5})")), HasSubstr("[0].columns[1].name: "));
  EXPECT_THAT(refusal(with_column(R"({"name":"b","type":"int","not_null":1})")),
              HasSubstr("[0].columns[1].not_null: "));
  EXPECT_THAT(refusal(with_column(R"({"name":"b","type":"int","identity":"perhaps"})")),
              HasSubstr("[0].columns[1].identity: 'perhaps'"));
  EXPECT_THAT(refusal(with_column(R"({"name":"b","type":"int","generated":true})")),
              HasSubstr("[0].columns[1].generated: "));
  EXPECT_THAT(refusal(R"([{"schema":"public","table":"t","columns":[],
                           "keys":[{"name":"k","columns":["x"]}]}])"),
              HasSubstr("[0].keys[0].columns: "));
}

TEST(SavedTables, WhatIsNoListOfTablesIsRefused) {
  for (const char* const bad : {"", "{", "{}", "[1]", "[{}]", "null", R"([{"schema":"s"}])"})
    EXPECT_THAT(refusal(bad), HasSubstr("tables from JSON: ")) << bad;
}

TEST(SavedTables, AnUnknownDefaultIsRefusedOnlyWhereItIsNeeded) {
  MemoryTables tables;
  tables.table("public", "t").column("a", "int").default_unknown();
  const auto store = make_memory_store(std::move(tables));
  Insertion insertion;
  insertion.table = store->catalogue().known(QualifiedName("public", "t"));
  insertion.rows = {{}};
  const auto insert = [&] {
    auto task = store->insert(insertion);
    task.frame().resume();
    return task.frame().promise().take().affected();
  };

  EXPECT_THROW(insert(), MockModeError);
  insertion.columns = {0};
  insertion.rows = {{1}};
  EXPECT_EQ(insert(), 1u);
}

}  // namespace
}  // namespace pgreactor
