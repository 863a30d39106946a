#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/error.hpp>
#include <pgreactor/record.hpp>
#include <sstream>
#include <string>

struct User {
  int id = 0;
  std::string name;
  std::optional<double> score;
};
template <>
inline constexpr auto pgreactor::mapping<User> =
    pgreactor::members(pgreactor::member("id", &User::id), pgreactor::member("name", &User::name),
                       pgreactor::member("score", &User::score));

namespace pgreactor {
namespace {

using testing::HasSubstr;

template <class F>
std::string refusal_of(const F& act) {
  try {
    act();
  } catch (const QueryError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Record, KeepsNamesAndValuesInOrder) {
  const Record user = record("name", "Jane", "age", 31, "email", nullptr);
  EXPECT_EQ(user.size(), 3u);
  EXPECT_EQ(user.name(1), "age");
  EXPECT_EQ(user.get<int>("age"), 31);
  EXPECT_TRUE(user["email"].is_null());
  EXPECT_EQ(user.find("Name"), nullptr);
  std::string names;
  for (const auto entry : user) names += entry.name() + " ";
  EXPECT_EQ(names, "name age email ");
}

TEST(Record, AMissingFieldIsNamedWithThoseThereAre) {
  const Record user = record("name", "Jane", "age", 31);
  EXPECT_THAT(refusal_of([&] { (void)user["mail"]; }), HasSubstr("'mail'"));
  EXPECT_THAT(refusal_of([&] { (void)user["mail"]; }), HasSubstr("name, age"));
  EXPECT_THAT(refusal_of([&] { (void)user.value(2); }), HasSubstr("column 2"));
}

TEST(Record, ANameStandsOnce) {
  EXPECT_THAT(refusal_of([] { (void)record("a", 1, "b", 2, "a", 3); }), HasSubstr("'a' twice"));
  std::vector<std::string> many;
  for (int i = 0; i < 40; ++i) many.push_back("c" + std::to_string(i));
  many.push_back("c7");
  EXPECT_THAT(refusal_of([&] { (void)detail::shape_named(many); }), HasSubstr("'c7' twice"));
}

TEST(Record, SetAndEraseChangeThisRecordAlone) {
  const Record user = record("name", "Jane");
  Record other = user;
  other.set("name", "Joe").set("age", 5);
  EXPECT_EQ(user.to_json(), R"({"name":"Jane"})");
  EXPECT_EQ(other.to_json(), R"({"name":"Joe","age":5})");
  EXPECT_EQ(other.erase("name").erase("none"), record("age", 5));
}

TEST(Record, BecomesAStructAndComesFromOne) {
  const User user = record("score", nullptr, "id", 7, "name", "Jane").as<User>();
  EXPECT_EQ(user.id, 7);
  EXPECT_EQ(user.name, "Jane");
  EXPECT_EQ(user.score, std::nullopt);
  EXPECT_EQ(record_of(user), record("id", 7, "name", "Jane", "score", nullptr));
  EXPECT_THROW((void)record("id", 7).as<User>(), ColumnMatchError);
}

TEST(Record, PrintsAsJson) {
  std::ostringstream out;
  out << record("name", "Jane", "tags", array("a", "b"));
  EXPECT_EQ(out.str(), R"({"name":"Jane","tags":["a","b"]})");
}

TEST(Record, ReturnsThroughJson) {
  for (const std::string text :
       {R"({})", R"({"a":1,"b":-2.5,"c":"x\ny","d":null,"e":true,"f":[1,[2]],"g":{"h":[{}]}})",
        R"({"n":9223372036854775807})"})
    EXPECT_EQ(Record::from_json(text).to_json(), text);
}

TEST(Record, JsonNumbersKeepTheirDigits) {
  const Record record = Record::from_json(
      R"({"huge":123456789012345678901234567890,"exact":0.1234567890123456789,"plain":0.1})");
  EXPECT_EQ(record["huge"].to_string(), "123456789012345678901234567890");
  EXPECT_EQ(record["exact"].to_string(), "0.1234567890123456789");
  EXPECT_EQ(record["plain"].kind(), Datum::Kind::floating);
}

TEST(Record, WhatIsNoJsonObjectIsRefused) {
  for (const std::string text : {"",
                                 " ",
                                 "[1]",
                                 "7",
                                 "null",
                                 "{",
                                 "{\"a\":}",
                                 "{\"a\":1} x",
                                 "{\"a\":01}",
                                 "{\"a\":+1}",
                                 "{\"a\":1.}",
                                 "{\"a\":nul}",
                                 "{\"a\":{\"b\":01}}",
                                 "{\"a\":{\"b\" 1}}",
                                 "{\"a\":[1,]}",
                                 "{\"a\":\"\xff\"}",
                                 "{\"a\":\"\\ud800\"}",
                                 "{\"a\":1e999999}",
                                 "{\"a\":1,\"a\":2}",
                                 "{\"a\":truex}"})
    EXPECT_NE(refusal_of([&] { (void)Record::from_json(text); }), "no error") << text;
}

TEST(Record, DeeplyNestedJsonIsRefusedAndNotFollowed) {
  const std::string arrays =
      "{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_THAT(refusal_of([&] { (void)Record::from_json(arrays); }), HasSubstr("nested"));
  std::string objects = "1";
  for (int i = 0; i < 5000; ++i) objects = "{\"a\":" + objects + "}";
  EXPECT_THAT(refusal_of([&] { (void)Record::from_json(objects); }), HasSubstr("nested"));
}

}  // namespace
}  // namespace pgreactor
