#include "tests/specification/specification_fixture.hpp"

// The headings "DBOperator", "Standard Methods", "Column Matching" and the usage examples.
namespace pgreactor::specification {
namespace {

using ::testing::HasSubstr;

constexpr char some_id[] = "550e8400-e29b-41d4-a716-446655440000";

TEST_P(Snippets, DBOperator) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.insert("users", record("id", some_id, "name", "John", "username", "john.doe"));

    const auto user = co_await db.get_by_uuid("users", some_id, in_schema("public"));
    EXPECT_EQ(user.value_or(Record()).get<std::string>("name"), "John");

    const auto named =
        co_await db.get_by_name("users", "john.doe", name_column("username"), in_schema("public"));
    EXPECT_EQ(named, user);

    const Inserted new_user = co_await db.insert(
        "users", record("name", "Jane Smith", "email", "jane@example.com", "role", "user"));
    EXPECT_EQ(new_user.get<std::string>("email"), "jane@example.com");
    EXPECT_FALSE(new_user.id().is_null());
  });
}

TEST_P(Snippets, StandardMethodsThatRead) {
  operate([](DBOperator& db) -> Task<void> {
    std::vector<Record> rows;
    for (int i = 0; i < 5; ++i)
      rows.push_back(record("title", "t" + std::to_string(i), "content_type", i < 3 ? "a" : "b"));
    co_await db.insert_many("content", rows, in_schema("b2b_saas"));
    const auto fetched = co_await db.fetch("content", where("content_type", "a"),
                                           order_by("-title"), limit(2), in_schema("b2b_saas"));
    EXPECT_EQ(fetched.size(), 2u);
    EXPECT_EQ(fetched.at(0).get<std::string>("title"), "t2");
    const auto one = co_await db.fetch_one("content", where("title", "t4"), in_schema("b2b_saas"));
    EXPECT_EQ(one.value_or(Record()).get<std::string>("content_type"), "b");
    const auto by_uuid =
        co_await db.get_by_uuid("content", fetched.at(0)["id"], in_schema("b2b_saas"));
    EXPECT_EQ(by_uuid.value_or(Record()), fetched.at(0));
    const auto by_name =
        co_await db.get_by_name("content", "t1", name_column("title"), in_schema("b2b_saas"));
    EXPECT_TRUE(by_name.has_value());
    const auto by_column =
        co_await db.get_by_column("content", "content_type", "b", in_schema("b2b_saas"));
    EXPECT_TRUE(by_column.has_value());
    const auto nobody = co_await db.get_by_uuid("content", some_id, in_schema("b2b_saas"));
    EXPECT_FALSE(nobody.has_value());
  });
}

TEST_P(Snippets, StandardMethodsThatWrite) {
  operate([](DBOperator& db) -> Task<void> {
    const auto own = [] { return in_schema("b2b_saas"); };
    co_await db.insert("content", record("id", some_id, "title", "first"), own());
    const auto updated =
        co_await db.update("content", record("content", "text"), where("title", "first"), own());
    EXPECT_EQ(updated.size(), 1u);
    EXPECT_EQ(updated.at(0).get<std::string>("content"), "text");
    const Inserted there =
        co_await db.upsert("content", record("id", some_id, "title", "second"), "id", own());
    EXPECT_EQ(there.inserted(), false);
    EXPECT_EQ(there.get<std::string>("content"), "text");
    const Inserted missing = co_await db.upsert(
        "content", record("id", "650e8400-e29b-41d4-a716-446655440000", "title", "x"), "id", own());
    EXPECT_EQ(missing.inserted(), true);
    EXPECT_EQ(co_await db.remove("content", where("title", "second"), own()), 1u);
    EXPECT_EQ(co_await db.count("content", own()), 1u);
  });
}

TEST_P(Snippets, StandardMethodsOnSchemas) {
  operate([](DBOperator& db) -> Task<void> {
    EXPECT_TRUE(co_await db.table_exists("content", in_schema("b2b_saas")));
    EXPECT_FALSE(co_await db.table_exists("content", in_schema("public")));
    EXPECT_TRUE(co_await db.schema_exists("b2b_saas"));
    EXPECT_FALSE(co_await db.schema_exists("new_schema"));
    co_await db.create_schema("new_schema");
    co_await db.create_schema("new_schema");
    EXPECT_TRUE(co_await db.schema_exists("new_schema"));
  });
}

