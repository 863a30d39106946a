#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "tests/integration/database_fixture.hpp"

// A thousand random values of each type out and back, in binary and in text, with PostgreSQL's own
// text as a witness; and the types of the application's.
namespace pgreactor::integration {

enum class Mood : std::uint8_t { sad, happy };

struct Place {
  int id = 0;
  std::optional<std::string> name;
};

}  // namespace pgreactor::integration

template <>
inline constexpr std::array pgreactor::labels<pgreactor::integration::Mood>{
    pgreactor::Label(pgreactor::integration::Mood::sad, "sad"),
    pgreactor::Label(pgreactor::integration::Mood::happy, "happy")};

template <>
inline constexpr auto pgreactor::mapping<pgreactor::integration::Place> =
    pgreactor::members(pgreactor::member("id", &pgreactor::integration::Place::id),
                       pgreactor::member("name", &pgreactor::integration::Place::name));

namespace pgreactor::integration {
namespace {

class Types : public DatabaseTest {};

// The server makes the values of `expression`, random each; they are read in binary, and go back as
// one array of binary values and one of texts.
template <class T>
Task<void> expect_thousand(DBConnector& db, std::string type, std::string expression) {
  const std::string made = "SELECT v, format('%s', v) FROM (SELECT (" + expression + ")::" + type +
                           " AS v FROM generate_series(1, 1000) AS i) AS made";
  const Result sent = co_await db.execute(made);
  std::vector<T> values;
  std::vector<std::string> texts;
  for (const RowView row : sent) {
    values.push_back(row[0].as<T>());
    texts.push_back(row[1].as<std::string>());
    EXPECT_EQ(row[0].as<std::string>(), texts.back()) << type << ": our text is the server's";
    T from_its_text{};
    EXPECT_EQ(ValueCodec<T>::decode(as_bytes(texts.back()), row[0].column().type, FormatCode::text,
                                    from_its_text),
              DecodeError::none)
        << type << " " << texts.back();
    EXPECT_EQ(from_its_text, values.back()) << type << " " << texts.back();
  }
  EXPECT_EQ(values.size(), 1000u);
  const std::string back = "SELECT v, format('%s', v) FROM unnest($1::" + type +
                           "[]) WITH ORDINALITY AS u (v, i) "
                           "ORDER BY i";
  const Result from_binary = co_await db.execute(back, values);
  const Result from_text = co_await db.execute(back, texts);
  EXPECT_EQ(from_binary.size(), values.size());
  EXPECT_EQ(from_text.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(from_binary[i][0].as<T>(), values[i]) << type << " " << texts[i];
    EXPECT_EQ(from_binary[i][1].as<std::string>(), texts[i]) << type;
    EXPECT_EQ(from_text[i][0].as<T>(), values[i]) << type << " " << texts[i];
    EXPECT_EQ(from_text[i][1].as<std::string>(), texts[i]) << type;
  }
}

constexpr const char* number = "trunc((random() - 0.5) * 2000)";
constexpr const char* coordinate = "trunc(((random() - 0.5) * 1e6)::numeric, 3)";

std::string made_of(std::string pattern) {
  for (std::size_t at = 0; (at = pattern.find('?', at)) != std::string::npos;)
    pattern.replace(at, 1, std::string("' || ") + coordinate + " || '");
  return "'" + pattern + "'";
}

TEST_F(Types, NumbersReturnAThousandTimes) {
  run([](DBConnector& db) -> Task<void> {
    co_await expect_thousand<bool>(db, "bool", "random() < 0.5");
    co_await expect_thousand<std::int16_t>(db, "int2", "trunc((random() - 0.5) * 65535)");
    co_await expect_thousand<std::int32_t>(db, "int4", "trunc((random() - 0.5) * 4e9)");
    co_await expect_thousand<std::int64_t>(db, "int8", "trunc((random() - 0.5) * 1.8e19)");
    co_await expect_thousand<std::uint32_t>(db, "oid", "trunc(random() * 4294967295)::int8");
    co_await expect_thousand<std::uint32_t>(db, "xid", "trunc(random() * 4294967295)::text");
    co_await expect_thousand<std::uint64_t>(db, "xid8", "trunc(random() * 1.8e19)::numeric::text");
    co_await expect_thousand<float>(db, "float4", "(random() - 0.5) * 10.0 ^ (random() * 60 - 30)");
    co_await expect_thousand<double>(db, "float8",
                                     "(random() - 0.5) * 10.0::float8 ^ (random() * 600 - 300)");
    co_await expect_thousand<Numeric>(
        db, "numeric",
        "round(((random() - 0.5) * 1e9)::numeric * 1e20, trunc(random() * 40)::int - 20)");
    co_await expect_thousand<Money>(db, "money", "((random() - 0.5) * 1e9)::numeric");
    co_await expect_thousand<Lsn>(db, "pg_lsn",
                                  "format('%s/%s', to_hex((random() * 4294967295)::int8), "
                                  "to_hex((random() * 4294967295)::int8))");
    co_await expect_thousand<Tid>(
        db, "tid", "format('(%s,%s)', trunc(random() * 4294967295), trunc(random() * 65535))");
  });
}

TEST_F(Types, TextAndBytesReturnAThousandTimes) {
  run([](DBConnector& db) -> Task<void> {
    const std::string text =
        "substr(md5(random()::text) || ' \"\\{}, ', trunc(random() * 40)::int)";
    for (const char* type : {"text", "varchar", "bpchar", "name"})
      co_await expect_thousand<std::string>(db, type, text);
    EXPECT_EQ(co_await db.execute("SELECT $1::\"char\"", 'x', fetch_val_as<char>), 'x');
    co_await expect_thousand<std::vector<std::byte>>(db, "bytea",
                                                     "decode(md5(random()::text), 'hex')");
    co_await expect_thousand<Uuid>(db, "uuid", "md5(random()::text)");
    co_await expect_thousand<Json>(db, "json", "'[' || random() || ']'");
    co_await expect_thousand<Json>(db, "jsonb", "'{\"a\": ' || random() || '}'");
    co_await expect_thousand<std::string>(db, "jsonpath", "'$.a[*] ? (@ > ' || random() || ')'");
    co_await expect_thousand<BitString>(db, "varbit",
                                        "right((random() * 1e9)::int4::bit(32)::text, "
                                        "trunc(random() * 33)::int)");
    co_await expect_thousand<BitString>(db, "bit(32)", "(random() * 1e9)::int4::bit(32)");
    co_await expect_thousand<TsVector>(
        db, "tsvector", "array_to_tsvector(ARRAY[md5(random()::text), 'it''s', 'back\\'])");
    co_await expect_thousand<TsVector>(
        db, "tsvector", "setweight(to_tsvector('simple', 'a b a ' || random()), 'B')");
    // Terms, each negated or not, with and without weights, between operators of all kinds.
    co_await expect_thousand<TsQuery>(
        db, "tsquery",
        "(SELECT string_agg(CASE WHEN random() < 0.3 THEN '!' ELSE '' END || "
        "'''' || md5(random()::text) || ' '''' \\\\''' || (ARRAY['', ':*', ':A', ':*BCD', ':D'])"
        "[1 + trunc(random() * 5)::int], (ARRAY['&', '|', '<->', '<7>'])"
        "[1 + trunc(random() * 4 + j * 0)::int] ORDER BY j) FROM generate_series(1, 5 + i * 0) AS "
        "j)");
  });
}

TEST_F(Types, TimesReturnAThousandTimes) {
  run([](DBConnector& db) -> Task<void> {
    const std::string microseconds = "make_interval(secs => random() * 1e11)";
    co_await expect_thousand<Date>(db, "date", "'0044-03-15 BC'::date + (random() * 1e6)::int");
    co_await expect_thousand<Time>(db, "time", microseconds);
    co_await expect_thousand<TimeTz>(db, "timetz", microseconds + "::time");
    co_await expect_thousand<Timestamp>(db, "timestamp",
                                        "'0044-03-15 BC'::timestamp + " + microseconds);
    co_await expect_thousand<TimestampTz>(db, "timestamptz", "now() + " + microseconds);
    co_await expect_thousand<Interval>(
        db, "interval",
        "make_interval(months => (random() * 99 - 50)::int, days => (random() * 99 - 50)::int, "
        "secs => (random() - 0.5) * 1e7)");
  });
}

TEST_F(Types, NetworkAddressesReturnAThousandTimes) {
  run([](DBConnector& db) -> Task<void> {
    // Words are zero half of the time, for runs of zeros of every length at every place.
    const std::string v6 =
        "(SELECT string_agg(CASE WHEN random() < 0.5 THEN '0' ELSE to_hex((random() * 65535)::int) "
        "END, ':') FROM generate_series(1, 8 + i * 0))";
    const std::string v4 = "'0.0.0.0'::inet + (random() * 4294967295)::int8";
    co_await expect_thousand<Inet>(db, "inet", "set_masklen(" + v4 + ", (random() * 32)::int)");
    co_await expect_thousand<Inet>(db, "inet", v6);
    co_await expect_thousand<Inet>(db, "inet", "'::'::inet + (random() * 1e15)::int8");
    co_await expect_thousand<Cidr>(db, "cidr",
                                   "set_masklen((" + v4 + ")::cidr, (random() * 32)::int)");
    co_await expect_thousand<Cidr>(db, "cidr",
                                   "set_masklen((" + v6 + ")::inet::cidr, (random() * 128)::int)");
    co_await expect_thousand<MacAddress>(db, "macaddr", "left(md5(random()::text), 12)");
    co_await expect_thousand<MacAddress8>(db, "macaddr8", "left(md5(random()::text), 16)");
  });
}

TEST_F(Types, GeometryReturnsAThousandTimes) {
  run([](DBConnector& db) -> Task<void> {
    co_await expect_thousand<Point>(db, "point", made_of("(?,?)"));
    co_await expect_thousand<LineSegment>(db, "lseg", made_of("[(?,?),(?,?)]"));
    co_await expect_thousand<Box>(db, "box", made_of("(?,?),(?,?)"));
    co_await expect_thousand<Line>(db, "line", made_of("{?,?,?}"));
    co_await expect_thousand<Circle>(db, "circle",
                                     "circle(point(random(), random()), random() * 9)");
    co_await expect_thousand<Path>(db, "path", made_of("((?,?),(?,?),(?,?))"));
    co_await expect_thousand<Path>(db, "path", made_of("[(?,?),(?,?)]"));
    co_await expect_thousand<Polygon>(db, "polygon", made_of("((?,?),(?,?),(?,?))"));
  });
}

// `bound` of both ends, in order, with each kind of bound in turn and now and then none.
std::string range_of(const std::string& type, const std::string& bound) {
  return "CASE WHEN i % 50 = 0 THEN 'empty'::" + type + " ELSE " + type + "(least(a, b), " +
         "CASE WHEN i % 7 = 0 THEN NULL ELSE greatest(a, b) END, "
         "(ARRAY['[)', '[]', '(]', '()'])[1 + i % 4]) END FROM (SELECT " +
         bound + " AS a, " + bound + " AS b) AS bounds";
}

struct AsRange {
  template <class T>
  static Task<void> expect(DBConnector& db, std::string kind, std::string bound) {
    const std::string type = kind + "range";
    co_await expect_thousand<Range<T>>(db, type, "(SELECT " + range_of(type, bound) + ")");
  }
};

struct AsMultirange {
  template <class T>
  static Task<void> expect(DBConnector& db, std::string kind, std::string bound) {
    const std::string range = "(SELECT " + range_of(kind + "range", bound) + ")";
    const std::string type = kind + "multirange";
    co_await expect_thousand<Multirange<T>>(db, type, type + "(" + range + ", " + range + ")");
  }
};

template <class Kind>
Task<void> expect_each_range(DBConnector& db) {
  const std::string n = number;
  co_await Kind::template expect<std::int32_t>(db, "int4", n + "::int4 + i * 0");
  co_await Kind::template expect<std::int64_t>(db, "int8", n + "::int8 + i * 0");
  co_await Kind::template expect<Numeric>(db, "num", n + "::numeric / 8 + i * 0");
  co_await Kind::template expect<Date>(db, "date", "'2024-01-01'::date + " + n + "::int4 + i * 0");
  const std::string later = " + random() * interval '9 years' + i * interval '0'";
  co_await Kind::template expect<Timestamp>(db, "ts", "'2024-01-01'::timestamp" + later);
  co_await Kind::template expect<TimestampTz>(db, "tstz", "'2024-01-01'::timestamptz" + later);
}

TEST_F(Types, RangesReturnAThousandTimes) {
  run([](DBConnector& db) -> Task<void> { co_await expect_each_range<AsRange>(db); });
}

TEST_F(Types, MultirangesReturnAThousandTimes) {
  if (version_of(server()) < 14) GTEST_SKIP() << "multiranges came with PostgreSQL 14";
  run([](DBConnector& db) -> Task<void> { co_await expect_each_range<AsMultirange>(db); });
}

TEST_F(Types, ArraysOfAnyRankReturn) {
  run([](DBConnector& db) -> Task<void> {
    using Rows = std::vector<std::vector<int>>;
    const Rows rows{{1, 2, 3}, {4, 5, 6}};
    const auto row = co_await db.execute("SELECT $1::int4[], $1::int4[]::text", rows, fetch_row);
    EXPECT_EQ((*row)[0].as<Rows>(), rows);
    EXPECT_EQ((*row)[1].as<std::string>(), "{{1,2,3},{4,5,6}}");
    const Array<int> bounded({{1, -5}, {2, 3}}, {7, 8});
    const auto same =
        co_await db.execute("SELECT $1::int4[], $1::int4[]::text", bounded, fetch_row);
    EXPECT_EQ((*same)[0].as<Array<int>>(), bounded);
    EXPECT_EQ((*same)[0].as<std::string>(), (*same)[1].as<std::string>());
  });
}

TEST_F(Types, OidAliasesTakeNumbersAndShowNames) {
  run([](DBConnector& db) -> Task<void> {
    const std::uint32_t pg_class = 1259;
    EXPECT_EQ(co_await db.execute("SELECT $1::regclass", pg_class, fetch_val_as<std::string>),
              "pg_class");
    EXPECT_EQ(
        co_await db.execute("SELECT $1::regclass::oid", "pg_class", fetch_val_as<std::uint32_t>),
        pg_class);
  });
}

TEST_F(Types, EnumsDomainsAndCompositesReturn) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')");
    EXPECT_EQ(co_await db.execute("SELECT $1::mood", Mood::happy, fetch_val_as<Mood>), Mood::happy);
    const std::vector<Mood> moods{Mood::happy, Mood::sad};
    EXPECT_EQ(co_await db.execute("SELECT $1::mood[]", moods, fetch_val_as<std::vector<Mood>>),
              moods);

