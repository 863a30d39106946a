#include <chrono>
#include <pgreactor/memory_store.hpp>
#include <random>

#include "src/store_memory/predicate.hpp"
#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

/// A column, how the server is told of it, and values that are near each other.
struct Kind {
  const char* name;
  const char* type;
  std::vector<const char*> values;
  std::vector<std::string> labels = {};  ///< of an enum
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> kinds = {
      {"i", "int", {"-1", "0", " 7", "2147483647", "+12"}},
      {"b", "bigint", {"-9223372036854775808", "0", "7", "9007199254740993"}},
      {"d", "numeric", {"0", "0.0", "7", "7.00", "-1e-20", "1e30", "NaN", "Infinity", "-inf"}},
      {"m", "numeric(6,2)", {"0", "0.005", "-0.005", "7.245", "9999.99"}},
      {"f", "float8", {"0", "-0", "0.1", "1e300", "NaN", "inf", "-Infinity"}},
      {"g", "real", {"0", "0.1", "123457", "NaN", "-1e-30"}},
      {"s", "text", {"", "a", "A", "ab", "a%b", "a_b", "b\\", "\xc3\xa4", "\xc3\xa4z", "abab"}},
      {"v", "varchar(5)", {"", "a", "a ", "Ab", "z", "%"}},
      {"c", "char(3)", {"", "a", "a  ", "ab", "abc", "Z"}},
      {"k", "bool", {"true", "f", "on"}},
      {"u", "uuid", {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "{00000000000000000000000000000000}"}},
      {"t",
       "timestamp",
       {"2024-02-29 12:00:00", "2024-02-29", "infinity", "0044-03-15 00:00:00 BC"}},
      {"x",
       "timestamptz",
       {"2024-02-29 12:00:00+00", "2024-02-29 13:00:00+01", "2024-02-29T11:59:59.999999Z",
        "infinity", "-infinity", "0044-03-15 00:00:00+00 BC"}},
      {"e", "mood", {"sad", "ok", "happy", "a \"b\""}, {"sad", "ok", "happy", "a \"b\""}},
      {"z", "date", {"2024-02-29", "-infinity", "1999-12-31"}},
      {"h", "timetz", {"12:00:00+00", "13:00:00+01", "11:00:00-02", "24:00:00+00"}},
      {"l", "interval", {"1 mon", "30 days", "-1 days", "720:00:00", "1 year 2 mons"}},
      {"y", "bytea", {"\\x", "\\x00", "\\xff", "\\x00ff"}},
      {"a", "int[]", {"{}", "{1}", "{1,2}", "{2,1}", "{NULL}", "{1,NULL}", "{{1,2}}", "{1,1,2}"}},
      {"w", "text[]", {"{}", "{a}", "{\"a b\",NULL}", "{\"NULL\",\"\"}", "{b,a}"}},
      {"j",
       "jsonb",
       {"{}", "[]", "null", "1", "1.0", "\"a\"", "[1,\"a\"]", "{\"a\":1}",
        "{\"a\":[1,{\"b\":null}]}", "[[1]]", "{\"b\":{\"a\":\"x\"},\"a\":1.00}"}},
  };
  return kinds;
}

void declare(MemoryTable& table, const Kind& kind) {
  if (kind.labels.empty())
    table.column(kind.name, kind.type);
  else
    table.enum_column(kind.name, kind.type, kind.labels);
}

constexpr char create_mood[] = "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy', 'a \"b\"')";

std::string literal(const std::optional<std::string>& value, const std::string& type) {
  if (!value) return "NULL::" + type;
  std::string text = "'";
  for (const char c : *value) text.append(c == '\'' ? 2 : 1, c);
  return text + "'::" + type;
}

/// A condition, and the SQL that says the same.
struct Both {
  Condition condition;
  std::string sql;
};

class Generator {
 public:
  std::size_t below(std::size_t end) { return random_() % end; }
  std::optional<std::string> value_of(const Kind& kind) {
    if (below(8) == 0) return std::nullopt;
    return kind.values[below(kind.values.size())];
  }
  Both tree(int depth) {
    const std::size_t choice = depth == 0 ? 0 : below(6);
    if (choice < 3) return comparison();
    Both left = tree(depth - 1);
    if (choice == 3) return {!std::move(left.condition), "NOT " + left.sql};
    Both right = tree(depth - 1);
    if (choice == 4)
      return {std::move(left.condition) && std::move(right.condition),
              "(" + left.sql + " AND " + right.sql + ")"};
    return {std::move(left.condition) || std::move(right.condition),
            "(" + left.sql + " OR " + right.sql + ")"};
  }

