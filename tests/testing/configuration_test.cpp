#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "src/testing/server_configuration.hpp"

namespace {

using pgreactor::Secret;
using pgreactor::testing::Authentication;
using pgreactor::testing::check_options;
using pgreactor::testing::client_authentication;
using pgreactor::testing::connection_uri;
using pgreactor::testing::first_statements;
using pgreactor::testing::server_settings;
using pgreactor::testing::ServerSetupError;
using pgreactor::testing::ThrowawayServerOptions;
using pgreactor::testing::TlsOffer;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

bool refused(const ThrowawayServerOptions& options) {
  try {
    check_options(options);
    return false;
  } catch (const ServerSetupError& error) {
    return error.reason() == ServerSetupError::Reason::bad_option;
  }
}

TEST(ServerOptions, TheDefaultsAreAccepted) { EXPECT_FALSE(refused(ThrowawayServerOptions())); }

TEST(ServerOptions, WhatContradictsItselfIsRefused) {
  EXPECT_TRUE(refused(ThrowawayServerOptions().unix_socket(false)));
  EXPECT_TRUE(refused(ThrowawayServerOptions().tls()));
  EXPECT_TRUE(refused(ThrowawayServerOptions().tcp().tls_certificate("/a.crt", "/a.key")));
  EXPECT_TRUE(refused(ThrowawayServerOptions().tcp().tls_client_roots("/a.crt")));
  EXPECT_TRUE(refused(ThrowawayServerOptions().tcp().tls().tls_certificate("/a.crt", "")));
  EXPECT_TRUE(refused(ThrowawayServerOptions().authentication(Authentication::scram_sha_256)));
  EXPECT_TRUE(refused(ThrowawayServerOptions().installation("/a").program_directory("/a/bin")));
}

TEST(ServerOptions, WhatCannotBeWrittenDownIsRefused) {
  EXPECT_TRUE(refused(ThrowawayServerOptions().user("")));
  EXPECT_TRUE(refused(ThrowawayServerOptions().user("a\nb")));
  EXPECT_TRUE(refused(ThrowawayServerOptions().database(std::string(64, 'd'))));
  EXPECT_TRUE(refused(ThrowawayServerOptions().password(Secret("a\nDROP DATABASE postgres"))));
  EXPECT_TRUE(refused(ThrowawayServerOptions().setting("fsync = on\nport", "1")));
  EXPECT_TRUE(refused(ThrowawayServerOptions().setting("", "1")));
  EXPECT_TRUE(refused(ThrowawayServerOptions().setting("work_mem", std::string("1\0", 2))));
}

TEST(ServerOptions, WhereItListensIsNoSetting) {
  EXPECT_TRUE(refused(ThrowawayServerOptions().setting("Listen_Addresses", "*")));
  EXPECT_TRUE(refused(ThrowawayServerOptions().setting("port", "5432")));
}

TEST(ServerSettings, AGivenOneComesAfterOursAndIsQuoted) {
  const auto options =
      ThrowawayServerOptions().setting("fsync", "on").setting("search_path", "it's \\ \n");
  const std::string text = server_settings(options, "/dir");
  EXPECT_THAT(text, EndsWith("fsync = 'on'\nsearch_path = 'it''s \\\\ \\n'\n"));
  EXPECT_LT(text.find("fsync = off"), text.find("fsync = 'on'"));
}

TEST(ServerSettings, ListenOnlyWhereAsked) {
  EXPECT_THAT(server_settings(ThrowawayServerOptions(), "/dir"),
              AllOf(HasSubstr("listen_addresses = ''"),
                    HasSubstr("unix_socket_directories = '/dir'"), Not(HasSubstr("ssl"))));
  EXPECT_THAT(
      server_settings(ThrowawayServerOptions().unix_socket(false).tcp().tls(), "/dir"),
      AllOf(HasSubstr("listen_addresses = '127.0.0.1'"), HasSubstr("unix_socket_directories = ''"),
            HasSubstr("ssl_key_file = '/dir/server.key'")));
}

TEST(ClientAuthentication, NamesTheMethodOnEveryLine) {
  const std::string text = client_authentication(
      ThrowawayServerOptions().authentication(Authentication::md5).tls(TlsOffer::required));
  EXPECT_EQ(text,
            "local all all md5\n"
            "local replication all md5\n"
            "hostssl all all 127.0.0.1/32 md5\n"
            "hostssl replication all 127.0.0.1/32 md5\n");
}

TEST(FirstStatements, AreNoneForTheDefaults) {
  EXPECT_EQ(first_statements(ThrowawayServerOptions()), "");
}

TEST(FirstStatements, QuoteEveryName) {
  const auto options =
      ThrowawayServerOptions().user("a\"b").password(Secret("c'd")).database("e\"; f");
  EXPECT_EQ(first_statements(options),
            "CREATE ROLE \"a\"\"b\" LOGIN SUPERUSER\n"
            "ALTER ROLE \"a\"\"b\" PASSWORD 'c''d'\n"
            "CREATE DATABASE \"e\"\"; f\" OWNER \"a\"\"b\"\n");
}

TEST(ConnectionUri, EncodesWhatIsNotPlain) {
  const auto options = ThrowawayServerOptions().user("a@b").password(Secret("ü:/")).database("d?");
  EXPECT_EQ(connection_uri(options, 5432, "/tmp/x y"),
            "postgresql://a%40b:%C3%BC%3A%2F@/d%3F?host=%2Ftmp%2Fx%20y&port=5432");
  EXPECT_EQ(connection_uri(options, 41234, ""),
            "postgresql://a%40b:%C3%BC%3A%2F@127.0.0.1:41234/d%3F");
}

}  // namespace