    co_await db.execute("CREATE DOMAIN positive AS int4 CHECK (VALUE > 0)");
    EXPECT_EQ(co_await db.execute("SELECT $1::positive", 7, fetch_val_as<int>), 7);
    EXPECT_EQ(error_of<QueryError>(co_await as_attempt(db.execute("SELECT $1::positive", -7)))
                  .sqlstate()
                  .view(),
              "23514");
    const std::vector<int> numbers{1, 2};
    EXPECT_EQ(co_await db.execute("SELECT $1::positive[]", numbers, fetch_val_as<std::vector<int>>),
              numbers);

    co_await db.execute("CREATE TYPE place AS (id int4, name text)");
    using Pair = std::tuple<int, std::optional<std::string>>;
    const Pair odd(7, "quote \" back \\ (comma), ");
    EXPECT_EQ(co_await db.execute("SELECT $1::place", params(odd), fetch_val_as<Pair>), odd);
    const Pair none(8, std::nullopt);
    EXPECT_EQ(co_await db.execute("SELECT $1::place", params(none), fetch_val_as<Pair>), none);
    EXPECT_EQ(co_await db.execute("SELECT ROW(1, 'a'::text)", fetch_val_as<Pair>), Pair(1, "a"));
    Place place;
    place.id = 9;
    place.name = "x";
    EXPECT_EQ((co_await db.execute("SELECT $1::place", place, fetch_val_as<Place>)).name, "x");
  });
}