 private:
  /// The type of a parameter: of the column, without a length that it would be cut to.
  static std::string parameter_type(const Kind& kind) {
    std::string type = kind.type;
    if (type == "char(3)") return "bpchar";
    return type.substr(0, type.find('('));
  }
  static Datum datum(const std::optional<std::string>& value) {
    return value ? Datum(*value) : Datum();
  }
  static Both with(const Kind& kind, Test test, const std::string& sql) {
    std::string text("(");
    text.append(kind.name).append(" ").append(sql).append(")");
    return {Condition(kind.name, std::move(test)), text};
  }

  Both comparison() {
    const Kind& kind = kinds()[below(kinds().size())];
    const std::string type = kind.type;
    const bool is_text = type == "text" || type == "varchar(5)" || type == "char(3)";
    const std::size_t choice = below(8);
    if (choice == 0) return list(kind);
    if (choice < 4 && is_text) return pattern(kind);
    if (choice < 4 && type.ends_with("[]")) return array_operator(kind);
    if (choice < 5 && type == "jsonb") return json_operator(kind);
    if (choice == 1) return distinct(kind);
    if (choice == 2 && type != "jsonb") return between(kind);
    return order(kind);
  }

  Both order(const Kind& kind) {
    constexpr std::pair<Comparison, const char*> operators[] = {
        {Comparison::equal, "="},   {Comparison::not_equal, "<>"},
        {Comparison::greater, ">"}, {Comparison::greater_equal, ">="},
        {Comparison::less, "<"},    {Comparison::less_equal, "<="}};
    const bool is_json = std::string_view(kind.type) == "jsonb";
    const auto& [comparison, sign] = operators[below(is_json ? 2 : std::size(operators))];
    const auto value = value_of(kind);
    std::string sql = sign + (" " + literal(value, parameter_type(kind)));
    if (!value && comparison == Comparison::equal) sql = "IS NULL";
    if (!value && comparison == Comparison::not_equal) sql = "IS NOT NULL";
    return with(kind, Test(comparison, datum(value)), sql);
  }
  Both between(const Kind& kind) {
    const auto low = value_of(kind), high = value_of(kind);
    return with(kind, Test(Comparison::between, datum(low), datum(high)),
                "BETWEEN " + literal(low, parameter_type(kind)) + " AND " +
                    literal(high, parameter_type(kind)));
  }
  Both distinct(const Kind& kind) {
    const auto value = value_of(kind);
    const bool negative = below(2) == 0;
    return with(
        kind, Test(negative ? Comparison::is_not_distinct : Comparison::is_distinct, datum(value)),
        std::string(negative ? "IS NOT DISTINCT FROM " : "IS DISTINCT FROM ") +
            literal(value, parameter_type(kind)));
  }
  Both list(const Kind& kind) {
    if (std::string_view(kind.type).ends_with("[]")) return order(kind);
    const std::string type = parameter_type(kind);
    Datum::Array values;
    std::string sql;
    for (std::size_t i = below(4); i > 0; --i) {
      const auto value = value_of(kind);
      values.push_back(datum(value));
      sql += (sql.empty() ? "" : ", ") + literal(value, type);
    }
    const bool negative = below(2) == 0;
    return with(kind,
                Test(negative ? Comparison::not_in : Comparison::in, Datum(std::move(values))),
                (negative ? "<> ALL(ARRAY[" : "= ANY(ARRAY[") + sql + "]::" + type + "[])");
  }
  Both pattern(const Kind& kind) {
    constexpr const char* patterns[] = {"%", "_",     "a%", "%b",  "_b", "a\\%b", "%a_", "\\_%",
                                        "",  "%\\\\", "a",  "a  ", "A%", "%ab%",  "__%"};
    const std::string chosen = patterns[below(std::size(patterns))];
    constexpr std::pair<Comparison, const char*> operators[] = {
        {Comparison::like, "LIKE "},
        {Comparison::not_like, "NOT LIKE "},
        {Comparison::ilike, "ILIKE "},
        {Comparison::not_ilike, "NOT ILIKE "}};
    // Letters beyond ASCII, which the text column has, are folded by the server's locale.
    const bool folds = std::string_view(kind.type) != "text";
    const auto& [comparison, sign] = operators[below(folds ? 4 : 2)];
    return with(kind, Test(comparison, chosen), sign + literal(chosen, "text"));
  }
  Both array_operator(const Kind& kind) {
    constexpr std::pair<Comparison, const char*> operators[] = {
        {Comparison::array_contains, "@> "},
        {Comparison::array_contained_by, "<@ "},
        {Comparison::array_overlaps, "&& "}};
    const auto& [comparison, sign] = operators[below(std::size(operators))];
    const auto value = value_of(kind);
    return with(kind, Test(comparison, datum(value)), sign + literal(value, kind.type));
  }
  Both json_operator(const Kind& kind) {
    const auto value = value_of(kind);
    switch (below(7)) {
      case 5:
        return keys(kind, Comparison::has_any_key, "?| ");
      case 6:
        return keys(kind, Comparison::has_all_keys, "?& ");
      case 0:
        return with(kind, Test(Comparison::json_contains, datum(value)),
                    "@> " + literal(value, "jsonb"));
      case 1:
        return with(kind, Test(Comparison::json_contained_by, datum(value)),
                    "<@ " + literal(value, "jsonb"));
      case 2:
        return with(kind, has_key("a"), "? 'a'");
      case 3:
        return {Condition("j->a->>0", eq("1")), "(j #>> '{a,0}' = '1')"};
      default:
        return {Condition("j->a", eq(Json("1"))), "(j #> '{a}' = '1'::jsonb)"};
    }
  }

