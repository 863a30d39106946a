#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/memory_store.hpp>
#include <pgreactor/query_errors.hpp>

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

/// A table as a server's catalogue may have it, saved and read again.
MemoryTables with_what_only_a_server_has() {
  Table table;
  table.name = QualifiedName("public", "t");
  table.columns.resize(2);
  table.columns[0].name = "k";
  table.columns[1].name = "word";
  for (TableColumn& column : table.columns) column.type_name = "text";
  table.columns[1].has_default_collation = false;
  for (std::uint32_t column = 0; column < 2; ++column) {
    TableKey key;
    key.name = "key" + std::to_string(column);
    key.columns = {column};
    key.is_deferrable = column == 0;
    key.nulls_not_distinct = column == 0;
    table.keys.push_back(std::move(key));
  }
  Table view;
  view.name = QualifiedName("public", "v");
  view.kind = TableKind::view;
  view.columns = {table.columns[0]};
  return tables_from_json("[" + table_to_json(table) + ", " + table_to_json(view) + "]");
}

TEST(SavedTables, WhatOnlyAServerHasIsKept) {
  MemoryTables tables = with_what_only_a_server_has();
  const Table& table = tables.at("public", "t").table();
  EXPECT_TRUE(table.keys.at(0).is_deferrable);
  EXPECT_FALSE(table.keys.at(1).is_deferrable);
  EXPECT_TRUE(table.keys.at(0).nulls_not_distinct);
  EXPECT_FALSE(table.keys.at(1).nulls_not_distinct);
  EXPECT_TRUE(table.columns.at(0).has_default_collation);
  EXPECT_FALSE(table.columns.at(1).has_default_collation);
  EXPECT_EQ(tables.at("public", "v").table().kind, TableKind::view);
  EXPECT_THROW(tables.at("public", "t").deferrable("key7"), SchemaError);
}

TEST(SavedTables, WhatOnlyAServerHasMemoryDoesNotAnswer) {
  const auto store = make_memory_store(with_what_only_a_server_has());
  const auto insert = [&](const char* table, Datum key, Datum word) {
    Insertion insertion;
    insertion.table = store->catalogue().known(QualifiedName("public", table));
    insertion.columns = {0, 1};
    insertion.rows = {{std::move(key), std::move(word)}};
    auto task = store->insert(insertion);
    task.frame().resume();
    static_cast<void>(task.frame().promise().take());
  };
  const auto select = [&](const char* table, std::optional<std::uint32_t> order) {
    Selection selection;
    selection.table = store->catalogue().known(QualifiedName("public", table));
    if (order) selection.order.push_back({*order, false, Nulls::by_direction});
    auto task = store->select(selection);
    task.frame().resume();
    return task.frame().promise().take().size();
  };
  insert("t", "a", "x");
  EXPECT_THROW(insert("t", "a", nullptr), MockModeError);  // now, or at the end?
  EXPECT_THROW(insert("t", "b", "y"), MockModeError);      // is it another word?
  EXPECT_THROW(insert("t", "b", "x"), UniqueViolation);
  insert("t", "b", nullptr);
  EXPECT_EQ(select("t", 0), 2u);
  EXPECT_THROW(select("t", 1), MockModeError);
  EXPECT_THROW(select("v", {}), MockModeError);
  EXPECT_THROW(insert("v", "a", "x"), MockModeError);
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
  EXPECT_THAT(refusal(with_column(R"({"name":"b","type":"text","default":"tomorrow"})")),
              HasSubstr("[0].columns[1].default: 'tomorrow'"));
  EXPECT_THAT(refusal(with_column(R"({"name":"b","type":"text","default":[1,2]})")),
              HasSubstr("[0].columns[1].default: "));
  EXPECT_THAT(refusal(with_column(R"({"name":"b","type":"text","default":"sequence"})")),
              HasSubstr("[0].columns[1].default: "));
  EXPECT_THAT(refusal(with_column(R"({"name":"b","type":"mood","labels":[]})")),
              HasSubstr("[0].columns[1].labels: "));
  EXPECT_THAT(refusal(R"([{"schema":"public","table":"t","kind":"heap","columns":[]}])"),
              HasSubstr("[0].kind: 'heap'"));
  EXPECT_THAT(refusal(R"([{"schema":"public","table":"t","columns":[],
                           "keys":[{"name":"k","columns":["x"]}]}])"),
              HasSubstr("[0].keys[0].columns: "));
}

