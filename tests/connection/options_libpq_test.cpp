// Built only where libpq is found. It is the witness here: what it accepts and reads, we do too.
#include <gmock/gmock.h>
#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/connection/options_fixture.hpp"

namespace pgreactor {
namespace {

/// What libpq reads from the text; nullopt when it refuses it.
std::optional<WrittenOptions> libpq_reads(const std::string& text) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{
      PQconninfoParse(text.c_str(), &message), &PQconninfoFree};
  const std::unique_ptr<char, decltype(&PQfreemem)> owned_message{message, &PQfreemem};
  if (options == nullptr) return std::nullopt;
  WrittenOptions result;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr) result.emplace(option->keyword, option->val);
  return result;
}

std::optional<WrittenOptions> we_read(const std::string& text) {
  try {
    return written(text);
  } catch (const ConfigurationError&) {
    return std::nullopt;
  }
}

void expect_agreement(const std::string& text) {
  EXPECT_EQ(we_read(text), libpq_reads(text)) << '"' << text << '"';
}

/// Strings from small grammars: mostly well formed, so that the interesting parts are reached.
/// Raw spaces are left out of URIs, since libpq 15 and 17 differ there.
class Grammar {
 public:
  explicit Grammar(std::uint32_t seed) : random_(seed) {}

  std::string uri() {
    std::string text = pick({"postgresql://", "postgres://"});
    if (chance(60)) text += piece() + (chance(60) ? ":" + piece() : "") + "@";
    for (int hosts = number(3); hosts >= 0; --hosts) {
      text += pick({"", "h", "[::1]", "[fe80::1%25e]", "%2Ftmp", "a.b-c", "[", "[]", "[x]y", "%4"});
      if (chance(40)) text += ":" + pick({"", "1", "5432", "x", "%31", "1:2"});
      if (hosts > 0) text += ",";
    }
    if (chance(60)) text += "/" + piece();
    if (chance(60)) text += "?" + query();
    return text;
  }

  std::string key_value() {
    std::string text;
    for (int parameters = number(4); parameters > 0; --parameters) {
      text += pick({"", " ", "\t", "\n "}) + keyword() + pick({"", " ", "  "});
      text += pick({"=", "=", "=", "=", ""}) + pick({"", " ", "\v"});
      text +=
          pick({"a", "''", "'b c'", R"('it\'s')", R"(a\ b)", R"(\\)", "'", R"(x\)", "a'b", "="});
      text += pick({"", " ", "\r", "\f"});
    }
    return text;
  }

 private:
  std::string query() {
    std::string text;
    for (int parameters = number(3); parameters >= 0; --parameters) {
      text += keyword() + pick({"=", "=", "=", "=", "", "=="}) + piece();
      text += pick({"&", "&", "", "&&"});
    }
    return text;
  }
  std::string keyword() {
    return pick({"user", "host", "port", "dbname", "password", "sslmode", "options", "%75ser",
                 "application_name", "requiressl", "ssl", "keepalives_count", "nothing", ""});
  }
  std::string piece() {
    std::string text;
    for (int length = number(4); length > 0; --length)
      text += pick({"a", "Z", "0", "+", "#",    "%20", "%41", "%c3%A9", "%00", "%", "%g0",     ":",
                    "@", "/", "?", "&", "true", "'",   "\\",  "[",      "]",   ",", "\xc3\xa9"});
    return text;
  }
  std::string pick(const std::vector<std::string>& choices) {
    return choices[static_cast<std::size_t>(number(static_cast<int>(choices.size())))];
  }
  int number(int below) { return std::uniform_int_distribution<int>{0, below - 1}(random_); }
  bool chance(int percent) { return number(100) < percent; }

  std::mt19937 random_;
};

TEST(OptionsAgainstLibpq, GeneratedUris) {
  Grammar grammar{1};
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto text = grammar.uri();
    expect_agreement(text);
    if (HasFailure()) return;
    accepted += libpq_reads(text).has_value() ? 1 : 0;
  }
  EXPECT_GT(accepted, 2000) << "the grammar should not only make mistakes";
}

TEST(OptionsAgainstLibpq, GeneratedKeyValues) {
  Grammar grammar{2};
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto text = grammar.key_value();
    expect_agreement(text);
    if (HasFailure()) return;
    accepted += libpq_reads(text).has_value() ? 1 : 0;
  }
  EXPECT_GT(accepted, 2000) << "the grammar should not only make mistakes";
}