  Both keys(const Kind& kind, Comparison comparison, const std::string& sign) {
    constexpr const char* names[] = {"a", "b", "1", "", nullptr};
    Datum::Array list;
    std::string sql;
    for (std::size_t i = below(3); i > 0; --i) {
      const char* const name = names[below(std::size(names))];
      list.emplace_back(name);
      sql += (sql.empty() ? "" : ", ") +
             literal(name == nullptr ? std::nullopt : std::optional<std::string>(name), "text");
    }
    return with(kind, Test(comparison, Datum(std::move(list))),
                sign + "ARRAY[" + sql + "]::text[]");
  }

  std::mt19937_64 random_{20'240'229};
};

void resolve(Condition& condition, const Table& table) {
  if (condition.kind() == Condition::Kind::comparison)
    condition.set_column(table.find(condition.text()).value());
  for (Condition& part : condition.parts()) resolve(part, table);
}

/// A selection, and the SQL that says the same of `difference`.
struct BothSelections {
  Selection selection;
  std::string sql;
};

BothSelections ordered_selection(Generator& generator) {
  const auto nr = static_cast<std::uint32_t>(kinds().size());
  BothSelections both;
  Both where = generator.tree(1);
  both.selection.where = std::move(where.condition);
  std::string order;
  for (std::size_t i = generator.below(3); i > 0; --i) {
    const auto column = static_cast<std::uint32_t>(generator.below(kinds().size()));
    if (std::string_view(kinds()[column].type) == "jsonb") continue;
    OrderKey key;
    key.column = column;
    key.descending = generator.below(2) == 0;
    key.nulls = static_cast<Nulls>(generator.below(3));
    order.append(kinds()[column].name).append(key.descending ? " DESC" : "");
    order += key.nulls == Nulls::first  ? " NULLS FIRST, "
             : key.nulls == Nulls::last ? " NULLS LAST, "
                                        : ", ";
    both.selection.order.push_back(key);
  }
  OrderKey last;
  last.column = nr;
  both.selection.order.push_back(last);
  both.sql = "SELECT nr FROM difference WHERE " + where.sql + " ORDER BY " + order + "nr";
  if (generator.below(3) != 0) {
    both.selection.limit = static_cast<std::int64_t>(generator.below(20));
    both.sql += " LIMIT " + std::to_string(*both.selection.limit);
  }
  both.selection.offset = static_cast<std::int64_t>(generator.below(4));
  both.sql += " OFFSET " + std::to_string(both.selection.offset);
  return both;
}

/// Thousands of selections take their time where every access is checked.
constexpr std::chrono::minutes time_for_all{4};

