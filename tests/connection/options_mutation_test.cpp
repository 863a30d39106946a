#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/connection/options_fixture.hpp"

// B24: whatever is written, it is read or refused by name.
namespace pgreactor {
namespace {

const std::vector<std::string> good{
    "postgresql://user:pa%20ss@host1:5432,[::1]:5433/shop?application_name=a%2Fb&sslmode=require",
    "postgres://%2Fvar%2Frun%2Fpostgresql:6000/shop?connect_timeout=250ms&keepalives_idle=3",
    "postgresql:///d?host=/tmp,/srv&port=1,2&target_session_attrs=any&load_balance_hosts=random",
    "host=a,b hostaddr=10.0.0.1,::1 port=1,2 user='it\\'s' dbname=shop password=a\\ b",
    "host=@abstract connect_timeout=2min tcp_user_timeout=1500 pool_acquire_timeout=3",
    "require_auth=!md5,!password channel_binding=require sslmode=verify-full sslrootcert=system",
    "sslmode=require sslnegotiation=direct sslcertmode=require sslcert=c sslkey=k sslcrldir=d",
    "ssl_min_protocol_version=TLSv1.2 ssl_max_protocol_version=TLSv1.3 sslsni=0 sslpassword='x'",
    "pool_min_conns=1 pool_max_conns=9 busy_poll=50 statement_cache_capacity=1 passfile=/nowhere",
    "scram_client_key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= "
    "scram_server_key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= requirepeer=postgres",
    "gssencmode=disable replication=false options='-c geqo=off' client_encoding=UTF8",
};

class Mutator {
 public:
  std::string next() {
    std::string text = pick(good);
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(text);
    return text;
  }

 private:
  void change(std::string& text) {
    constexpr std::string_view odd = "%@/?&=,:[]'\\ \t\n#+-0\x7f\xff";
    const std::size_t at = below(text.size() + 1);
    const std::size_t count = std::min(below(12), text.size() - at);
    switch (below(8)) {
      case 0:
        text.insert(at, 1, odd[below(odd.size())]);
        return;
      case 1:
        text.insert(at, 1, static_cast<char>(below(256)));
        return;
      case 2:
        text.erase(at, count);
        return;
      case 3:
        text.resize(at);
        return;
      case 4:
        text.insert(below(text.size() + 1), text.substr(at, count));
        return;
      case 5:
        text.insert(at, pick(good).substr(below(20)));
        return;
      case 6:
        text.insert(at, pick({"99999999999999999999", "-1", "%00", "%zz", "''", "::", "://", "é"}));
        return;
      default:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
    }
  }
  const std::string& pick(const std::vector<std::string>& list) { return list[below(list.size())]; }
  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>{0, count - 1}(random_);
  }

  std::mt19937 random_{1};
};

TEST(OptionsMutation, EveryTextIsReadOrRefusedByName) {
  const FakeEnvironment environment;
  for (const std::string& text : good) EXPECT_EQ(parse_error(text), "no error") << text;
  Mutator mutator;
  int refused = 0, named = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string text = mutator.next();
    try {
      const auto options = ConnectionOptions::parse(text, environment);
      options.check();
      EXPECT_EQ(options.describe().find('\n'), std::string::npos) << text;
    } catch (const ConfigurationError& error) {
      ++refused;
      const std::string message = error.what();
      const std::string parameter{error.parameter()};
      EXPECT_EQ(error.outcome(), Outcome::not_sent);
      if (parameter.empty()) {
        EXPECT_THAT(message, testing::StartsWith("connection options: the connection string: "));
      } else {
        ++named;
        EXPECT_NE(conninfo::find_keyword(parameter), nullptr) << parameter;
        EXPECT_THAT(message, testing::StartsWith("connection options: " + parameter));
      }
    }
    if (HasFailure()) {
      ADD_FAILURE() << text;
      return;
    }
  }
  EXPECT_GT(refused, 5000);
  EXPECT_GT(named, 2000);
  EXPECT_LT(refused, 19000) << "not only mistakes";
}

}  // namespace
}  // namespace pgreactor
