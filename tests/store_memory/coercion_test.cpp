#include "src/store_memory/coercion.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <pgreactor/memory_tables.hpp>

#include "src/store_memory/column_type.hpp"
#include "src/store_memory/comparing.hpp"
#include "src/store_memory/json_value.hpp"

namespace pgreactor::store_memory {
namespace {

Datum as(const char* type, const Datum& value) {
  const ColumnType known = *column_type(type);
  return coerced(value, ValueType{known.type, known.modifier, nullptr, {}});
}
std::string text_as(const char* type, const Datum& value) { return as(type, value).to_string(); }
std::string failure(const char* type, const Datum& value) {
  try {
    return "no error but " + text_as(type, value);
  } catch (const MockModeError&) {
    return "MockModeError";
  } catch (const QueryError& error) {
    return std::string(error.sqlstate().view());
  }
}

TEST(Coercion, TextBecomesANumberAsTheServerReadsIt) {
  EXPECT_EQ(as("int", "12"), Datum(12));
  EXPECT_EQ(as("int", " +12 "), Datum(12));
  EXPECT_EQ(as("float8", "-inf"), Datum(-INFINITY));
  EXPECT_EQ(as("real", "0.1"), Datum(0.1));
  EXPECT_EQ(text_as("numeric", " 1.50 "), "1.50");
  for (const char* const bad : {"x", "", " ", "1.5", "1 2", "+-1", "--1"})
    EXPECT_EQ(failure("int", bad), "22P02") << bad;
  for (const char* const bad : {"x", "", "1e", "nan(1)", "+-1"})
    EXPECT_EQ(failure("float8", bad), "22P02") << bad;
}

TEST(Coercion, WhatDoesNotFitIsOutOfRange) {
  EXPECT_EQ(failure("smallint", "32768"), "22003");
  EXPECT_EQ(failure("smallint[]", array("32768")), "22003");
  EXPECT_EQ(failure("int", "2147483648"), "22003");
  EXPECT_EQ(failure("bigint", "9223372036854775808"), "22003");
  EXPECT_EQ(failure("float8", "1e400"), "22003");
  EXPECT_EQ(failure("real", "1e39"), "22003");
}

// The client refuses it before it is sent: the server has nothing to report, and a transaction goes
// on.
TEST(Coercion, ANumberThatDoesNotFitIsRefusedByTheClient) {
  const std::pair<const char*, Datum> refused[] = {{"smallint", 32'768},
                                                   {"int", 3'000'000'000},
                                                   {"real", 9'007'199'254'740'993},
                                                   {"real", 1e300}};
  for (const auto& [type, value] : refused) {
    try {
      ADD_FAILURE() << type << " took " << text_as(type, value);
    } catch (const QueryError& error) {
      EXPECT_EQ(error.report(), nullptr) << type;
      EXPECT_THAT(error.what(), testing::HasSubstr("the value is out of range")) << type;
    }
  }
}

TEST(Coercion, WhatTheServerItselfComputesIsReportedByIt) {
  const ValueType small{oid::int2, -1, nullptr, {}};
  EXPECT_EQ(computed(32'767, small), Datum(32'767));
  try {
    ADD_FAILURE() << computed(32'768, small).to_string();
  } catch (const QueryError& error) {
    EXPECT_EQ(error.sqlstate(), Sqlstate("22003"));
    EXPECT_THAT(error.what(), testing::HasSubstr("smallint out of range"));
  }
}

TEST(Coercion, EveryCharacterOfAByteaCounts) {
  EXPECT_EQ(text_as("bytea", " hi "), "\\x20686920");
  EXPECT_EQ(text_as("bytea", "\\x41"), "\\x41");
  EXPECT_EQ(text_as("bytea", "\\101\\\\"), "\\x415c");
  for (const char* const bad : {"  \\x41  ", "a\\", "\\400", "\\12"})
    EXPECT_EQ(failure("bytea", bad), "22P02") << bad;
  EXPECT_EQ(failure("bytea", "\\x4 1"), "MockModeError");
}

TEST(Coercion, NumericRoundsHalfAwayFromZero) {
  EXPECT_EQ(text_as("numeric(5,2)", "2.345"), "2.35");
  EXPECT_EQ(text_as("numeric(5,2)", "-2.345"), "-2.35");
  EXPECT_EQ(text_as("numeric(5,2)", 7), "7.00");
  EXPECT_EQ(text_as("numeric(3)", "99.5"), "100");
  EXPECT_EQ(failure("numeric(2)", "99.5"), "22003");
  EXPECT_EQ(failure("numeric(5,2)", "999.995"), "22003");
  EXPECT_EQ(failure("numeric(5,2)", "Infinity"), "22003");
  EXPECT_EQ(text_as("numeric(2,3)", "0.012"), "0.012");
  EXPECT_EQ(failure("numeric(2,3)", "0.112"), "22003");
}

TEST(Coercion, CharactersAreCountedNotBytes) {
  EXPECT_EQ(text_as("varchar(3)", "äöü"), "äöü");
  EXPECT_EQ(text_as("varchar(3)", "abc  "), "abc");
  EXPECT_EQ(failure("varchar(3)", "abcd"), "22001");
  EXPECT_EQ(text_as("char(3)", "ä"), "ä  ");
}

TEST(Coercion, UuidsAreReadInEveryFormOfTheServer) {
  const std::string canonical = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
  EXPECT_EQ(text_as("uuid", "{A0EEBC99-9C0B4EF8-BB6D6BB9-BD380A11}"), canonical);
  EXPECT_EQ(text_as("uuid", "a0eebc999c0b4ef8bb6d6bb9bd380a11"), canonical);
  for (const char* const bad :
       {"", "{}", "a0eebc99", "{a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "a0e-ebc999c0b4ef8bb6d6bb9bd380a11", "a0eebc999c0b4ef8bb6d6bb9bd380a11-"})
    EXPECT_EQ(failure("uuid", bad), "22P02") << bad;
}

TEST(Coercion, BooleansHaveManyWords) {
  for (const char* const yes : {"t", "TRUE", " yes ", "on", "1"})
    EXPECT_EQ(as("bool", yes), Datum(true)) << yes;
  for (const char* const no : {"f", "fal", "n", "off", "of", "0"})
    EXPECT_EQ(as("bool", no), Datum(false)) << no;
  for (const char* const bad : {"", "o", "2", "truee"}) EXPECT_EQ(failure("bool", bad), "22P02");
}

TEST(Coercion, AMomentIsReadInTheIsoFormAlone) {
  EXPECT_EQ(text_as("timestamp", "2024-02-29T12:00:00.5"), "2024-02-29 12:00:00.5");
  EXPECT_EQ(text_as("timestamptz", "2024-02-29T12:00:00Z"), "2024-02-29 12:00:00+00");
  EXPECT_EQ(text_as("timestamp", "2024-02-29"), "2024-02-29 00:00:00");
  EXPECT_EQ(failure("timestamptz", "2024-02-29 12:00:00"), "MockModeError");
  EXPECT_EQ(failure("date", "29.2.2024"), "MockModeError");
}

TEST(Coercion, JsonbIsNormalisedAndJsonKeptAsItIs) {
  EXPECT_EQ(text_as("jsonb", R"({"bb":1, "a" : [1.50,true,null], "bb":"\u00e4\n"})"),
            R"({"a": [1.50, true, null], "bb": "ä\n"})");
  EXPECT_EQ(text_as("json", R"( {"a" :1, "a":2})"), R"( {"a" :1, "a":2})");
  EXPECT_EQ(failure("jsonb", R"("\u0000")"), "22P05");
  for (const char* const bad :
       {"", "{", "[1,]", "01", "1.", "nul", "\"\t\"", "{a:1}", "1 2", R"("\ud800")", R"("\x")"})
    EXPECT_EQ(failure("jsonb", bad), "22P02") << bad;
}

TEST(Coercion, ArraysAreCoercedElementByElement) {
  EXPECT_EQ(as("int[]", "{1,NULL,3}"), Datum(array(1, nullptr, 3)));
  EXPECT_EQ(as("int[]", array("1", 2)), Datum(array(1, 2)));
  EXPECT_EQ(as("int[]", array(1, *Numeric::parse("2"))), Datum(array(1, 2)));
  EXPECT_EQ(failure("int[]", array("x")), "22P02");
  for (const Datum& other : {Datum(1.5), Datum(true), Datum(3'000'000'000)})
    EXPECT_EQ(failure("int[]", array(other)), failure("int", other)) << other.to_string();
  EXPECT_EQ(failure("int[]", "{1"), "22P02");
  EXPECT_EQ(failure("int[]", array(array(1), array(1, 2))), "22P02");
}

TEST(Coercion, AnArrayOfTextIsReadAsTheServerWritesItAlone) {
  EXPECT_EQ(text_as("text[]", R"({"a b","\"",NULL,"NULL"})"), R"({"a b","\"",NULL,"NULL"})");
  for (const char* const other : {"{a b}", " {a}", "{ a}", R"({a\,b})", "[0:1]={1,2}"})
    EXPECT_EQ(failure("text[]", other), "MockModeError") << other;
}

TEST(Comparing, NanIsEqualToItselfAndGreaterThanInfinity) {
  EXPECT_TRUE(equal(NAN, NAN, nullptr));
  EXPECT_TRUE(compare(NAN, INFINITY, nullptr) > 0);
  EXPECT_TRUE(compare(-0.0, 0.0, nullptr) == 0);
}

TEST(Comparing, ArraysGoByElementsThenLength) {
  EXPECT_TRUE(compare(array(1, 2), array(1, 2, 3), nullptr) < 0);
  EXPECT_TRUE(compare(array(1, nullptr), array(1, 5), nullptr) > 0);
  EXPECT_TRUE(compare(array(2), array(1, 9), nullptr) > 0);
  EXPECT_FALSE(equal(array(array(1, 2)), array(1, 2), nullptr));
  EXPECT_TRUE(equal(array(nullptr), array(nullptr), nullptr));
}

TEST(Comparing, AMonthIsThirtyDaysAndEnumsGoByTheirLabels) {
  EXPECT_TRUE(equal(*Interval::parse("1 mon"), *Interval::parse("30 days"), nullptr));
  const std::vector<std::string> labels = {"low", "high"};
  EXPECT_TRUE(compare("low", "high", &labels) < 0);
}

TEST(JsonValue, ContainmentLooksIntoArraysOnlyAtTheSameDepth) {
  const auto contains = [](const char* whole, const char* part) {
    return json_contains(parse_json(whole, JsonKind::jsonb), parse_json(part, JsonKind::jsonb));
  };
  EXPECT_TRUE(contains(R"({"a":1,"b":[1,2,{"c":3}]})", R"({"b":[{"c":3.0},1]})"));
  EXPECT_TRUE(contains(R"(["foo"])", R"("foo")"));
  EXPECT_FALSE(contains(R"("foo")", R"(["foo"])"));
  EXPECT_FALSE(contains(R"([["foo"]])", R"(["foo"])"));
  EXPECT_TRUE(contains(R"([1,2])", R"([1,1,2])"));
  EXPECT_FALSE(contains(R"([1])", R"({})"));
}

}  // namespace
}  // namespace pgreactor::store_memory
