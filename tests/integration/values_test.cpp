#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/integration/database_fixture.hpp"

// Every type of include/pgreactor/values there and back, with PostgreSQL's own text as a witness.
namespace pgreactor {

// An identifier with an SQL NULL of its own.
struct MaybeId {
  int value = -1;
};
template <>
struct ValueCodec<MaybeId> {
  static constexpr Oid natural_type = oid::int4;
  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return ValueCodec<int>::parameter_format(type);
  }
  static EncodeError encode(ByteBuffer& out, const MaybeId& id, Oid type) {
    return ValueCodec<int>::encode(out, id.value, type);
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, MaybeId& id) {
    return ValueCodec<int>::decode(in, type, format, id.value);
  }
  static bool is_null(const MaybeId& id) noexcept { return id.value < 0; }
  static void set_null(MaybeId& id) noexcept { id.value = -1; }
};

namespace integration {
namespace {

class Values : public DatabaseTest {};

// The value returns as it was sent, and the server saw what its text says.
template <class T>
Task<void> expect_round_trip(DBConnector& db, std::string type, T value, std::string text) {
  const std::string sql = "SELECT $1::" + type + ", $1::" + type + "::text";
  const std::optional<Row> row = co_await db.execute(sql, value, fetch_row);
  EXPECT_EQ((*row)[0].as<T>(), value) << type << " " << text;
  EXPECT_EQ((*row)[1].as<std::string>(), text) << type;
  EXPECT_EQ((*row)[0].as<std::string>(), text) << type << ": our text is the server's";
}

// The same for what has a parse() of its own.
template <class T>
Task<void> expect_parsed_round_trip(DBConnector& db, std::string type, std::string text) {
  const Decoded<T> value = T::parse(text);
  EXPECT_TRUE(value) << type << " " << text;
  if (value) co_await expect_round_trip(db, type, *value, text);
}

TEST_F(Values, BooleansAndIntegersReturnAtTheirLimits) {
  run([](DBConnector& db) -> Task<void> {
    // The cast to text says "true", the output function and so the text format "t".
    EXPECT_EQ(co_await db.execute("SELECT $1::bool::text", true, fetch_val_as<std::string>),
              "true");
    EXPECT_EQ(co_await db.execute("SELECT $1::bool", false, fetch_val_as<std::string>), "f");
    EXPECT_FALSE(co_await db.execute("SELECT $1::bool", false, fetch_val_as<bool>));
    co_await expect_round_trip(db, "int2", std::numeric_limits<std::int16_t>::min(), "-32768");
    co_await expect_round_trip(db, "int4", std::numeric_limits<std::int32_t>::min(), "-2147483648");
    co_await expect_round_trip(db, "int8", std::numeric_limits<std::int64_t>::min(),
                               "-9223372036854775808");
    co_await expect_round_trip(db, "int8", std::numeric_limits<std::int64_t>::max(),
                               "9223372036854775807");
    co_await expect_round_trip(db, "oid", std::uint32_t{0xFFFFFFFF}, "4294967295");
  });
}

TEST_F(Values, FloatsReturnBitForBitWithNanAndInfinities) {
  run([](DBConnector& db) -> Task<void> {
    co_await expect_round_trip(db, "float4", 0.1F, "0.1");
    co_await expect_round_trip(db, "float8", 0.1, "0.1");
    co_await expect_round_trip(db, "float8", 1e308, "1e+308");
    co_await expect_round_trip(db, "float8", -std::numeric_limits<double>::infinity(), "-Infinity");
    const double nan = co_await db.execute("SELECT $1::float8", std::nan(""), fetch_val_as<double>);
    EXPECT_TRUE(std::isnan(nan));
  });
}

TEST_F(Values, NumericsReturnWithTheirScale) {
  run([](DBConnector& db) -> Task<void> {
    co_await expect_parsed_round_trip<Numeric>(db, "numeric", "0");
    co_await expect_parsed_round_trip<Numeric>(db, "numeric", "-12.50");
    co_await expect_parsed_round_trip<Numeric>(db, "numeric", "0.0000000000000000000000000001");
    co_await expect_parsed_round_trip<Numeric>(db, "numeric", "123456789012345678901234567890");
    co_await expect_parsed_round_trip<Numeric>(db, "numeric", "NaN");
    EXPECT_EQ(co_await db.execute("SELECT $1::numeric::text", 10, fetch_val_as<std::string>), "10");
  });
}

TEST_F(Values, NumericsAreInfiniteFromPostgresql14On) {
  run([](DBConnector& db) -> Task<void> {
    if (version_of(server()) >= 14) {
      co_await expect_parsed_round_trip<Numeric>(db, "numeric", "Infinity");
      co_await expect_parsed_round_trip<Numeric>(db, "numeric", "-Infinity");
      co_return;
    }
    const auto attempt =
        co_await as_attempt(expect_parsed_round_trip<Numeric>(db, "numeric", "-Infinity"));
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "22P03");
  });
}

TEST_F(Values, TextReturnsWhateverCharactersItHas) {
  run([](DBConnector& db) -> Task<void> {
    const std::string odd = "quote ' dollar $1 backslash \\ \xC3\xA9 \xF0\x9F\x90\x98\n";
    co_await expect_round_trip(db, "text", odd, odd);
    co_await expect_round_trip(db, "varchar(3)", std::string("abc"), "abc");
    co_await expect_round_trip(db, "name", std::string("a_name"), "a_name");
    co_await expect_round_trip(db, "text", std::string(), "");
    const std::string large(3'000'000, 'x');  // more than one receive block
    EXPECT_EQ(co_await db.execute("SELECT $1::text", large, fetch_val_as<std::string>), large);
    EXPECT_EQ(co_await db.execute("SELECT $1::text", "literal", fetch_val_as<std::string>),
              "literal");
  });
}

// Requirement: W21
TEST_F(Values, TextWithANulIsRefusedBeforeItIsSent) {
  run([](DBConnector& db) -> Task<void> {
    const std::string with_nul("a\0b", 3);
    const auto attempt = co_await as_attempt(db.execute("SELECT $1::text", with_nul));
    EXPECT_EQ(error_of<QueryError>(attempt).outcome(), Outcome::not_sent);
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
  });
}

TEST_F(Values, ByteaReturnsEveryByte) {
  run([](DBConnector& db) -> Task<void> {
    std::vector<std::byte> all;
    for (int value = 0; value < 256; ++value) all.push_back(static_cast<std::byte>(value));
    EXPECT_EQ(co_await db.execute("SELECT $1::bytea", all, fetch_val_as<std::vector<std::byte>>),
              all);
    EXPECT_EQ(co_await db.execute("SELECT length($1::bytea)", all, fetch_val_as<int>), 256);
  });
}

TEST_F(Values, UuidsAndDocumentsReturn) {
  run([](DBConnector& db) -> Task<void> {
    co_await expect_parsed_round_trip<Uuid>(db, "uuid", "00112233-4455-6677-8899-aabbccddeeff");
    const Json document("{\"a\": [1, null]}");
    EXPECT_EQ(co_await db.execute("SELECT $1::jsonb->'a'->>0", document, fetch_val_as<std::string>),
              "1");
    EXPECT_EQ((co_await db.execute("SELECT $1::jsonb", document, fetch_val_as<Json>)).text(),
              "{\"a\": [1, null]}");
    EXPECT_EQ((co_await db.execute("SELECT $1::json", document, fetch_val_as<Json>)).text(),
              "{\"a\": [1, null]}");
    EXPECT_EQ(
        co_await db.execute("SELECT $1::json->'a'->>0", "{\"a\": [7]}", fetch_val_as<std::string>),
        "7");
  });
}

TEST_F(Values, DatesAndTimesReturnBeyondTheOrdinaryYears) {
  run([](DBConnector& db) -> Task<void> {
    for (const char* text : {"2024-02-29", "0044-03-15 BC", "5874897-12-31", "infinity"})
      co_await expect_parsed_round_trip<Date>(db, "date", text);
    for (const char* text : {"00:00:00", "23:59:59.999999", "24:00:00"})
      co_await expect_parsed_round_trip<Time>(db, "time", text);
    for (const char* text : {"12:30:00+02", "00:00:00-15:59:59"})
      co_await expect_parsed_round_trip<TimeTz>(db, "timetz", text);
    for (const char* text : {"2024-02-29 12:34:56.789", "12345-01-01 00:00:00", "-infinity"})
      co_await expect_parsed_round_trip<Timestamp>(db, "timestamp", text);
    for (const char* text : {"2024-02-29 12:34:56.789+00", "0001-01-01 00:00:00+00 BC", "infinity"})
      co_await expect_parsed_round_trip<TimestampTz>(db, "timestamptz", text);
    for (const char* text : {"1 year 2 mons -3 days +04:05:06.7", "00:00:00", "-178000000 years"})
      co_await expect_parsed_round_trip<Interval>(db, "interval", text);
  });
}

TEST_F(Values, ChronoTypesReturn) {
  run([](DBConnector& db) -> Task<void> {
    using namespace std::chrono;
    const sys_days day = 2024y / February / 29;
    EXPECT_EQ(co_await db.execute("SELECT $1::date", day, fetch_val_as<sys_days>), day);
    const sys_time<microseconds> time = day + 12h + 1us;
    EXPECT_EQ(
        co_await db.execute("SELECT $1::timestamptz", time, fetch_val_as<sys_time<microseconds>>),
        time);
  });
}

TEST_F(Values, ArraysReturnWithTheirNulls) {
  run([](DBConnector& db) -> Task<void> {
    const std::vector<int> numbers{3, 1, 2};
    co_await expect_round_trip(db, "int4[]", numbers, "{3,1,2}");
    co_await expect_round_trip(db, "int4[]", std::vector<int>{}, "{}");
    const std::vector<std::optional<std::string>> texts{"a b", std::nullopt, "NULL", "\"{,\\"};
    co_await expect_round_trip(db, "text[]", texts, "{\"a b\",NULL,\"NULL\",\"\\\"{,\\\\\"}");
    const std::vector<bool> flags{true, false};
    co_await expect_round_trip(db, "bool[]", flags, "{t,f}");
    const std::vector<Date> days{*Date::parse("2024-01-01"), Date::infinity()};
    co_await expect_round_trip(db, "date[]", days, "{2024-01-01,infinity}");
    const std::vector<Numeric> amounts{Numeric(1), *Numeric::parse("2.50")};
    co_await expect_round_trip(db, "numeric[]", amounts, "{1,2.50}");
  });
}

TEST_F(Values, NullsGoAndComeAsEmptyOptionals) {
  run([](DBConnector& db) -> Task<void> {
    const std::optional<int> none, seven = 7;
    EXPECT_EQ(co_await db.execute("SELECT $1::int4", none, fetch_val_as<std::optional<int>>), none);
    EXPECT_EQ(co_await db.execute("SELECT $1::int4", seven, fetch_val_as<std::optional<int>>),
              seven);
    EXPECT_TRUE(co_await db.execute("SELECT $1::text IS NULL", std::nullopt, fetch_val_as<bool>));
    const auto attempt =
        co_await as_attempt(db.execute("SELECT NULL::int4 AS gap", fetch_val_as<int>));
    EXPECT_THAT(error_of<QueryError>(attempt).what(), ::testing::HasSubstr("gap"));
  });
}

TEST_F(Values, ANullPointerToTextGoesAsNull) {
  run([](DBConnector& db) -> Task<void> {
    const char* none = nullptr;
    char* writable = nullptr;
    EXPECT_TRUE(co_await db.execute("SELECT $1::text IS NULL", none, fetch_val_as<bool>));
    EXPECT_TRUE(co_await db.execute("SELECT $1::int4 IS NULL", writable, fetch_val_as<bool>));
    EXPECT_TRUE(co_await db.execute("SELECT $1::text IS NULL", static_cast<const char*>(nullptr),
                                    fetch_val_as<bool>));
    EXPECT_TRUE(co_await db.execute("SELECT $1::text IS NULL", params(none), fetch_val_as<bool>));
    EXPECT_TRUE(co_await db.execute("SELECT $1::text IS NULL AND $2 = 1", std::tuple(none, 1),
                                    fetch_val_as<bool>));
    std::string text = "text";
    const char* some = text.c_str();
    writable = text.data();
    EXPECT_EQ(co_await db.execute("SELECT $1::text", some, fetch_val_as<std::string>), "text");
    EXPECT_EQ(co_await db.execute("SELECT $1::text", writable, fetch_val_as<std::string>), "text");
    EXPECT_EQ(co_await db.execute("SELECT $1::text", "", fetch_val_as<std::string>), "");
  });
}

TEST_F(Values, TypesThatOnlyTheServerKnowsGoAndComeAsText) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')");
    EXPECT_EQ(co_await db.execute("SELECT $1::mood", "happy", fetch_val_as<std::string>), "happy");
    EXPECT_EQ(co_await db.execute("SELECT $1::inet", "10.0.0.1", fetch_val_as<std::string>),
              "10.0.0.1");
    EXPECT_EQ(co_await db.execute("SELECT ROW(1, $1::text)", "x", fetch_val_as<std::string>),
              "(1,x)");
  });
}