TEST(SavedTables, WhatIsNoListOfTablesIsRefused) {
  for (const char* const bad : {"", "{", "{}", "[1]", "[{}]", "null", R"([{"schema":"s"}])"})
    EXPECT_THAT(refusal(bad), HasSubstr("tables from JSON, line 1: ")) << bad;
}

TEST(SavedTables, AnErrorNamesTheLine) {
  EXPECT_THAT(refusal("[\n {\"schema\": \"s\",\n  \"table\": 7}]"),
              HasSubstr("line 3: [0].table: it is no string"));
  EXPECT_THAT(refusal("[\n\n {\"schema\": \"s\"}]"), HasSubstr("line 3: [0].table: "));
  EXPECT_THAT(refusal("[\n{\n\"schema\": oops}]"), HasSubstr("line 3: "));
}

/// A file of this name in gtest's own folder, gone at the end.
class SavedFile {
 public:
  SavedFile(const std::string& name, const std::string& text)
      : path_(testing::TempDir() + name + std::to_string(getpid()) + ".json") {
    std::ofstream(path_) << text;
  }
  SavedFile(const SavedFile&) = delete;
  SavedFile& operator=(const SavedFile&) = delete;
  ~SavedFile() { std::filesystem::remove(path_); }
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

TEST(SavedTables, AFileIsReadAndItsErrorsNameIt) {
  const SavedFile good("good", R"([{"schema":"app","table":"t","columns":[]}])");
  EXPECT_EQ(tables_from_file(good.path()).all().size(), 1u);
  const SavedFile bad("bad", "[\n{}]");
  try {
    tables_from_file(bad.path());
    ADD_FAILURE() << "it was accepted";
  } catch (const SchemaError& error) {
    EXPECT_EQ(std::string(error.what()), bad.path() + ", line 2: [0].schema: it is no string");
  }
  EXPECT_THROW(tables_from_file(good.path() + "x"), ConfigurationError);
  EXPECT_THROW(tables_from_file(testing::TempDir()), ConfigurationError);
}

TEST(SavedTables, WhatMockModeKnowsMoreIsSavedToo) {
  MemoryTables tables;
  const MemoryTable& saved = tables.table("public", "t")
                                 .column("id", "integer")
                                 .not_null()
                                 .default_sequence()
                                 .enum_column("mood", "app.mood", {"sad", "ok", "happy"})
                                 .default_value("ok")
                                 .column("key", "uuid")
                                 .default_random_uuid()
                                 .column("at", "timestamptz")
                                 .default_now()
                                 .column("length", "integer")
                                 .generated_unknown();

  MemoryTables read = tables_from_json("[" + table_to_json(saved) + "]");
  MemoryTable& back = read.at("public", "t");
  EXPECT_EQ(back.table().columns, saved.table().columns);
  EXPECT_THAT(back.table().columns.at(1).labels, ::testing::ElementsAre("sad", "ok", "happy"));
  for (std::size_t i = 0; i < back.sources().size(); ++i) {
    EXPECT_EQ(back.sources()[i].kind(), saved.sources()[i].kind()) << i;
    EXPECT_EQ(back.sources()[i].constant(), saved.sources()[i].constant()) << i;
  }
  EXPECT_THROW(read.at("public", "u"), SchemaError);
  EXPECT_THROW(back.generated("mood", [](const Record&) { return Datum(1); }), SchemaError);
}

/// A table of a file with a generated column.
MemoryTables with_length() {
  return tables_from_json(R"([{"schema": "public", "table": "t", "columns": [
    {"name": "title", "type": "text"},
    {"name": "length", "type": "integer", "generated": true}]}])");
}

TEST(SavedTables, AGeneratedColumnIsComputedOnceItIsSaidHow) {
  MemoryTables unknown = with_length(), known = with_length();
  known.at("public", "t").generated("length", [](const Record& row) {
    return Datum(row.get<std::string>("title").size());
  });
  const auto inserted = [](MemoryTables tables) {
    const auto store = make_memory_store(std::move(tables));
    Insertion insertion;
    insertion.table = store->catalogue().known(QualifiedName("public", "t"));
    insertion.columns = {0};
    insertion.rows = {{"four"}};
    auto task = store->insert(insertion);
    task.frame().resume();
    task.frame().promise().take();
    Alteration alteration;
    alteration.table = insertion.table;
    alteration.columns = {0};
    alteration.values = {"eleven"};
    auto update = store->update(alteration);
    update.frame().resume();
    return update.frame().promise().take().records().at(0).get<int>("length");
  };

  EXPECT_EQ(inserted(std::move(known)), 6);
  EXPECT_THROW(inserted(std::move(unknown)), MockModeError);
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
