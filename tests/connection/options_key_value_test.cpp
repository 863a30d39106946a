#include "src/connection/options_key_value.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "tests/connection/options_fixture.hpp"

namespace pgreactor {
namespace {

using testing::HasSubstr;

struct Case {
  std::string_view text;
  WrittenOptions expected;
};

TEST(OptionsKeyValue, WhiteSpaceSeparatesAndMayStandAroundTheEqualsSign) {
  const std::vector<Case> cases{
      {"", {}},
      {" \t\n\v\f\r ", {}},
      {"user=a", {{"user", "a"}}},
      {"  user  =  a  ", {{"user", "a"}}},
      {"user=a port=1", {{"user", "a"}, {"port", "1"}}},
      {"user=a\nport\t=\r1", {{"user", "a"}, {"port", "1"}}},
      {"user=a user=b", {{"user", "b"}}},
      {"user=a=b", {{"user", "a=b"}}},
      {"user=", {{"user", ""}}},
      {"user= port=1", {{"user", "port=1"}}},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(written(text), expected) << text;
}

TEST(OptionsKeyValue, ABackslashMakesTheNextByteData) {
  const std::vector<Case> cases{
      {R"(user='a b')", {{"user", "a b"}}},
      {R"(user='')", {{"user", ""}}},
      {R"(user='it\'s')", {{"user", "it's"}}},
      {R"(user='a\\b')", {{"user", R"(a\b)"}}},
      {R"(user='a\nb')", {{"user", "anb"}}},
      {R"(user=a\ b port=1)", {{"user", "a b"}, {"port", "1"}}},
      {R"(user=a\'b)", {{"user", "a'b"}}},
      {R"(user=a'b)", {{"user", "a'b"}}},
      {R"(user=a\)", {{"user", "a"}}},
      {R"(user='a'port=1)", {{"user", "a"}, {"port", "1"}}},
      {"user='a\nb'", {{"user", "a\nb"}}},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(written(text), expected) << text;
}

TEST(OptionsKeyValue, MalformedTextIsRefusedWithAReason) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"user", "no \"=\" after the name of parameter number 1"},
      {"user=a port", "no \"=\" after the name of parameter number 2"},
      {"user a=b", "no \"=\" after the name of parameter number 1"},
      {"user='a", "no quote ends the value of parameter number 1"},
      {R"(user='a\')", "no quote ends the value of parameter number 1"},
      {R"(user='a\)", "no quote ends the value of parameter number 1"},
      {"=a", "parameter number 1 is unknown"},
      {"port=1 usr=a", "parameter number 2, \"usr\", is unknown"},
      {"hots=a", "\"hots\", is unknown; did you mean \"host\"?"},
      {"database=a", "\"database\", is unknown; did you mean \"dbname\"?"},
      {"USER=a", "parameter number 1 is unknown"},
  };
  for (const auto& [text, reason] : cases)
    EXPECT_THAT(error_of([&] { written(text); }), HasSubstr(std::string{reason})) << text;
}

TEST(OptionsKeyValue, WhatFollowsAnUnquotedPasswordIsNotShown) {
  EXPECT_THAT(error_of([] { written("password=correct horse=battery"); }),
              testing::EndsWith("parameter number 2 is unknown; if it belongs to a password, "
                                "quote or percent-encode that"));
  EXPECT_THAT(error_of([] { written("password=correct horse"); }),
              HasSubstr("a password with spaces must be quoted"));
  EXPECT_THAT(error_of([] { written("password='correct' horse=battery"); }),
              HasSubstr("\"horse\""));
}

}  // namespace
}  // namespace pgreactor