TEST_F(Values, WithANullOfTheirOwnAreNullWhereverTheyGo) {
  run([](DBConnector& db) -> Task<void> {
    const MaybeId none, seven{7};
    EXPECT_TRUE(co_await db.execute("SELECT $1::int4 IS NULL", none, fetch_val_as<bool>));
    EXPECT_EQ(co_await db.execute("SELECT $1::int4", seven, fetch_val_as<int>), 7);
    const std::optional<MaybeId> within(none);
    EXPECT_TRUE(co_await db.execute("SELECT $1::int4 IS NULL", within, fetch_val_as<bool>));
    EXPECT_TRUE(Datum(none).is_null());
    co_await db.execute("CREATE TABLE ids (id int4)");
    CopyIn copy = co_await db.copy_in("ids", columns("id"));
    co_await copy.row(none);
    co_await copy.row(seven);
    co_await copy.finish();
    EXPECT_EQ(co_await db.execute("SELECT array_agg(id ORDER BY id)::text FROM ids",
                                  fetch_val_as<std::string>),
              "{7,NULL}");
  });
}

std::vector<std::pair<std::string, Datum>> one_of_each() {
  return {{"int4", 0x31323334},
          {"int8", 5},
          {"float8", 1.5},
          {"bool", true},
          {"text", "text"},
          {"numeric", Numeric(12)},
          {"bytea", std::vector<std::byte>(4, std::byte{'\\'})},
          {"uuid", Uuid()}};
}