// In memory: SQL is refused.
TEST_P(Snippets, StandardMethodsExecuteRaw) {
  operate([this](DBOperator& db) -> Task<void> {
    auto plain = co_await as_attempt(db.execute_raw(
        "SELECT count(*) FROM public.users WHERE name = $1", "Jane", fetch_val_as<int>));
    if (was_answered(plain)) {
      EXPECT_EQ(plain.value(), 0);
    }
    auto in_own = co_await as_attempt(
        db.execute_raw("SELECT count(*) FROM content", in_schema("b2b_saas"), fetch_val_as<int>));
    if (was_answered(in_own)) {
      EXPECT_EQ(in_own.value(), 0);
    }
  });
}

TEST_P(Snippets, ColumnMatching) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.insert("users", record("name", "exact", "UserName", "case", "createdAt",
                                       "2024-02-29 12:00:00+00", "emails", "plural@x"));
    EXPECT_EQ(co_await db.count("users", where("NAME", "exact")), 1u);
    EXPECT_EQ(co_await db.count("users", where("user_name", "case")), 1u);
    EXPECT_EQ(co_await db.count("users", where("created-at", ge("2024-02-29 12:00:00+00"))), 1u);
    EXPECT_EQ(co_await db.count("users", where("names", "exact", "roles", "user")), 1u);
    const auto missed = co_await as_attempt(db.fetch("users", where("mail", "x")));
    EXPECT_EQ(std::string(error_of<ColumnMatchError>(missed).what()),
              "Column 'mail' not found in table 'users'. Available columns: id, name, username, "
              "email, role, created_at. Did you mean: email?");
  });
}

TEST_P(Snippets, BasicUsage) {
  operate([](DBOperator& db) -> Task<void> {
    const auto user = co_await db.get_by_uuid("users", some_id);
    EXPECT_FALSE(user.has_value());
    const Inserted new_record = co_await db.insert(
        "content",
        record("title", "New Content", "content", "This is the content", "content_type", "article"),
        in_schema("b2b_saas"));
    EXPECT_EQ(new_record.get<std::string>("content_type"), "article");
  });
}

// In memory: the statement is refused, the methods are not.
TEST_P(Snippets, BasicDatabaseOperations) {
  operate([this](DBOperator& db) -> Task<void> {
    const Inserted user_id = co_await db.insert(
        "users", record("name", "John Doe", "email", "john@example.com"), in_schema("public"));
    auto user = co_await as_attempt(
        db.fetch_one("SELECT * FROM public.users WHERE id = $1", params(user_id)));
    if (was_answered(user)) {
      EXPECT_EQ(user.value().value_or(Record()), user_id);
    }
    const auto the_same = co_await db.fetch_one("users", where("id", user_id.id()));
    EXPECT_EQ(the_same.value_or(Record()), user_id);
    EXPECT_THAT("Created user: " + the_same.value_or(Record()).to_json(), HasSubstr("John Doe"));
  });
}

TEST_P(Snippets, IntegrationWithPytest) {
  operate([](DBOperator& db) -> Task<void> {
    const Inserted result = co_await db.insert("b2b_saas", "content", record("title", "value"));
    EXPECT_FALSE(result.id().is_null());
  });
}

TEST_P(Snippets, ConnectionPooling) {
  operate([this](DBOperator& db) -> Task<void> {
    if (in_memory()) {
      EXPECT_THROW(static_cast<void>(db.connector()), MockModeError);
      co_return;
    }
    EXPECT_EQ(db.connector().options().pool_min_conns, 5);
    EXPECT_EQ(db.connector().options().pool_max_conns, 20);
    co_await db.count("users");
    EXPECT_EQ(db.connector().statistics().lent, 0u);
  });
}

}  // namespace
}  // namespace pgreactor::specification