class StoreDifference : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (version_of(server()) < 14)
      GTEST_SKIP() << "memory does as PostgreSQL 14 and later do: numeric has infinities";
  }
  /// Creates the table and its rows, on both sides.
  std::string statements(Generator& generator) {
    constexpr std::size_t row_count = 60;
    std::string create = "CREATE TABLE difference (nr int", rows;
    for (const Kind& kind : kinds()) {
      declare(table_, kind);
      create.append(", ").append(kind.name).append(" ").append(kind.type);
      if (table_.table().columns.back().type_category == 'S') create += " COLLATE \"C\"";
    }
    for (std::size_t nr = 0; nr < row_count; ++nr) {
      rows += (nr == 0 ? "(" : ", (") + std::to_string(nr);
      std::vector<Datum> row;
      sent_.emplace_back();
      for (std::uint32_t column = 0; column < kinds().size(); ++column) {
        const auto value = generator.value_of(kinds()[column]);
        rows += ", " + literal(value, kinds()[column].type);
        sent_.back().push_back(value ? Datum(*value) : Datum());
        row.push_back(
            store_memory::coerced(sent_.back().back(), store_memory::type_of(table_, column)));
      }
      rows += ")";
      sent_.back().emplace_back(nr);
      rows_.push_back(std::move(row));
    }
    return create + ")|INSERT INTO difference VALUES " + rows;
  }
  /// "1", "0" or "?" for every row.
  std::string answer(Condition condition) const {
    resolve(condition, table_.table());
    const store_memory::Predicate predicate(condition, table_);
    std::string text;
    for (const auto& row : rows_) {
      const auto truth = predicate.truth(row);
      text.push_back(!truth ? '?' : *truth ? '1' : '0');
    }
    return text;
  }

  /// The same rows, their number last, behind the store's interface.
  std::unique_ptr<MemoryStore> filled_store() const {
    MemoryTables tables;
    MemoryTable& table = tables.table("public", "difference");
    for (const Kind& kind : kinds()) declare(table, kind);
    table.column("nr", "int");
    auto store = make_memory_store(std::move(tables));
    Insertion insertion;
    insertion.table = store->catalogue().known(QualifiedName("public", "difference"));
    for (std::uint32_t i = 0; i <= kinds().size(); ++i) insertion.columns.push_back(i);
    insertion.rows = sent_;
    auto task = store->insert(insertion);
    task.frame().resume();
    static_cast<void>(task.frame().promise().take());
    return store;
  }

  MemoryTable table_{QualifiedName("public", "difference")};
  std::vector<std::vector<Datum>> rows_;
  std::vector<std::vector<Datum>> sent_;  ///< as text, and each with its number
};

TEST_F(StoreDifference, TenThousandConditionsHoldForTheSameRowsAsOnTheServer) {
  Generator generator;
  const std::string setup = statements(generator);
  const std::size_t cut = setup.find('|');
  run_for(time_for_all, [&](DBConnector& db) -> Task<void> {
    const std::string create = setup.substr(0, cut), insert = setup.substr(cut + 1);
    co_await db.execute(create_mood);
    co_await db.execute(create);
    co_await db.execute(insert);
    constexpr int condition_count = 10'000;
    int differences = 0;
    for (int i = 0; i < condition_count && differences < 10; ++i) {
      const Both both = generator.tree(3);
      const std::string sql = "SELECT string_agg(coalesce((" + both.sql +
                              ")::int::text, '?'), '' ORDER BY nr) FROM difference";
      const std::string expected = co_await db.execute(sql, fetch_val_as<std::string>);
      const std::string ours = answer(both.condition);
      if (ours == expected) continue;
      ++differences;
      ADD_FAILURE() << both.sql << "\nserver " << expected << "\nours   " << ours;
    }
    EXPECT_EQ(differences, 0);
  });
}