TEST_F(Types, AVariantGoesToAnyTypeAndComesAsTheFirstThatFits) {
  run([](DBConnector& db) -> Task<void> {
    using Any = std::variant<bool, std::int64_t, std::string>;
    const Any number_of(std::int64_t{7});
    EXPECT_EQ(co_await db.execute("SELECT $1::int4", number_of, fetch_val_as<Any>), number_of);
    EXPECT_EQ(co_await db.execute("SELECT 'x'::text", fetch_val_as<Any>), Any("x"));
    EXPECT_EQ(co_await db.execute("SELECT true", fetch_val_as<Any>), Any(true));
  });
}

TEST_F(Types, RowsBecomeStructsByColumnName) {
  run([](DBConnector& db) -> Task<void> {
    const std::vector<Place> places = co_await db.execute(
        "SELECT 'n' || i AS name, i AS id FROM generate_series(1, 3) AS i", fetch_all_as<Place>);
    EXPECT_EQ(places.size(), 3u);
    EXPECT_EQ(places.back().id, 3);
    EXPECT_EQ(places.back().name, "n3");
    const auto one = co_await db.execute("SELECT 1 AS id, NULL::text AS name", fetch_row_as<Place>);
    EXPECT_EQ(one->id, 1);
    EXPECT_EQ(one->name, std::nullopt);
    EXPECT_FALSE(
        co_await db.execute("SELECT 1 AS id, ''::text AS name WHERE false", fetch_row_as<Place>));
    const auto row = co_await db.execute("SELECT 5 AS id, 'x'::text AS name", fetch_row);
    EXPECT_EQ(row->as<Place>().id, 5);
    EXPECT_EQ(row->as<Place>().name, "x") << "the plan is there the second time";
  });
}

TEST_F(Types, AColumnThatNoStructHasIsNamedWithTheStruct) {
  run([](DBConnector& db) -> Task<void> {
    for (const auto& [sql, column] :
         {std::pair{"SELECT 1 AS id", "'name'"},
          std::pair{"SELECT 1 AS id, ''::text AS name, 2 AS extra", "'extra'"},
          std::pair{"SELECT 1 AS id, 2 AS id, ''::text AS name", "'id'"}}) {
      const auto attempt = co_await as_attempt(db.execute(std::string(sql), fetch_row_as<Place>));
      EXPECT_THAT(error_of<ColumnMatchError>(attempt).what(),
                  ::testing::AllOf(::testing::HasSubstr(column), ::testing::HasSubstr("Place")));
    }
  });
}

}  // namespace
}  // namespace pgreactor::integration
