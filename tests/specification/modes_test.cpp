#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "tests/specification/specification_fixture.hpp"

// The heading "Available examples", number 5: the test modes production, e2e and mock.
namespace pgreactor::specification {
namespace {

using ::testing::HasSubstr;

/// A variable of the environment, put back at the end.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* const old = std::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (old_)
      ::setenv(name_, old_->c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

/// A file of saved tables, gone at the end.
class TablesFile {
 public:
  explicit TablesFile(const std::string& json)
      : path_(::testing::TempDir() + "modes" + std::to_string(::getpid()) + ".json") {
    std::ofstream(path_) << json;
  }
  TablesFile(const TablesFile&) = delete;
  TablesFile& operator=(const TablesFile&) = delete;
  ~TablesFile() { std::filesystem::remove(path_); }
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

constexpr char posts[] = R"json([{"schema": "public", "table": "posts", "columns": [
  {"name": "id", "type": "bigint", "identity": "always"},
  {"name": "title", "type": "varchar(20)", "not_null": true},
  {"name": "mood", "type": "mood", "labels": ["sad", "ok"], "default": ["ok"]},
  {"name": "length", "type": "integer", "generated": true}],
  "keys": [{"name": "posts_pkey", "kind": "primary", "columns": ["id"]}]}])json";

TEST(TestModes, MockReadsItsTablesFromAFile) {
  const TablesFile file(posts);
  MemoryTables tables = tables_from_file(file.path());
  tables.at("public", "posts").generated("length", [](const Record& row) {
    return Datum(row.get<std::string>("title").size());
  });
  Reactor reactor;
  DBOperator db(reactor, std::move(tables));
  const auto body = [&]() -> Task<void> {
    const Inserted post = co_await db.insert("posts", record("title", "four"));
    EXPECT_EQ(post.to_json(), R"({"id":1,"title":"four","mood":"ok","length":4})");
    const auto mood = co_await as_attempt(db.insert("posts", record("title", "x", "mood", "glad")));
    EXPECT_EQ(error_of<QueryError>(mood).sqlstate(), Sqlstate("22P02"));
    const auto written = co_await as_attempt(db.insert("posts", record("title", "x", "length", 1)));
    EXPECT_THAT(error_of<QueryError>(written).what(), HasSubstr("'length'"));
  };
  reactor.run(with_timeout(patience, body()));
}

TEST(TestModes, TheEnvironmentNamesModeAndFile) {
  const TablesFile file(posts);
  const Variable mode("PGREACTOR_TEST_MODE", "mock"), path("PGREACTOR_MOCK_TABLES", file.path());
  const Variable nowhere("DATABASE_URL", "no connection string");
  Reactor reactor;
  DBOperator db(reactor);
  EXPECT_EQ(db.mode(), TestMode::mock);
  const auto body = [&]() -> Task<void> { EXPECT_TRUE(co_await db.table_exists("posts")); };
  reactor.run(with_timeout(patience, body()));
  blocking::DBOperator blocks;
  EXPECT_TRUE(blocks.table_exists("posts"));
}

TEST(TestModes, TheVariableCountsWhereverNoModeIsGiven) {
  Reactor reactor;
  {
    const Variable mode("PGREACTOR_TEST_MODE", "e2e");
    EXPECT_EQ(DBOperator(reactor, "dbname=shop_test").mode(), TestMode::e2e);
    EXPECT_THROW(DBOperator(reactor, "dbname=shop"), ConfigurationError);
    EXPECT_THROW(DBOperator(reactor, ConnectionOptions::parse("dbname=shop")), ConfigurationError);
    EXPECT_THROW(blocking::DBOperator("dbname=shop"), ConfigurationError);
    EXPECT_THROW(blocking::DBOperator(ConnectionOptions::parse("dbname=shop")), ConfigurationError);
    EXPECT_EQ(DBOperator(reactor, "dbname=shop", TestMode::production).mode(),
              TestMode::production);
  }
  const Variable mode("PGREACTOR_TEST_MODE", "mock");
  EXPECT_EQ(DBOperator(reactor, "dbname=shop").mode(), TestMode::mock);
}

TEST(TestModes, AFileThatIsNoneIsSaid) {
  const Variable mode("PGREACTOR_TEST_MODE", "mock");
  Reactor reactor;
  {
    const TablesFile file("[\n{\"schema\": 1}]");
    const Variable path("PGREACTOR_MOCK_TABLES", file.path());
    try {
      const DBOperator db(reactor);
      ADD_FAILURE() << "it was accepted";
    } catch (const SchemaError& error) {
      EXPECT_THAT(error.what(), HasSubstr(file.path() + ", line 2: [0].schema: "));
    }
    EXPECT_THROW(blocking::DBOperator(), SchemaError);
  }
  const Variable path("PGREACTOR_MOCK_TABLES", "/nonexistent/tables.json");
  EXPECT_THROW(DBOperator(reactor, TestMode::mock), ConfigurationError);
}

TEST(TestModes, ProductionAndE2eConnect) {
  EXPECT_EQ(test_mode("production"), TestMode::production);
  Reactor reactor;
  EXPECT_EQ(DBOperator(reactor, "dbname=shop").mode(), TestMode::production);
  EXPECT_EQ(DBOperator(reactor, "dbname=shop_test", TestMode::e2e).mode(), TestMode::e2e);
  EXPECT_THROW(DBOperator(reactor, "dbname=shop", TestMode::e2e), ConfigurationError);
  EXPECT_THROW(test_mode("staging"), ConfigurationError);
}

TEST(TestModes, ATransactionBelongsToItsOperator) {
  Reactor reactor;
  DBOperator one(reactor, tables_in_memory()), other(reactor, tables_in_memory());
  DBOperator connected(reactor, "dbname=shop");
  const auto body = [&]() -> Task<void> {
    Transaction transaction = co_await one.begin();
    EXPECT_THROW(other.on(transaction), QueryError);
    EXPECT_THROW(connected.on(transaction), QueryError);
    EXPECT_TRUE(one.has_begun(transaction));
    EXPECT_FALSE(other.has_begun(transaction));
    EXPECT_THROW(static_cast<void>(transaction.server_setting("TimeZone")), MockModeError);
    const auto copied = co_await as_attempt(transaction.copy_out("COPY users TO STDOUT"));
    EXPECT_THAT(error_of<MockModeError>(copied).what(), HasSubstr("mock mode"));
    const auto script = co_await as_attempt(transaction.execute_script("SELECT 1; SELECT 2"));
    EXPECT_THAT(error_of<MockModeError>(script).what(), HasSubstr("mock mode"));
    const auto streamed = [&]() -> Task<void> {
      RowStream stream = co_await transaction.stream("SELECT 1");
    };
    const auto stream = co_await as_attempt(streamed());
    EXPECT_THAT(error_of<MockModeError>(stream).what(), HasSubstr("SELECT 1"));
    co_await transaction.rollback();
  };
  reactor.run(with_timeout(patience, body()));
}

}  // namespace
}  // namespace pgreactor::specification