TEST_F(StoreDifference, TwoThousandOrdersAndLimitsGiveTheSameRowsAsOnTheServer) {
  Generator generator;
  const std::string setup = statements(generator);
  const std::size_t cut = setup.find('|');
  const auto store = filled_store();
  run_for(time_for_all, [&](DBConnector& db) -> Task<void> {
    const std::string create = setup.substr(0, cut), insert = setup.substr(cut + 1);
    co_await db.execute(create_mood);
    co_await db.execute(create);
    co_await db.execute(insert);
    constexpr int selection_count = 2'000;
    int differences = 0;
    for (int i = 0; i < selection_count && differences < 10; ++i) {
      BothSelections both = ordered_selection(generator);
      both.selection.table = store->catalogue().known(QualifiedName("public", "difference"));
      resolve(both.selection.where, *both.selection.table);
      std::vector<int> expected, ours;
      const Result rows = co_await db.execute(both.sql);
      for (const RowView row : rows) expected.push_back(row.get<int>(0));
      const auto records = co_await store->select(both.selection);
      for (const Record& record : records) ours.push_back(record.get<int>("nr"));
      if (ours == expected) continue;
      ++differences;
      EXPECT_EQ(ours, expected) << both.sql;
    }
    EXPECT_EQ(differences, 0);
  });
}

/// What becomes of a value as a column holds it: its text, or the SQLSTATE.
std::string held(const Kind& kind, const std::string& value) {
  MemoryTable table(QualifiedName("public", "held"));
  Kind column = kind;
  column.name = "c";
  declare(table, column);
  try {
    return store_memory::coerced(value, store_memory::type_of(table, 0)).to_string();
  } catch (const MockModeError&) {
    return "MockModeError";
  } catch (const QueryError& error) {
    return std::string(error.sqlstate().view());
  }
}

TEST_F(StoreDifference, ValuesAreHeldOrRefusedAsTheServerDoes) {
  std::vector<Kind> all = kinds();
  all.push_back({"", "int", {"", "x", "1.5", "2147483648", "- 1", "\t5\n", "1e3"}});
  all.push_back({"", "smallint", {"32767", "32768", "-32769"}});
  all.push_back(
      {"", "numeric(5,2)", {"999.995", "-999.994", "NaN", "inf", "1e2", ".5", "5.", "."}});
  all.push_back({"", "numeric(3)", {"999.5", "-0.5", "0.4"}});
  all.push_back({"", "float8", {"1e400", "1e-400", "nan", "+inf", "1_0", "", " 5 ", "1e", ".5"}});
  all.push_back({"", "real", {"1e39", "3.4028235e38", "1e-46", "0.30000001"}});
  all.push_back({"", "varchar(2)", {"abc", "ab  ", "\xc3\xa4\xc3\xb6"}});
  all.push_back({"", "mood", {"", "Sad", "sad ", "glad"}, {"sad", "ok", "happy"}});
  all.push_back({"",
                 "timestamptz",
                 {"2024-02-30 00:00:00+00", "2024-13-01 00:00:00+00", "2024-00-10 00:00:00+00",
                  "2024-02-29 12:00:00.123456+00", "2024-02-29 12:00:00+15:59:59"}});
  all.push_back({"", "date", {"2023-02-29", "2024-02-00", "1900-02-29", "2000-02-29"}});
  all.push_back({"", "bool", {"tr", "o", "of", "", "2", "YES", " no "}});
  all.push_back({"", "bytea", {" hi ", "  \\x41  ", "a\\", "\\101\\\\", "\\400", "\n\t"}});
  all.push_back({"", "uuid", {"a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", "x", "a0eebc99"}});
  all.push_back({"",
                 "jsonb",
                 {"{\"b\":1,\"a\":2,\"b\":3}", "[1,]", "1e2", "\"\\u0000\"", "\"\\ud83d\\ude00\"",
                  "\"\\ud83d\"", "-0", "\"\\/\\t\""}});
  all.push_back({"", "json", {" {\"a\" : 1} ", "01", "{", "\"\\u0000\""}});
  all.push_back({"", "int[]", {"{1", "{x}", "{{1},{2,3}}", "{null}", "{}"}});
  all.push_back(
      {"", "text[]", {"{null,NuLL}", "{\"a b\"}", "{a,}", "{}x", "{\"a\\\",\\\\b\"}", "{,}"}});
  run_with(options_for_one_connection(), [&](DBConnector& db) -> Task<void> {
    co_await db.execute("SET TimeZone = 'UTC'");
    co_await db.execute(create_mood);
    for (const Kind& kind : all) {
      const std::string table = std::string("CREATE TEMP TABLE held (c ") + kind.type + ")";
      co_await db.execute(table);
      for (const char* const value : kind.values) {
        const std::string insert =
            "INSERT INTO held VALUES (" + literal(value, "unknown") + ") RETURNING format('%s', c)";
        auto attempt = co_await as_attempt(db.execute(insert, fetch_val_as<std::string>));
        const std::string server =
            attempt ? attempt.value() : std::string(attempt.error().sqlstate().view());
        EXPECT_EQ(held(kind, value), server) << kind.type << " '" << value << "'";
      }
      co_await db.execute("DROP TABLE held");
    }
  });
}