TEST_F(Values, OfARecordKeepTheTextOfArraysThatListsCannotTell) {
  run([](DBConnector& db) -> Task<void> {
    for (const char* const each : {"'[5:7]={1,2,3}'::int4[]", "'[1:1][0:1]={{1,2}}'::int8[]",
                                   "'{(1,1),(0,0);(2,2),(1,1)}'::box[]"}) {
      const std::string array(each);
      const Datum value = co_await db.execute("SELECT " + array, fetch_val_as<Datum>);
      const auto text =
          co_await db.execute("SELECT " + array + "::text", fetch_val_as<std::string>);
      EXPECT_EQ(value.to_string(), text);
      const std::string back = "SELECT $1" + array.substr(array.find("::")) + "::text";
      EXPECT_EQ(co_await db.execute(back, value, fetch_val_as<std::string>), text);
    }
  });
}

TEST_F(Values, OfARecordAreTheSameWithinAnOptional) {
  run([](DBConnector& db) -> Task<void> {
    for (const auto& [type, value] : one_of_each()) {
      const std::string sql = "SELECT $1::" + type + "::text";
      const std::optional<Datum> within(value);
      const auto plain = co_await db.execute(sql, value, fetch_val_as<std::string>);
      EXPECT_EQ(co_await db.execute(sql, within, fetch_val_as<std::string>), plain) << type;
    }
    const std::optional<Datum> none;
    EXPECT_TRUE(co_await db.execute("SELECT $1::int4 IS NULL", none, fetch_val_as<bool>));
  });
}

}  // namespace
}  // namespace integration
}  // namespace pgreactor
