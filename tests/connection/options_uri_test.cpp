#include "src/connection/options_uri.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "tests/connection/options_fixture.hpp"

namespace pgreactor {
namespace {

using testing::HasSubstr;

struct Case {
  std::string_view uri;
  WrittenOptions expected;
};

TEST(OptionsUri, EveryPartMayBeEmptyOrMissing) {
  const std::vector<Case> cases{
      {"postgresql://", {}},
      {"postgres://", {}},
      {"postgresql:///", {}},
      {"postgresql://?", {}},
      {"postgresql:///?", {}},
      {"postgresql://@", {}},
      {"postgresql://:@", {}},
      {"postgresql://host", {{"host", "host"}}},
      {"postgresql://host/", {{"host", "host"}}},
      {"postgresql://host:", {{"host", "host"}}},
      {"postgresql://:5433", {{"port", "5433"}}},
      {"postgresql:///shop", {{"dbname", "shop"}}},
      {"postgresql://user@", {{"user", "user"}}},
      {"postgresql://user:@host", {{"user", "user"}, {"host", "host"}}},
      {"postgresql://:pw@host", {{"password", "pw"}, {"host", "host"}}},
      {"postgresql://u:p@h:1/d?options=-c",
       {{"user", "u"},
        {"password", "p"},
        {"host", "h"},
        {"port", "1"},
        {"dbname", "d"},
        {"options", "-c"}}},
  };
  for (const auto& [uri, expected] : cases) EXPECT_EQ(written(uri), expected) << uri;
}

TEST(OptionsUri, TheUserPartEndsAtTheFirstAtSignBeforeAnySlash) {
  const std::vector<Case> cases{
      {"postgresql://a@b@c", {{"user", "a"}, {"host", "b@c"}}},
      {"postgresql://u:p?x=1@h/d",
       {{"user", "u"}, {"password", "p?x=1"}, {"host", "h"}, {"dbname", "d"}}},
      {"postgresql://h/d@x", {{"host", "h"}, {"dbname", "d@x"}}},
      {"postgresql://u:a:b@h", {{"user", "u"}, {"password", "a:b"}, {"host", "h"}}},
      {"postgresql://u%40x:p%2f%3A@h", {{"user", "u@x"}, {"password", "p/:"}, {"host", "h"}}},
  };
  for (const auto& [uri, expected] : cases) EXPECT_EQ(written(uri), expected) << uri;
}

TEST(OptionsUri, HostsAndPortsStayAlignedByPosition) {
  const std::vector<Case> cases{
      {"postgresql://a,b", {{"host", "a,b"}, {"port", ","}}},
      {"postgresql://a:1,b:2", {{"host", "a,b"}, {"port", "1,2"}}},
      {"postgresql://a,b:2,c", {{"host", "a,b,c"}, {"port", ",2,"}}},
      {"postgresql://,b", {{"host", ",b"}, {"port", ","}}},
      {"postgresql://[::1]:5433,[fe80::1%25eth0]",
       {{"host", "::1,fe80::1%eth0"}, {"port", "5433,"}}},
      {"postgresql://%2Fvar%2Frun:5433/d",
       {{"host", "/var/run"}, {"port", "5433"}, {"dbname", "d"}}},
      {"postgresql:///d?host=/var/run&port=5",
       {{"dbname", "d"}, {"host", "/var/run"}, {"port", "5"}}},
  };
  for (const auto& [uri, expected] : cases) EXPECT_EQ(written(uri), expected) << uri;
}

TEST(OptionsUri, OnlyPercentAndSpacesAreSpecialWithinAValue) {
  const std::vector<Case> cases{
      {"postgresql://h/a+b", {{"host", "h"}, {"dbname", "a+b"}}},
      {"postgresql://h/a#b", {{"host", "h"}, {"dbname", "a#b"}}},
      {"postgresql://h/%64%6F", {{"host", "h"}, {"dbname", "do"}}},
      {"postgresql://?user=a&user=b", {{"user", "b"}}},
      {"postgresql://x@h?user=b", {{"host", "h"}, {"user", "b"}}},
      {"postgresql://?%75ser=a", {{"user", "a"}}},
      {"postgresql://h?host=", {{"host", ""}}},
      {"postgresql://?user=a&", {{"user", "a"}}},
      {"postgresql://h/d ", {{"host", "h"}, {"dbname", "d"}}},
      {"postgresql://?ssl=true", {{"sslmode", "require"}}},
      {"postgresql://?requiressl=1", {{"sslmode", "require"}}},
      {"postgresql://?requiressl=0", {{"sslmode", "prefer"}}},
      {"postgresql:///?application_name=a@b/c?d:e", {{"application_name", "a@b/c?d:e"}}},
  };
  for (const auto& [uri, expected] : cases) EXPECT_EQ(written(uri), expected) << uri;
}

TEST(OptionsUri, MalformedTextIsRefusedWithAReason) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"postgresql://[::1", "no \"]\" closes the IPv6 address of host number 1"},
      {"postgresql://a,[]", "the IPv6 address of host number 2 is empty"},
      {"postgresql://[::1]x", "after the \"]\" of host number 1"},
      {"postgresql://%", "in the host a \"%\" is not followed"},
      {"postgresql://h/%1", "in the dbname a \"%\" is not followed"},
      {"postgresql://h/%zz", "in the dbname a \"%\" is not followed"},
      {"postgresql://u:%00@h", "%00 is not allowed in the password"},
      {"postgresql://h/a b", "a space in the dbname must be written %20"},
      {"postgresql://?user", "no \"=\" in parameter number 1 of the query"},
      {"postgresql://?user=a&&port=1", "no \"=\" in parameter number 2 of the query"},
      {"postgresql://?user=a=b", "more than one \"=\" in parameter number 1"},
      {"postgresql://?=a", "parameter number 1 is unknown"},
      {"postgresql://?ssl=false", "\"ssl\", is unknown; did you mean \"sslmode\"?"},
      {"mysql://root@h/d", "a URI must start with postgresql:// or postgres://"},
      {"postgresql+asyncpg://h/d?user=x", "a URI must start with postgresql:// or postgres://"},
      {"POSTGRESQL://h", "a URI must start with postgresql:// or postgres://"},
  };
  for (const auto& [uri, reason] : cases)
    EXPECT_THAT(error_of([&] { written(uri); }), HasSubstr(std::string{reason})) << uri;
}

TEST(OptionsUri, AnUnknownKeyIsNamedWithANearOne) {
  EXPECT_THAT(error_of([] { written("postgresql://h?aplication_name=x"); }),
              HasSubstr("parameter number 1, \"aplication_name\", is unknown; did you mean "
                        "\"application_name\"?"));
  EXPECT_THAT(error_of([] { written("postgresql://h?pgbouncer=true"); }),
              testing::EndsWith("parameter number 1, \"pgbouncer\", is unknown"));
}

TEST(OptionsUri, LongTextIsBounded) {
  const std::string long_name(conninfo::max_text, 'x');
  EXPECT_THAT(error_of([&] { written("postgresql://" + long_name); }),
              HasSubstr("longer than 64 KiB"));
  EXPECT_THAT(error_of([&] { written(std::string_view{"host=a\0b", 8}); }),
              HasSubstr("contains a NUL byte"));
}

}  // namespace
}  // namespace pgreactor
