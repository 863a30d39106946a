#include <gmock/gmock.h>

#include <pgreactor/memory_store.hpp>
#include <pgreactor/query_errors.hpp>

namespace pgreactor {
namespace {

using testing::ElementsAre;

/// The result of a task that needs no loop.
template <class T>
T finished(Task<T> task) {
  task.frame().resume();
  return task.frame().promise().take();
}

MemoryTables declared_tables() {
  MemoryTables tables;
  tables.table("public", "users")
      .column("id", "serial")
      .primary_key()
      .column("email", "varchar(20)")
      .not_null()
      .unique()
      .column("age", "int")
      .check("users_age_check",
             [](const Record& row) -> std::optional<bool> {
               if (row["age"].is_null()) return std::nullopt;
               return row.get<int>("age") >= 0;
             })
      .column("version", "int")
      .default_value(1);
  tables.table("public", "posts")
      .column("id", "bigint")
      .identity()
      .primary_key()
      .column("user_id", "int")
      .references(QualifiedName("public", "users"), "id");
  tables.table("public", "notes")
      .column("user_id", "int")
      .references(QualifiedName("public", "users"), "id", ForeignKey::Action::cascade,
                  ForeignKey::Action::cascade);
  tables.table("public", "likes")
      .column("user_id", "int")
      .references(QualifiedName("public", "users"), "id", ForeignKey::Action::set_null);
  return tables;
}

class MemoryStoreTest : public testing::Test {
 protected:
  std::shared_ptr<const Table> table(const char* name) {
    return store_->catalogue().known(QualifiedName("public", name));
  }
  Insertion insertion(const char* name, const Record& record) {
    Insertion insertion;
    insertion.table = table(name);
    insertion.rows.emplace_back();
    for (const auto entry : record) {
      insertion.columns.push_back(insertion.table->find(entry.name()).value());
      insertion.rows.back().push_back(entry.value());
    }
    return insertion;
  }
  Record insert(const char* name, const Record& record) {
    return finished(store_->insert(insertion(name, record))).records().at(0);
  }
  Condition resolved(const char* name, Condition condition) {
    for (Condition& part : condition.parts())
      part.set_column(table(name)->find(part.text()).value());
    return condition;
  }
  std::vector<std::string> select(const char* name, Condition where = {},
                                  std::vector<OrderKey> order = {},
                                  std::optional<std::int64_t> limit = {}, std::int64_t offset = 0) {
    Selection selection;
    selection.table = table(name);
    selection.where = resolved(name, std::move(where));
    selection.order = std::move(order);
    selection.limit = limit;
    selection.offset = offset;
    std::vector<std::string> rows;
    for (const Record& record : finished(store_->select(selection)))
      rows.push_back(record.to_json());
    return rows;
  }
  Alteration alteration(const char* name, const char* column, const Datum& value, Condition where) {
    Alteration alteration;
    alteration.table = table(name);
    alteration.columns = {alteration.table->find(column).value()};
    alteration.values = {value};
    alteration.where = resolved(name, std::move(where));
    return alteration;
  }
  std::uint64_t remove(const char* name, Condition where) {
    Removal removal;
    removal.table = table(name);
    removal.where = resolved(name, std::move(where));
    return finished(store_->remove(removal)).affected();
  }
  /// What the server would have reported.
  template <class Action>
  static ServerReport report(const Action& action) {
    try {
      action();
    } catch (const QueryError& error) {
      if (error.report() != nullptr) return *error.report();
      ADD_FAILURE() << error.what();
    }
    return {};
  }

