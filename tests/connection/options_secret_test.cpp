#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/connection/options_fixture.hpp"

namespace pgreactor {
namespace {

constexpr std::string_view canary = "S3CR3T";

/// Connection strings that go wrong, each with the password in another wrong place.
std::vector<std::string> malformed() {
  const std::string secret{canary};
  std::vector<std::string> texts;

  // Everything that a user may forget to encode, in front of, within and behind the password.
  for (const char* tail : {"@h/d?x=1", "@h:0/d", "@[h/d", "@h/%zz", "@h?port=x", "@h/d?sslmode=no"})
    for (const char* odd :
         {"", "@", "/", "?", "#", "%", "%0", "%00", "[", "]", ",", "&", "=", ":"}) {
      texts.push_back("postgresql://u:" + (odd + secret) + tail);
      texts.push_back("postgresql://u:" + (secret + odd) + tail);
      texts.push_back("postgresql://u:S3" + (odd + secret) + odd + tail);
    }
  // As another part, or as the value or name of any parameter.
  for (const char* frame : {"postgresql://u:$",
                            "postgresql://h:$",
                            "postgresql://h:$/d",
                            "postgresql://[$",
                            "postgresql://[$]$",
                            "postgresql://h?$",
                            "postgresql://h?$=$",
                            "postgresql://h?a=$",
                            "postgresql://h?user=a=$",
                            "mysql://u:$@h",
                            "$://u:$@h",
                            "$",
                            "= $",
                            "$ = $",
                            "'$'",
                            "password=$ $",
                            "password=$ $=$",
                            "password='$",
                            "password='$' $",
                            "password=$'$ x=$ y",
                            "password = $ user",
                            "pasword=$",
                            "pass=$",
                            "password=\\$ '$'=$ '",
                            "user=$ x=$",
                            "host=a,b port=$",
                            "port=$,$",
                            "hostaddr=$",
                            "hostaddr=$,$ host=$"})
    texts.push_back([&] {
      std::string text{frame};
      for (auto at = text.find('$'); at != text.npos; at = text.find('$', at + secret.size()))
        text.replace(at, 1, secret);
      return text;
    }());
  for (const auto& keyword : conninfo::all_keywords()) {
    const std::string name{keyword.name};
    texts.push_back(name + "=" + secret + " port=0");
    texts.push_back("password=" + secret + " " + name + "=," + secret + " sslmode=x");
    texts.push_back("postgresql://u:" + secret + "@h?" + name + "=" + secret + "%");
  }
  return texts;
}

// Requirement: A17
TEST(OptionsSecret, NoErrorRepeatsAPassword) {
  const auto texts = malformed();
  ASSERT_GE(texts.size(), 300u);
  std::size_t refused = 0;
  for (const auto& text : texts) {
    const auto message = parse_error(text);
    if (message != "no error") ++refused;
    EXPECT_THAT(message, testing::Not(testing::HasSubstr(std::string{canary}))) << text;

    const FakeEnvironment environment{{{"DATABASE_URL", text}}};
    EXPECT_THAT(
        error_of([&] { static_cast<void>(ConnectionOptions::from_environment(environment)); }),
        testing::Not(testing::HasSubstr(std::string{canary})))
        << text;
  }
  EXPECT_GE(refused, 300u);
}

// Requirement: A17
TEST(OptionsSecret, NoErrorRepeatsTheValueOfAVariable) {
  for (const auto& keyword : conninfo::all_keywords()) {
    if (keyword.variable.empty()) continue;
    const FakeEnvironment environment{
        {{std::string{keyword.variable}, std::string{canary}}, {"PGSSLMODE", "no"}}};
    const auto message = parse_error("host=h", environment);
    EXPECT_THAT(message, testing::StartsWith("connection options: ")) << keyword.variable;
    EXPECT_THAT(message, testing::Not(testing::HasSubstr(std::string{canary})));
  }
}

// Requirement: A17
TEST(OptionsSecret, ADescriptionHasNoPassword) {
  for (const auto* text : {"postgresql://u:S3CR3T@h/d", "password=S3CR3T host=h",
                           "postgresql://u@h?password=S3CR3T", "postgresql://u:12/S3CR3T@h/d"})
    EXPECT_THAT(ConnectionOptions::parse(text, FakeEnvironment{}).describe(),
                testing::Not(testing::HasSubstr(std::string{canary})))
        << text;
}

}  // namespace
}  // namespace pgreactor
