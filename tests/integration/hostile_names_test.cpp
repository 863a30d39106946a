#include <random>

#include "tests/integration/operator_fixture.hpp"

namespace pgreactor::integration {
namespace {

class HostileNames : public OperatorTest {};

constexpr std::size_t longest_name = 63;

/// Names that try to leave their quotes, and the plainest of reserved words.
std::vector<std::string> names() {
  std::vector<std::string> all = {"select",
                                  "from",
                                  "user",
                                  "table",
                                  "group",
                                  "order",
                                  "null",
                                  "default",
                                  "primary",
                                  "a\"b",
                                  "\"",
                                  "\"\"",
                                  "a'b",
                                  "';--",
                                  "a\\b",
                                  "$1",
                                  "$$",
                                  "%s",
                                  "%",
                                  "a b",
                                  " ",
                                  "a;b",
                                  "a--b",
                                  "/*",
                                  "a.b",
                                  "ünïcödé",
                                  "名前",
                                  "\xf0\x9f\x98\x80",
                                  "A",
                                  "CamelCase",
                                  "{x}",
                                  "(a)",
                                  "[0]",
                                  "a\tb",
                                  "a\nb",
                                  "\x01",
                                  "\x7f",
                                  "xmin",
                                  "ctid",
                                  "-name",
                                  "1",
                                  "*",
                                  "a->b",
                                  "a->>b",
                                  "::int",
                                  "E'\\'",
                                  std::string(63, 'x'),
                                  std::string(64, 'y'),
                                  std::string(),
                                  std::string("nul\0byte", 8),
                                  "\xff\xfe",
                                  "\xc3"};
  const std::string letters = "\"'\\$%;-. \t\n_aZ0{}[]()*/:,<>=!|&^~`#?@\xc3\xa9";
  std::mt19937 random(20261126);
  while (all.size() < 500) {
    std::string name;
    const std::size_t size = 1 + random() % 70;
    while (name.size() < size) {
      const std::size_t at = random() % (letters.size() - 1);
      if (at == letters.size() - 2)
        name += "\xc3\xa9";
      else
        name += letters[at];
    }
    all.push_back(name);
  }
  return all;
}

bool is_possible(const std::string& name) {
  return !name.empty() && name.size() <= longest_name && name.find('\0') == std::string::npos &&
         check_text(name) == EncodeError::none;
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

/// Each statement shape there is, over a table and a column of that name.
Task<void> use(DBOperator& db, const std::string& name) {
  const auto app = [] { return in_schema("app"); };
  const bool is_path = name.find("->") != std::string::npos;
  const std::string column = is_path ? "plain" : name;
  co_await db.execute_raw(Sql("CREATE TABLE app." + quoted(name) + " (id int PRIMARY KEY, " +
                              quoted(column) + " text UNIQUE)"));
  const Inserted row = co_await db.insert(name, record("id", 1, column, name), app());
  EXPECT_EQ(row.get<std::string>(column), name);
  const auto found = co_await db.fetch(name, where(column, name), order_by(column), app());
  EXPECT_EQ(found.size(), 1u) << name;
  co_await db.upsert(name, record("id", 2, column, name), column, app());
  const auto changed =
      co_await db.update(name, record(column, name + "!"), where(column, name), app());
  EXPECT_EQ(changed.size(), 1u) << name;
  const Page page = co_await db.fetch_page(name, "", order_by(column), app());
  EXPECT_EQ(page.records().size(), 1u);
  EXPECT_EQ(co_await db.count(name, where(column, starts_with(name)), app()), 1u) << name;
  EXPECT_EQ(co_await db.remove(name, where(column, name + "!"), app()), 1u);
  co_await db.execute_raw(Sql("DROP TABLE app." + quoted(name)));
}

TEST_F(HostileNames, AreUsedToTheLetterOrRefused) {
  operate([](DBOperator& db) -> Task<void> {
    int used = 0, refused = 0;
    for (const std::string& name : names()) {
      // A system column's name is no column's.
      if (name == "xmin" || name == "ctid" || name == "id") continue;
      if (is_possible(name)) {
        co_await use(db, name);
        ++used;
        continue;
      }
      const auto table = co_await as_attempt(db.fetch(name, in_schema("app")));
      EXPECT_NE(dynamic_cast<const SchemaError*>(&error_of<Error>(table)), nullptr);
      EXPECT_EQ(error_of<Error>(table).outcome(), Outcome::not_sent);
      const auto column = co_await as_attempt(db.fetch("users", where(name, 1), in_schema("app")));
      EXPECT_FALSE(column);
      ++refused;
    }
    EXPECT_GT(used, 300);
    EXPECT_GT(refused, 5);
  });
}

TEST_F(HostileNames, ValuesNeverBecomeSql) {
  operate([](DBOperator& db) -> Task<void> {
    const auto app = [] { return in_schema("app"); };
    std::uint64_t kept = 0;
    for (const std::string& value : names()) {
      const bool possible = check_text(value) == EncodeError::none;
      auto written =
          co_await as_attempt(db.insert("users", record("name", value, "role", "h"), app()));
      EXPECT_EQ(static_cast<bool>(written), possible);
      if (!possible) continue;
      ++kept;
      EXPECT_EQ(written.value().get<std::string>("name"), value);
      EXPECT_GE(co_await db.count("users", where("name", value), app()), 1u);
      EXPECT_GE(co_await db.count("users", where("name", in(value, "other")), app()), 1u);
      EXPECT_GE(co_await db.count("users", where("name", pgreactor::contains(value)), app()), 1u);
    }
    EXPECT_EQ(co_await db.remove("users", where("role", "h"), app()), kept);
  });
}

}  // namespace
}  // namespace pgreactor::integration