/// What a report says, but for where in the server it was written.
std::string shown(const Error& error) {
  if (error.report() == nullptr) return error.what();
  const ServerReport& report = *error.report();
  return std::string(report.sqlstate.view()) + "|" + report.message + "|" + report.detail + "|" +
         report.table + "|" + report.column + "|" + report.constraint;
}

TEST_F(StoreDifference, ViolationsAreReportedInTheWordsOfTheServer) {
  MemoryTables tables;
  tables.table("public", "parents")
      .column("id", "int")
      .primary_key()
      .column("email", "varchar(9)")
      .not_null()
      .column("age", "int")
      .unique({"email", "age"})
      .check("adult", [](const Record& row) -> std::optional<bool> {
        if (row["age"].is_null()) return std::nullopt;
        return row.get<int>("age") > 17;
      });
  tables.table("public", "children")
      .column("id", "int")
      .identity()
      .column("parent", "int")
      .references(QualifiedName("public", "parents"), "id");
  const auto store = make_memory_store(std::move(tables));
  const auto insertion_of = [&](const char* table, const Record& record) {
    Insertion insertion;
    insertion.table = store->catalogue().known(QualifiedName("public", table));
    insertion.rows.emplace_back();
    for (const auto entry : record) {
      insertion.columns.push_back(insertion.table->find(entry.name()).value());
      insertion.rows.back().push_back(entry.value());
    }
    return insertion;
  };
  run_with(options_for_one_connection(), [&](DBConnector& db) -> Task<void> {
    co_await db.execute(
        "CREATE TEMP TABLE parents (id int PRIMARY KEY, email varchar(9) NOT NULL, age int, "
        "UNIQUE (email, age), CONSTRAINT adult CHECK (age > 17))");
    co_await db.execute(
        "CREATE TEMP TABLE children (id int GENERATED ALWAYS AS IDENTITY, "
        "parent int REFERENCES parents (id))");
    const std::tuple<const char*, Record, const char*> inserts[] = {
        {"parents", record("id", 1, "email", "a@b", "age", 20), "(1, 'a@b', 20)"},
        {"parents", record("id", 1, "email", "c@d", "age", 20), "(1, 'c@d', 20)"},
        {"parents", record("id", 2, "email", "a@b", "age", 20), "(2, 'a@b', 20)"},
        {"parents", record("id", 2, "email", nullptr, "age", 20), "(2, NULL, 20)"},
        {"parents", record("id", 2, "email", "x", "age", 17), "(2, 'x', 17)"},
        {"parents", record("id", 2, "email", "0123456789"), "(2, '0123456789')"},
        {"parents", record("id", "x", "email", "x"), "('x', 'x')"},
        {"parents", record("id", "3000000000", "email", "x"), "('3000000000', 'x')"},
        {"children", record("parent", 7), "(DEFAULT, 7)"},
        {"children", record("id", 7), "(7)"},
        {"children", record("parent", 1), "(DEFAULT, 1)"},
    };
    for (const auto& [table, values, sql] : inserts) {
      const std::string statement = std::string("INSERT INTO ") + table + " VALUES " + sql;
      const Insertion asked = insertion_of(table, values);
      const auto server = co_await as_attempt(db.execute(statement));
      const auto ours = co_await as_attempt(store->insert(asked));
      EXPECT_EQ(ours ? "" : shown(ours.error()), server ? "" : shown(server.error())) << sql;
    }
    Removal removal;
    removal.table = store->catalogue().known(QualifiedName("public", "parents"));
    const auto server = co_await as_attempt(db.execute("DELETE FROM parents"));
    const auto ours = co_await as_attempt(store->remove(removal));
    EXPECT_EQ(ours ? "" : shown(ours.error()), server ? "" : shown(server.error()));
  });
}

}  // namespace
}  // namespace pgreactor::integration
