#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <functional>
#include <type_traits>
#include <vector>

#include "tests/connection/options_fixture.hpp"

namespace pgreactor {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

ConnectionOptions parsed(std::string_view text) {
  return ConnectionOptions::parse(text, FakeEnvironment{});
}

std::string servers_of(std::string_view text) {
  std::string list;
  for (const auto& server : parsed(text).servers)
    list += server.host + "|" + server.hostaddr + "|" + std::to_string(server.port) + " ";
  return list;
}

TEST(OptionsResolve, TheTypeMayBePassedToAwaitables) {
  EXPECT_FALSE(std::is_aggregate_v<ConnectionOptions>);
  EXPECT_FALSE(std::is_aggregate_v<ServerAddress>);
  EXPECT_TRUE(std::is_copy_constructible_v<ConnectionOptions>);
  EXPECT_TRUE(std::is_nothrow_copy_constructible_v<ConfigurationError>);
}

TEST(OptionsResolve, ListsAreAlignedByPosition) {
  EXPECT_EQ(servers_of("host=a"), "a||5432 ");
  EXPECT_EQ(servers_of("host=a,b port=6000"), "a||6000 b||6000 ");
  EXPECT_EQ(servers_of("host=a,b port=,6000"), "a||5432 b||6000 ");
  EXPECT_EQ(servers_of("host=a,,c"), "a||5432 localhost||5432 c||5432 ");
  EXPECT_EQ(servers_of("hostaddr=::1,10.0.0.1"), "|::1|5432 |10.0.0.1|5432 ");
  EXPECT_EQ(servers_of("host=a,b hostaddr=,10.0.0.1"), "a||5432 b|10.0.0.1|5432 ");
  EXPECT_EQ(servers_of("postgresql://[::1]:5433,b"), "::1||5433 b||5432 ");
  EXPECT_EQ(servers_of("postgresql://a%2Cb"), "a||5432 b||5432 ");
}

TEST(OptionsResolve, ListsThatDoNotMatchAreRefused) {
  EXPECT_THAT(parse_error("host=a,b port=1,2,3"), HasSubstr("3 ports do not match 2 hosts"));
  EXPECT_THAT(parse_error("host=a port=1,2"), HasSubstr("2 ports do not match 1 hosts"));
  EXPECT_THAT(parse_error("host=a,b hostaddr=::1"), HasSubstr("1 addresses do not match 2 hosts"));
  EXPECT_THAT(parse_error("host=" + std::string(64, ',')), HasSubstr("more than 64 servers"));
  EXPECT_THAT(parse_error("hostaddr=db.example.com"), HasSubstr("must be a numeric IPv4 or IPv6"));
}

TEST(OptionsResolve, APortIsAnIntegerInRange) {
  for (const auto* port : {"0", "65536", "-1", "5432x", "0x10", "1.5", "99999999999999999999"})
    EXPECT_THAT(parse_error("host=h port=" + std::string{port}),
                HasSubstr("port (from the connection string): must be an integer"))
        << port;
  EXPECT_EQ(parsed("host=h port=' 65535 '").servers[0].port, 65535);
}

TEST(OptionsResolve, AHostThatCannotBeOneIsRefusedBeforeItIsLookedUp) {
  EXPECT_THAT(parse_error("postgresql://u:pa@ss@host/d"),
              HasSubstr("host (from the connection string): contains \"@\"; in a user name or "
                        "password it is written %40"));
  EXPECT_THAT(parse_error("host='a\nb'"), HasSubstr("contains a control character"));
  EXPECT_THAT(parse_error("host=/" + std::string(200, 'x')), HasSubstr("limit of 107 bytes"));
  EXPECT_TRUE(parsed("host=@abstract").servers[0].is_unix_socket());
  EXPECT_THAT(parse_error("host=.example.com hostaddr=10.0.0.5"), HasSubstr("begins with a dot"));
}

TEST(OptionsResolve, AServerDescribesItself) {
  EXPECT_EQ(parsed("postgresql://db").servers[0].describe(), "db:5432");
  EXPECT_EQ(parsed("postgresql://[::1]:5433").servers[0].describe(), "[::1]:5433");
  EXPECT_EQ(parsed("hostaddr=10.0.0.1").servers[0].describe(), "10.0.0.1:5432");
  EXPECT_EQ(parsed("host=/run port=7").servers[0].describe(), "/run/.s.PGSQL.7");
  EXPECT_FALSE(parsed("host=/run hostaddr=::1").servers[0].is_unix_socket());
}

TEST(OptionsResolve, TimesAreReadInLibpqsUnitsOrTheirOwn) {
  EXPECT_EQ(parsed("host=h").connect_timeout, 5s);
  EXPECT_EQ(parsed("connect_timeout=1").connect_timeout, 1s);
  EXPECT_EQ(parsed("connect_timeout=0").connect_timeout, 0s) << "forever";
  EXPECT_EQ(parsed("connect_timeout=-1").connect_timeout, 0s);
  EXPECT_EQ(parsed("connect_timeout=250ms").connect_timeout, 250ms);
  EXPECT_EQ(parsed("connect_timeout=2min").connect_timeout, 2min);
  EXPECT_EQ(parsed("tcp_user_timeout=1500").tcp_user_timeout, 1500ms);
  for (const auto* wrong : {"''", "x", "1x", "ms", "1.5", "'5 s'", "--1", "9223372036854775807"})
    EXPECT_THAT(parse_error("connect_timeout=" + std::string{wrong}), HasSubstr("connect_timeout"))
        << wrong;
}

// Requirement: P17
TEST(OptionsResolve, ADeadPeerIsFoundBeforeAWaitForAConnectionEnds) {
  EXPECT_EQ(parsed("host=h").tcp_user_timeout, 4s);
  EXPECT_EQ(parsed("pool_acquire_timeout=2").tcp_user_timeout, 1s);
  EXPECT_EQ(parsed("pool_acquire_timeout=2").pool_acquire_timeout, 2s);
  EXPECT_EQ(parsed("tcp_user_timeout=30000").pool_acquire_timeout, 31s);
  EXPECT_EQ(parsed("").pool_max_lifetime, 30min);
  EXPECT_EQ(parsed("pool_max_lifetime=2min").pool_max_lifetime, 2min);
  EXPECT_EQ(parsed("").pool_idle_timeout, 10min);
  EXPECT_EQ(parsed("pool_idle_timeout=0").pool_idle_timeout, 0s) << "never";
  EXPECT_THAT(parse_error("pool_idle_timeout=8761h"), HasSubstr("pool_idle_timeout"));
  EXPECT_EQ(parsed("pool_sharing_time=0").pool_sharing_time, 0us);
  EXPECT_EQ(parsed("").pool_sharing_time, 1ms);
  EXPECT_THAT(parse_error("pool_sharing_time=10000001"), HasSubstr("pool_sharing_time"));
  EXPECT_EQ(parsed("busy_poll=50").busy_poll, 50us);
  EXPECT_EQ(parsed("").busy_poll, 0us);
  EXPECT_THAT(parse_error("busy_poll=10001"), HasSubstr("busy_poll"));
  EXPECT_EQ(parsed("tcp_user_timeout=0").tcp_user_timeout, 0s) << "the system's value";
  EXPECT_THAT(parse_error("tcp_user_timeout=3000 pool_acquire_timeout=3"),
              HasSubstr("must be longer than tcp_user_timeout"));
  EXPECT_THAT(parse_error("pool_acquire_timeout=0"), HasSubstr("must be from 10 milliseconds"));
  ConnectionOptions for_ever = parsed("");
  for_ever.connect_timeout = std::chrono::milliseconds::max();
  EXPECT_THAT(error_of([&] { for_ever.check(); }), HasSubstr("connect_timeout"));
  for_ever = parsed("");
  for_ever.pool_acquire_timeout = std::chrono::milliseconds::max();
  EXPECT_THAT(error_of([&] { for_ever.check(); }), HasSubstr("pool_acquire_timeout"));
}

TEST(OptionsResolve, AResultHasALimit) {
  EXPECT_EQ(parsed("").max_result_bytes, 268'435'456u);
  EXPECT_EQ(parsed("max_result_bytes=0").max_result_bytes, 0u) << "none";
  EXPECT_THAT(parse_error("max_result_bytes=-1"), HasSubstr("max_result_bytes"));
}

// Requirement: A7, A8
TEST(OptionsResolve, TheIterationsOfScramAreBounded) {
  EXPECT_EQ(parsed("").min_scram_iterations, 4096u);
  EXPECT_EQ(parsed("").max_scram_iterations, 100'000u);
  EXPECT_EQ(parsed("max_scram_iterations=600000").max_scram_iterations, 600'000u);
  EXPECT_EQ(parsed("min_scram_iterations=200000").max_scram_iterations, 200'000u);
  EXPECT_EQ(parsed("min_scram_iterations=1").min_scram_iterations, 1u);
  EXPECT_THAT(parse_error("min_scram_iterations=0"), HasSubstr("min_scram_iterations"));
  EXPECT_THAT(parse_error("max_scram_iterations=10000001"), HasSubstr("max_scram_iterations"));
  EXPECT_THAT(parse_error("max_scram_iterations=4095"),
              HasSubstr("min_scram_iterations: must not be above"));
}

TEST(OptionsResolve, ASessionSettingIsNothingElse) {
  for (const char* name : {"user", "database", "replication", "options", "_pq_.test"}) {
    ConnectionOptions options = parsed("");
    options.session_settings.emplace_back(name, "x");
    EXPECT_THAT(error_of([&] { options.check(); }), HasSubstr("a session setting is named"));
  }
}

TEST(OptionsResolve, KeepAliveFollowsLibpq) {
  EXPECT_EQ(parsed("host=h").keepalive, KeepAlive{});
  EXPECT_FALSE(parsed("keepalives=0").keepalive.enabled);
  EXPECT_EQ(
      parsed("keepalives=1 keepalives_idle=60 keepalives_interval=7 keepalives_count=2").keepalive,
      (KeepAlive{true, 60s, 7s, 2}));
  EXPECT_EQ(parsed("keepalives_idle=-5").keepalive.idle, 0s);
  EXPECT_THAT(parse_error("keepalives_idle=40000"), HasSubstr("from 0 to 32767 seconds"));
  EXPECT_THAT(parse_error("keepalives_count=128"), HasSubstr("from 0 to 127"));
  EXPECT_THAT(parse_error("keepalives=yes"), HasSubstr("keepalives (from the connection string)"));
}

// Checklist: C69, C70
TEST(OptionsResolve, PoolSizesAreCheckedTogether) {
  const auto defaults = parsed("host=h");
  EXPECT_EQ(defaults.pool_min_conns, 5u);
  EXPECT_EQ(defaults.pool_max_conns, 20u);
  EXPECT_EQ(defaults.statement_cache_capacity, 256u);
  EXPECT_EQ(parsed("pool_max_conns=2").pool_min_conns, 2u);
  EXPECT_EQ(parsed("pool_min_conns=30").pool_max_conns, 30u);
  EXPECT_EQ(parsed("postgresql://h?statement_cache_capacity=0").statement_cache_capacity, 0u);
  EXPECT_THAT(parse_error("pool_min_conns=3 pool_max_conns=2"), HasSubstr("pool_min_conns"));
  EXPECT_THAT(parse_error("pool_max_conns=0"), HasSubstr("must be from 1 to 10000"));
  EXPECT_THAT(parse_error("pool_max_conns=10001"), HasSubstr("integer from 0 to 10000"));
  EXPECT_THAT(parse_error("statement_cache_capacity=-1"), HasSubstr("integer from 0 to 65536"));
}

// Requirement: A12
TEST(OptionsResolve, WeakProofsHaveToBeNamed) {
  using Allowed = AllowedAuthentication;
  const auto allowed = [](const std::string& list) {
    return parsed("host=h require_auth='" + list + "'").authentication;
  };
  // none, scram_sha_256, md5, cleartext_password, cleartext_over_tls
  EXPECT_EQ(allowed(""), (Allowed{true, true, false, false, true}));
  EXPECT_EQ(allowed("md5"), (Allowed{false, false, true, false, false}));
  EXPECT_EQ(allowed("scram-sha-256,md5"), (Allowed{false, true, true, false, false}));
  EXPECT_EQ(allowed("password"), (Allowed{false, false, false, true, true}));
  EXPECT_EQ(allowed("none,gss"), (Allowed{true, false, false, false, false}));
  EXPECT_EQ(allowed("!none"), (Allowed{false, true, false, false, true}));
  EXPECT_EQ(allowed("!gss"), (Allowed{true, true, false, false, true}));
  EXPECT_EQ(allowed("!md5,!password"), (Allowed{true, true, false, false, false}));
  EXPECT_THAT(parse_error("require_auth=md5,!none"), HasSubstr("either all methods or none"));
  EXPECT_THAT(parse_error("require_auth=!none,md5"), HasSubstr("either all methods or none"));
  EXPECT_THAT(parse_error("require_auth=scram"), HasSubstr("each method must be one of"));
  EXPECT_THAT(parse_error("require_auth=md5,"), HasSubstr("each method must be one of"));
  EXPECT_THAT(parse_error("require_auth=gss,oauth"), HasSubstr("leaves none"));
  EXPECT_THAT(parse_error("require_auth=!none,!scram-sha-256,!password"), HasSubstr("leaves none"));
}

TEST(OptionsResolve, SslmodeIsOneOfSixWords) {
  EXPECT_EQ(parsed("host=h").sslmode, SslMode::prefer);
  EXPECT_EQ(parsed("host=h sslmode=disable").sslmode, SslMode::disable);
  EXPECT_EQ(parsed("host=h sslmode=verify-full").sslmode, SslMode::verify_full);
  EXPECT_EQ(parsed("postgresql://h?ssl=true").sslmode, SslMode::require);
  EXPECT_THAT(parse_error("sslmode=REQUIRE"), HasSubstr("must be one of disable, allow, prefer"));
  EXPECT_THAT(parse_error("sslmode=''"), HasSubstr("must be one of disable, allow, prefer"));
  EXPECT_EQ(parsed("host=h sslrootcert=system").sslmode, SslMode::verify_full);
  EXPECT_THAT(parse_error("sslrootcert=system sslmode=prefer"),
              HasSubstr("must be verify-full with sslrootcert=system"));
}

TEST(OptionsResolve, WhichServerIsWantedIsRead) {
  EXPECT_EQ(parsed("host=h").target_session_attrs, TargetSessionAttrs::any);
  EXPECT_EQ(parsed("target_session_attrs=prefer-standby").target_session_attrs,
            TargetSessionAttrs::prefer_standby);
  EXPECT_THAT(parse_error("target_session_attrs=master"), HasSubstr("must be one of any, "));
  EXPECT_EQ(parsed("host=h").load_balance_hosts, LoadBalanceHosts::disable);
  EXPECT_EQ(parsed("load_balance_hosts=random").load_balance_hosts, LoadBalanceHosts::random);
  EXPECT_THAT(parse_error("load_balance_hosts=1"), HasSubstr("must be one of disable, random"));
}

TEST(OptionsResolve, TlsParametersAreRead) {
  const TlsOptions plain = parsed("host=h").tls;
  EXPECT_EQ(plain.negotiation, SslNegotiation::postgres);
  EXPECT_EQ(plain.channel_binding, ChannelBindingMode::prefer);
  EXPECT_EQ(plain.client_certificate, ClientCertificate::allow);
  EXPECT_EQ(plain.oldest, TlsVersion::tls_1_2);
  EXPECT_EQ(plain.newest, TlsVersion::any);
  EXPECT_TRUE(plain.server_name);
  EXPECT_EQ(plain.root_certificates, "");

  const TlsOptions tls =
      parsed(
          "host=h sslmode=require sslnegotiation=direct channel_binding=require "
          "sslcertmode=require sslcert=c sslkey=k sslpassword=p sslrootcert=r sslcrl=l "
          "sslcrldir=d sslsni=0 sslkeylogfile=f ssl_min_protocol_version=TLSv1.3 "
          "ssl_max_protocol_version=TLSv1.3")
          .tls;
  EXPECT_EQ(tls.negotiation, SslNegotiation::direct);
  EXPECT_EQ(tls.channel_binding, ChannelBindingMode::require);
  EXPECT_EQ(tls.client_certificate, ClientCertificate::require);
  EXPECT_EQ(tls.certificate_file, "c");
  EXPECT_EQ(tls.key_file, "k");
  EXPECT_EQ(tls.key_password.reveal(), "p");
  EXPECT_EQ(tls.root_certificates, "r");
  EXPECT_EQ(tls.revocation_file, "l");
  EXPECT_EQ(tls.revocation_directory, "d");
  EXPECT_FALSE(tls.server_name);
  EXPECT_EQ(tls.key_log_file, "f");
  EXPECT_EQ(tls.oldest, TlsVersion::tls_1_3);
  EXPECT_EQ(tls.newest, TlsVersion::tls_1_3);
}

TEST(OptionsResolve, TlsParametersThatContradictEachOtherAreRefused) {
  EXPECT_THAT(parse_error("sslnegotiation=direct"), HasSubstr("sslnegotiation"));
  EXPECT_THAT(parse_error("sslnegotiation=direct sslmode=prefer"), HasSubstr("needs sslmode"));
  EXPECT_THAT(parse_error("channel_binding=require sslmode=disable"),
              HasSubstr("require needs TLS"));
  EXPECT_THAT(parse_error("sslcertmode=require"), HasSubstr("require needs sslmode"));
  EXPECT_THAT(parse_error("ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2"),
              HasSubstr("is before ssl_min_protocol_version"));
  EXPECT_THAT(parse_error("ssl_min_protocol_version=SSLv3"), HasSubstr("must be one of"));
}

TEST(OptionsResolve, TheVersionsOfTheProtocolHaveLibpqsMeaning) {
  using enum ProtocolVersion;
  const auto versions = [](const std::string& text) {
    const ConnectionOptions options = parsed("host=h " + text);
    return std::pair(options.min_protocol_version, options.max_protocol_version);
  };
  EXPECT_EQ(versions(""), std::pair(v3_0, v3_0));
  EXPECT_EQ(versions("max_protocol_version=3.2"), std::pair(v3_0, v3_2));
  EXPECT_EQ(versions("max_protocol_version=latest"), std::pair(v3_0, v3_2));
  EXPECT_EQ(versions("min_protocol_version=3.0"), std::pair(v3_0, v3_0));
  EXPECT_EQ(versions("min_protocol_version=3.2"), std::pair(v3_2, v3_2));
  EXPECT_EQ(versions("min_protocol_version=latest max_protocol_version=3.2"),
            std::pair(v3_2, v3_2));
  EXPECT_THAT(parse_error("min_protocol_version=3.2 max_protocol_version=3.0"),
              HasSubstr("is before min_protocol_version"));
  for (const auto* text : {"max_protocol_version=3.1", "min_protocol_version=2.0",
                           "max_protocol_version=3", "min_protocol_version=newest"})
    EXPECT_THAT(parse_error(text), HasSubstr("must be one of"));
}

TEST(OptionsResolve, WhatIsNotImplementedIsRefusedWhereIgnoringItWouldMatter) {
  for (const auto* text :
       {"gssencmode=require", "gssdelegation=1", "sslcompression=1", "replication=database",
        "replication=on", "oauth_issuer=x", "oauth_client_id=x", "oauth_client_secret=x",
        "oauth_scope=x", "client_encoding=LATIN1"}) {
    const std::string keyword{text, std::string_view{text}.find('=')};
    EXPECT_THAT(parse_error(text),
                testing::AllOf(testing::StartsWith("connection options: " + keyword + " (from"),
                               HasSubstr("supported")))
        << text;
  }
}

TEST(OptionsResolve, WhatChangesNothingIsAccepted) {
  for (const auto* text : {"channel_binding=prefer",
                           "channel_binding=disable",
                           "gssencmode=prefer",
                           "gssencmode=disable",
                           "gssdelegation=0",
                           "sslcertmode=allow",
                           "sslnegotiation=postgres",
                           "sslcompression=0",
                           "sslsni=1",
                           "replication=false",
                           "min_protocol_version=3.0",
                           "max_protocol_version=latest",
                           "ssl_min_protocol_version=TLSv1.3",
                           "ssl_max_protocol_version=''",
                           "load_balance_hosts=disable",
                           "krbsrvname=postgres",
                           "gsslib=gssapi",
                           "servicefile=x",
                           "oauth_ca_file=x",
                           "client_encoding=utf-8",
                           "client_encoding=UTF8",
                           "client_encoding=auto",
                           "target_session_attrs=any",
                           "sslmode=disable sslrootcert=x sslcert=x",
                           "options='-c geqo=off'"})
    EXPECT_EQ(parse_error(text), "no error") << text;
}

// The manual's list, version 18 (19beta1 adds servicefile and oauth_ca_file).
// Source  postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS
TEST(OptionsResolve, EveryKeywordOfTheManualIsKnown) {
  constexpr auto manual = std::to_array<std::string_view>({"host",
                                                           "hostaddr",
                                                           "port",
                                                           "dbname",
                                                           "user",
                                                           "password",
                                                           "passfile",
                                                           "require_auth",
                                                           "channel_binding",
                                                           "connect_timeout",
                                                           "client_encoding",
                                                           "options",
                                                           "application_name",
                                                           "fallback_application_name",
                                                           "keepalives",
                                                           "keepalives_idle",
                                                           "keepalives_interval",
                                                           "keepalives_count",
                                                           "tcp_user_timeout",
                                                           "replication",
                                                           "gssencmode",
                                                           "sslmode",
                                                           "sslnegotiation",
                                                           "sslcompression",
                                                           "sslcert",
                                                           "sslkey",
                                                           "sslkeylogfile",
                                                           "sslpassword",
                                                           "sslcertmode",
                                                           "sslrootcert",
                                                           "sslcrl",
                                                           "sslcrldir",
                                                           "sslsni",
                                                           "requirepeer",
                                                           "ssl_min_protocol_version",
                                                           "ssl_max_protocol_version",
                                                           "min_protocol_version",
                                                           "max_protocol_version",
                                                           "krbsrvname",
                                                           "gsslib",
                                                           "gssdelegation",
                                                           "scram_client_key",
                                                           "scram_server_key",
                                                           "service",
                                                           "servicefile",
                                                           "target_session_attrs",
                                                           "load_balance_hosts",
                                                           "oauth_issuer",
                                                           "oauth_client_id",
                                                           "oauth_client_secret",
                                                           "oauth_scope",
                                                           "oauth_ca_file"});
  for (const auto keyword : manual) EXPECT_NE(conninfo::find_keyword(keyword), nullptr) << keyword;
  EXPECT_EQ(written("requiressl=1"), (WrittenOptions{{"sslmode", "require"}}));
}

TEST(OptionsResolve, EveryKeywordIsReadSomewhere) {
  for (const auto& keyword : conninfo::all_keywords()) {
    const auto text = std::string{keyword.name} + "='a,b,c'";
    EXPECT_THAT(parse_error(text),
                testing::AnyOf("no error", HasSubstr(std::string{keyword.name} + " (from"),
                               HasSubstr("is missing beside " + std::string{keyword.name})))
        << "a list where none is allowed is taken as text, or refused by name";
  }
}

TEST(OptionsResolve, KeysOfScramComeInPairs) {
  const std::string key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  EXPECT_EQ(parse_error("scram_client_key=" + key + " scram_server_key=" + key), "no error");
  EXPECT_THAT(parse_error("scram_client_key=" + key),
              HasSubstr("is missing beside scram_client_key"));
  EXPECT_THAT(parse_error("scram_server_key=" + key),
              HasSubstr("scram_client_key: is missing beside scram_server_key"));
  for (const std::string wrong :
       {"AAAA", "AA", "S3CR3T*=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_THAT(parse_error("scram_client_key=" + key + " scram_server_key='" + wrong + "'"),
                HasSubstr("scram_server_key (from the connection string): must be 32 bytes"));
    EXPECT_THAT(parse_error("scram_client_key='" + wrong + "' scram_server_key=" + key),
                HasSubstr("scram_client_key (from the connection string): must be 32 bytes"));
  }
}

TEST(OptionsResolve, TheFallbackNameIsUsedOnlyWithoutAnother) {
  EXPECT_EQ(parsed("fallback_application_name=f").application_name, "f");
  EXPECT_EQ(parsed("fallback_application_name=f application_name=a").application_name, "a");
}

TEST(OptionsResolve, DescriptionsLeaveOutDoubtfulNames) {
  EXPECT_EQ(parsed("postgresql://me:pw@a,b:5433/shop").describe(), "a:5432,b:5433/shop as me");
  EXPECT_EQ(parsed("postgresql://u:12/S3CR3T@host/d").describe(), "u:12/(name not shown) as login");
  EXPECT_EQ(parsed("host=h user='a\nb' dbname=d").describe(), "h:5432/d as (name not shown)");
}

TEST(OptionsResolve, ChangedMembersAreCheckedAgain) {
  const auto good = parsed("host=h");
  EXPECT_EQ(error_of([&] { good.check(); }), "no error");

  using Change = std::function<void(ConnectionOptions&)>;
  const std::vector<std::pair<std::string_view, Change>> changes{
      {"host", [](auto& o) { o.servers.clear(); }},
      {"host", [](auto& o) { o.servers[0].host.clear(); }},
      {"port", [](auto& o) { o.servers[0].port = 0; }},
      {"user", [](auto& o) { o.user.clear(); }},
      {"user", [](auto& o) { o.user = std::string("a\0replication\0true", 18); }},
      {"dbname", [](auto& o) { o.database = std::string("a\0b", 3); }},
      {"password", [](auto& o) { o.password = Secret{std::string("a\0b", 3)}; }},
      {"options", [](auto& o) { o.session_settings.emplace_back("", "x"); }},
      {"sslnegotiation", [](auto& o) { o.tls.negotiation = SslNegotiation::direct; }},
      {"sslmode", [](auto& o) { o.tls.root_certificates = "system"; }},
      {"sslcert", [](auto& o) { o.tls.certificate_file = std::string("a\0b", 3); }},
      {"connect_timeout", [](auto& o) { o.connect_timeout = -1ms; }},
      {"connection_attempt_delay", [](auto& o) { o.connection_attempt_delay = 9ms; }},
      {"connection_attempt_delay", [](auto& o) { o.connection_attempt_delay = 2001ms; }},
      {"scram_client_key", [](auto& o) { o.scram_server_key = Secret{"x"}; }},
      {"tcp_user_timeout", [](auto& o) { o.tcp_user_timeout = 2147483648ms; }},
      {"pool_acquire_timeout", [](auto& o) { o.pool_acquire_timeout = 4s; }},
      {"idle_in_transaction_session_timeout",
       [](auto& o) { o.idle_in_transaction_session_timeout = -1ms; }},
      {"pool_min_conns", [](auto& o) { o.pool_min_conns = 21; }},
      {"pool_max_lifetime", [](auto& o) { o.pool_max_lifetime = -1ms; }},
      {"pool_idle_timeout", [](auto& o) { o.pool_idle_timeout = -1ms; }},
      {"pool_sharing_time", [](auto& o) { o.pool_sharing_time = 11s; }},
      {"busy_poll", [](auto& o) { o.busy_poll = 11ms; }},
      {"busy_poll", [](auto& o) { o.busy_poll = -1us; }},
      {"require_auth", [](auto& o) { o.authentication = {false, false, false, false, false}; }},
  };
  for (const auto& [parameter, change] : changes) {
    auto options = good;
    change(options);
    try {
      options.check();
      ADD_FAILURE() << parameter << " was accepted";
    } catch (const ConfigurationError& error) {
      EXPECT_EQ(error.parameter(), parameter);
      EXPECT_EQ(error.outcome(), Outcome::not_sent);
    }
  }
}

TEST(OptionsResolve, DefaultsAloneNameNoServer) {
  EXPECT_THAT(error_of([] { ConnectionOptions{}.check(); }), HasSubstr("host: no server is named"));
}

}  // namespace
}  // namespace pgreactor