constexpr const char* corners[] = {"",
                                   " ",
                                   "=",
                                   "a",
                                   "'",
                                   "user",
                                   "user=",
                                   "user =a",
                                   "user= a",
                                   "user=\\",
                                   "user='\\",
                                   "user='",
                                   "user='a'b=c",
                                   "user='a'host=c",
                                   "user=a user=b",
                                   "user=a\vport=1",
                                   "USER=a",
                                   "user==a",
                                   "dbname=postgresql://x",
                                   "dbname='host=a'",
                                   "requiressl=",
                                   "requiressl=1",
                                   "requiressl=x",
                                   "postgresql:",
                                   "postgresql:/",
                                   "postgresql://",
                                   "postgresql:///",
                                   "postgresql:////",
                                   "postgres://",
                                   "Postgres://",
                                   "postgresql://@",
                                   "postgresql://@@",
                                   "postgresql://:@",
                                   "postgresql://:@/",
                                   "postgresql://a:b:c@d:e:f",
                                   "postgresql://a@b/c@d",
                                   "postgresql://a/b@c",
                                   "postgresql://a?b@c",
                                   "postgresql://a?user=b@c",
                                   "postgresql://a:b/c:d@e",
                                   "postgresql://,",
                                   "postgresql://,,,",
                                   "postgresql://:,:",
                                   "postgresql://:1,:2",
                                   "postgresql://a:1,b",
                                   "postgresql://a,b:1",
                                   "postgresql://[::1]",
                                   "postgresql://[::1]:",
                                   "postgresql://[::1]:1",
                                   "postgresql://[::1],[::2]:2",
                                   "postgresql://[::1]/d",
                                   "postgresql://[::1]?user=a",
                                   "postgresql://[::1]@",
                                   "postgresql://[",
                                   "postgresql://[]",
                                   "postgresql://[]]",
                                   "postgresql://[[]",
                                   "postgresql://u@[::1]x",
                                   "postgresql://u:[p]@h",
                                   "postgresql://%2Fvar%2Frun",
                                   "postgresql://%2fvar:1/d",
                                   "postgresql:///d?host=/var",
                                   "postgresql:///?host=/var&host=",
                                   "postgresql://h%00",
                                   "postgresql://h%",
                                   "postgresql://h%4",
                                   "postgresql://h%4g",
                                   "postgresql://h%41",
                                   "postgresql://h%2Cb",
                                   "postgresql://h:%2C",
                                   "postgresql://h/%",
                                   "postgresql://h/+",
                                   "postgresql://h/#frag",
                                   "postgresql://h/d#?user=a",
                                   "postgresql://h/d//e",
                                   "postgresql://h//",
                                   "postgresql://h/?",
                                   "postgresql://h/??",
                                   "postgresql://h/?&",
                                   "postgresql://h/?=",
                                   "postgresql://h/?a",
                                   "postgresql://h/?a=b",
                                   "postgresql://h/?user",
                                   "postgresql://h/?user=",
                                   "postgresql://h/?user=&",
                                   "postgresql://h/?user=a&&",
                                   "postgresql://h/?user=a=b",
                                   "postgresql://h/?user=a&user=b",
                                   "postgresql://h/?user=%",
                                   "postgresql://h/?%=a",
                                   "postgresql://h/?%75%73%65%72=a",
                                   "postgresql://h/?user%3Da",
                                   "postgresql://h/?user=a%26port",
                                   "postgresql://h/?ssl=true",
                                   "postgresql://h/?ssl=TRUE",
                                   "postgresql://h/?ssl=false",
                                   "postgresql://h/?ssl=true&sslmode=disable",
                                   "postgresql://h/?s%73l=tru%65",
                                   "postgresql://h/?requiressl=1",
                                   "postgresql://h?user=a/b?c",
                                   "postgresql://h?user=a#b"};

TEST(OptionsAgainstLibpq, Corners) {
  for (const auto* text : corners) expect_agreement(text);
}

TEST(OptionsAgainstLibpq, EveryKeywordAndVariableOfTheInstalledLibpqIsKnown) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{PQconndefaults(),
                                                                             &PQconninfoFree};
  ASSERT_NE(options, nullptr);
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    const auto* keyword = conninfo::find_keyword(option->keyword);
    ASSERT_NE(keyword, nullptr) << option->keyword;
    EXPECT_EQ(keyword->variable, option->envvar == nullptr ? "" : option->envvar);
  }
}

}  // namespace
}  // namespace pgreactor