  std::unique_ptr<TableStore> store_ = make_memory_store(declared_tables());
};

TEST_F(MemoryStoreTest, AnInsertFillsInDefaultsAndGivesTheRecord) {
  EXPECT_EQ(insert("users", record("email", "a@b", "age", "7")).to_json(),
            R"({"id":1,"email":"a@b","age":7,"version":1})");
  EXPECT_EQ(insert("users", record("email", "c@d", "version", column_default)).to_json(),
            R"({"id":2,"email":"c@d","age":null,"version":1})");
}

TEST_F(MemoryStoreTest, ADuplicateKeyIsReportedAsTheServerDoes) {
  insert("users", record("email", "a@b"));
  const ServerReport said = report([&] { insert("users", record("email", "a@b")); });

  EXPECT_EQ(said.sqlstate, "23505");
  EXPECT_EQ(said.message, R"(duplicate key value violates unique constraint "users_email_key")");
  EXPECT_EQ(said.detail, "Key (email)=(a@b) already exists.");
  EXPECT_EQ(said.constraint, "users_email_key");
  EXPECT_EQ(said.table, "users");
  EXPECT_EQ(select("users").size(), 1u);
}

TEST_F(MemoryStoreTest, NullMayBeLikeNullInAKey) {
  MemoryTables tables;
  tables.table("public", "t")
      .column("a", "int")
      .column("b", "int")
      .unique({"a", "b"}, "both")
      .nulls_not_distinct("both");
  store_ = make_memory_store(std::move(tables));
  insert("t", record("a", 1, "b", nullptr));
  insert("t", record("a", nullptr, "b", nullptr));
  insert("t", record("a", nullptr, "b", 1));
  const ServerReport said = report([&] { insert("t", record("a", 1, "b", nullptr)); });
  EXPECT_EQ(said.sqlstate, "23505");
  EXPECT_EQ(said.detail, "Key (a, b)=(1, null) already exists.");
  Insertion again = insertion("t", record("a", nullptr, "b", nullptr));
  again.key = {0, 1};
  again.on_conflict = OnConflict::nothing;
  EXPECT_EQ(finished(store_->insert(again)).affected(), 0u);
}

TEST_F(MemoryStoreTest, NullAndChecksAreReportedWithTheRow) {
  const ServerReport null = report([&] { insert("users", record("email", nullptr)); });
  EXPECT_EQ(null.sqlstate, "23502");
  EXPECT_EQ(null.message,
            R"(null value in column "email" of relation "users" violates not-null constraint)");
  EXPECT_EQ(null.detail, "Failing row contains (1, null, null, 1).");
  EXPECT_EQ(null.column, "email");

  const ServerReport check = report([&] { insert("users", record("email", "x", "age", -1)); });
  EXPECT_EQ(check.sqlstate, "23514");
  EXPECT_EQ(check.message,
            R"(new row for relation "users" violates check constraint "users_age_check")");
  EXPECT_EQ(report([&] { insert("users", record("email", std::string(21, 'x'))); }).sqlstate,
            "22001");
}

TEST_F(MemoryStoreTest, AForeignKeyIsGuardedFromBothSides) {
  const ServerReport missing = report([&] { insert("posts", record("user_id", 7)); });
  EXPECT_EQ(missing.sqlstate, "23503");
  EXPECT_EQ(missing.detail, R"(Key (user_id)=(7) is not present in table "users".)");
  EXPECT_TRUE(select("posts").empty());

  insert("users", record("email", "a@b"));
  insert("posts", record("user_id", 1));
  const ServerReport referenced = report([&] { remove("users", {}); });
  EXPECT_EQ(referenced.sqlstate, "23503");
  EXPECT_EQ(referenced.message,
            R"(update or delete on table "users" violates foreign key constraint )"
            R"("posts_user_id_fkey" on table "posts")");
  EXPECT_EQ(referenced.detail, R"(Key (id)=(1) is still referenced from table "posts".)");
  EXPECT_EQ(select("users").size(), 1u);
}

TEST_F(MemoryStoreTest, TheActionsOfForeignKeysAreCarriedOut) {
  insert("users", record("email", "a@b"));
  insert("notes", record("user_id", 1));
  insert("likes", record("user_id", 1));
  EXPECT_EQ(report([&] { finished(store_->update(alteration("users", "id", 9, {}))); }).sqlstate,
            "23503");  // of likes, whose update has no action

  EXPECT_EQ(remove("users", {}), 1u);
  EXPECT_TRUE(select("notes").empty());
  EXPECT_THAT(select("likes"), ElementsAre(R"({"user_id":null})"));
}

TEST_F(MemoryStoreTest, AFailedStatementLeavesEverythingAsItWas) {
  insert("users", record("email", "a@b", "age", 1));
  insert("users", record("email", "c@d", "age", 2));
  const auto before = select("users");

  EXPECT_EQ(
      report([&] { finished(store_->update(alteration("users", "email", "x", {}))); }).sqlstate,
      "23505");
  Insertion two = insertion("users", record("email", "e@f"));
  two.rows.push_back({"a@b"});
  EXPECT_EQ(report([&] { finished(store_->insert(two)); }).sqlstate, "23505");
  EXPECT_EQ(select("users"), before);
}

TEST_F(MemoryStoreTest, MoreRowsThanAllowedAreNotTouched) {
  insert("users", record("email", "a@b"));
  insert("users", record("email", "c@d"));
  Alteration alteration = this->alteration("users", "age", 3, {});
  alteration.max_affected = 1;

  EXPECT_THROW(finished(store_->update(alteration)), QueryError);
  EXPECT_TRUE(select("users", where("age", 3)).empty());
}

TEST_F(MemoryStoreTest, ValuesAreReadWhetherOrNotThereIsARow) {
  const auto state_of = [&](const char* column, const Datum& value) {
    const Alteration none = alteration("users", column, value, where("id", 999));
    return report([&] { finished(store_->update(none)); }).sqlstate;
  };
  EXPECT_EQ(state_of("age", "abc"), "22P02");
  EXPECT_EQ(state_of("email", std::string(21, 'x')), "22001");
  const Alteration identity = alteration("posts", "id", 5, where("user_id", 999));
  EXPECT_EQ(report([&] { finished(store_->update(identity)); }).sqlstate, "428C9");
}

// A server counts what it has written, and constraints stop it before.
TEST_F(MemoryStoreTest, ConstraintsAreCheckedBeforeRowsAreCounted) {
  insert("users", record("email", "a@b"));
  insert("users", record("email", "c@d"));
  Alteration one_value = alteration("users", "email", "x", {});
  one_value.max_affected = 1;
  EXPECT_EQ(report([&] { finished(store_->update(one_value)); }).sqlstate, "23505");

  insert("posts", record("user_id", 1));
  Removal removal;
  removal.table = table("users");
  removal.max_affected = 1;
  EXPECT_EQ(report([&] { finished(store_->remove(removal)); }).sqlstate, "23503");
  remove("posts", {});
  EXPECT_THROW(finished(store_->remove(removal)), ConflictError);
  EXPECT_EQ(select("users").size(), 2u);
}

TEST_F(MemoryStoreTest, AVersionThatCannotGoUpIsTheServersToReport) {
  insert("users", record("email", "a@b", "version", 2'147'483'647));
  Alteration alteration = this->alteration("users", "age", 3, {});
  alteration.version_column = 3;
  const ServerReport said = report([&] { finished(store_->update(alteration)); });
  EXPECT_EQ(said.sqlstate, "22003");
  EXPECT_EQ(said.message, "integer out of range");
}

TEST_F(MemoryStoreTest, AnUpdateRaisesTheVersionAndGivesTheRecords) {
  insert("users", record("email", "a@b"));
  Alteration alteration = this->alteration("users", "age", 3, where("email", "a@b"));
  alteration.version_column = 3;

  const Written written = finished(store_->update(alteration));
  EXPECT_EQ(written.affected(), 1u);
  EXPECT_EQ(written.records().at(0).to_json(), R"({"id":1,"email":"a@b","age":3,"version":2})");
}

TEST_F(MemoryStoreTest, AConflictUpdatesOrLeavesTheRowThatIsThere) {
  insert("users", record("email", "a@b", "age", 1));
  Insertion again = insertion("users", record("email", "a@b", "age", 5));
  again.key = {1};
  again.on_conflict = OnConflict::nothing;
  const Written left = finished(store_->insert(again));
  EXPECT_EQ(left.affected(), 0u);
  EXPECT_EQ(left.records().at(0).get<int>("age"), 1);

  again.on_conflict = OnConflict::update;
  again.update_columns = {2};
  const Written updated = finished(store_->insert(again));
  EXPECT_EQ(updated.records().at(0).get<int>("age"), 5);
  EXPECT_THAT(updated.inserted(), ElementsAre(std::optional<bool>(false)));
  again.rows.push_back(again.rows.front());
  EXPECT_EQ(report([&] { finished(store_->insert(again)); }).sqlstate, "21000");
  again.key = {2};
  EXPECT_EQ(report([&] { finished(store_->insert(again)); }).sqlstate, "42P10");
}

TEST_F(MemoryStoreTest, AnAlwaysIdentityTakesNoValueUnlessOverridden) {
  const ServerReport said = report([&] { insert("posts", record("id", 5)); });
  EXPECT_EQ(said.sqlstate, "428C9");
  EXPECT_EQ(said.detail, R"(Column "id" is an identity column defined as GENERATED ALWAYS.)");
  Insertion overriding = insertion("posts", record("id", 5));
  overriding.overriding_identity = true;
  EXPECT_EQ(finished(store_->insert(overriding)).records().at(0).get<int>("id"), 5);
}

TEST_F(MemoryStoreTest, OrderLimitAndOffsetPlaceNullAsTheServerDoes) {
  for (const Datum& age : {Datum(2), Datum(), Datum(1)})
    insert("users", record("email", "u" + age.to_string(), "age", age));
  const auto ids = [&](OrderKey key, std::optional<std::int64_t> limit = {},
                       std::int64_t offset = 0) {
    std::string text;
    for (const std::string& row : select("users", {}, {key}, limit, offset)) text += row[6];
    return text;
  };

  EXPECT_EQ(ids({2, false, Nulls::by_direction}), "312");
  EXPECT_EQ(ids({2, true, Nulls::by_direction}), "213");
  EXPECT_EQ(ids({2, true, Nulls::last}), "132");
  EXPECT_EQ(ids({2, false, Nulls::first}), "231");
  EXPECT_EQ(ids({2, false, Nulls::by_direction}, 1, 1), "1");
  EXPECT_EQ(ids({2, false, Nulls::by_direction}, 5, 9), "");
}

TEST_F(MemoryStoreTest, TheCatalogueKnowsTablesAndSchemas) {
  EXPECT_EQ(finished(store_->catalogue().tables_of("public")).size(), 4u);
  EXPECT_FALSE(finished(store_->catalogue().has_schema("other")));
  finished(store_->create_schema("other"));
  EXPECT_TRUE(finished(store_->catalogue().has_schema("other")));
  EXPECT_EQ(finished(store_->catalogue().find(QualifiedName("other", "users"))), nullptr);
}

TEST_F(MemoryStoreTest, ASchemaIsCalledWhatAServerWouldKeep) {
  for (const std::string& bad : {std::string(), std::string(64, 'x'), std::string("a\0b", 3)}) {
    EXPECT_THROW(finished(store_->create_schema(bad)), SchemaError) << bad;
    EXPECT_FALSE(finished(store_->catalogue().has_schema(bad))) << bad;
  }
  EXPECT_EQ(report([&] { finished(store_->create_schema("pg_own")); }).sqlstate, "42939");
  finished(store_->create_schema(std::string(63, 'x')));
}

}  // namespace
}  // namespace pgreactor
