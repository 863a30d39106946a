#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/base64.hpp"
#include "tests/protocol/player.hpp"

namespace pgreactor::protocol::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Kind = Event::Kind;

const std::string cleartext = encoded(Authentication{AuthenticationCleartextPassword{}});
const std::string md5 = encoded(Authentication{AuthenticationMD5Password{}});

StartupOptions with(const std::function<void(AuthenticationPolicy&)>& change) {
  auto options = sample_options();
  change(options.policy);
  return options;
}

std::string sasl_final(const std::string& text) {
  return encoded(Authentication{AuthenticationSASLFinal{text}});
}

// A session in the midst of SCRAM, in one of the phases from proposing to proven.
Player scram_player(Phase phase) {
  const auto script = scram_script();
  Player player;
  player.receive(script.offer);
  if (phase != Phase::proposing) player.receive(script.challenge());
  if (phase == Phase::proven) player.receive(script.signature());
  EXPECT_EQ(player.session().phase(), phase);
  player.kinds();
  return player;
}

TEST(Startup, SaysWhoWeAreAndThatWeSpeakUtf8) {
  Player player;
  EXPECT_EQ(player.sent(), encoded(StartupMessage{.parameters = {{"user", "me"},
                                                                 {"database", "d"},
                                                                 {"client_encoding", "UTF8"},
                                                                 {"application_name", "test"}}}));
}

TEST(Startup, ByTrustEndsReadyWithKeyAndSettings) {
  Player player;
  player.receive(admitted + settled());
  EXPECT_THAT(player.kinds(),
              ElementsAre(Kind::authenticated, Kind::parameter_status, Kind::parameter_status,
                          Kind::progress, Kind::ready_for_first_time));
  EXPECT_EQ(player.session().phase(), Phase::ready);
  EXPECT_EQ(player.session().cancel_key(), short_key());
  EXPECT_EQ(player.session().setting("server_version"), "15.18");
}

TEST(Startup, ByScramProvesBothSides) {
  const auto script = scram_script();
  Player player;
  player.receive(script.offer);
  player.receive(script.challenge());
  player.receive(script.signature() + admitted + settled());
  EXPECT_THAT(player.kinds(),
              ElementsAre(Kind::progress, Kind::scram_keys_needed, Kind::progress,
                          Kind::authenticated, Kind::parameter_status, Kind::parameter_status,
                          Kind::progress, Kind::ready_for_first_time));
}

// Requirement: W21
TEST(Startup, ANulInAnyOfItsTextsFailsBeforeAnythingIsSent) {
  const std::string nul("a\0b", 3);
  for (int which = 0; which < 4; ++which) {
    auto options = sample_options();
    if (which == 0) options.user = nul;
    if (which == 1) options.database = nul;
    if (which == 2) options.parameters[0].first = nul;
    if (which == 3) options.parameters[0].second = nul;
    Player player(std::move(options));
    EXPECT_EQ(player.session().phase(), Phase::failed) << which;
    EXPECT_EQ(player.sent(), "");
  }
}

// Requirement: W21
TEST(Startup, ANulInThePasswordFailsWithoutSendingOrShowingIt) {
  auto options = with([](auto& policy) { policy.allow_cleartext = true; });
  options.password = Secret(std::string("S3CR3T\0x", 8));
  Player player(std::move(options));
  player.sent();
  player.receive(cleartext);
  EXPECT_EQ(player.sent(), "");
  EXPECT_THAT(player.violation(), Not(HasSubstr("S3CR3T")));
  EXPECT_EQ(player.session().phase(), Phase::failed);
}

TEST(Startup, ParametersTooLongOrAnotherEncodingAreRefused) {
  auto options = sample_options();
  options.parameters[0].second = std::string(10000, 'x');
  EXPECT_EQ(Player(std::move(options)).session().phase(), Phase::failed);
  options = sample_options();
  options.parameters = {{"client_encoding", "LATIN1"}};
  EXPECT_EQ(Player(std::move(options)).session().phase(), Phase::failed);
  options = sample_options();
  options.parameters = {{"client_encoding", "UTF8"}};
  EXPECT_EQ(Player(std::move(options)).session().phase(), Phase::greeting);
}

// Which policy sends a password to which request.
// Requirement: A12
TEST(Policy, DecidesWhichPasswordIsSent) {
  struct Row {
    std::string asked;
    bool encrypted, allow_cleartext, allow_md5, sent;
  };
  for (const Row& row :
       {Row{cleartext, false, false, false, false}, Row{cleartext, false, false, true, false},
        Row{cleartext, true, false, false, false}, Row{cleartext, false, true, false, true},
        Row{md5, false, false, false, false}, Row{md5, true, true, false, false},
        Row{md5, false, false, true, true}}) {
    Player player(with([&row](auto& policy) {
      policy.encrypted = row.encrypted;
      policy.allow_cleartext = row.allow_cleartext;
      policy.allow_md5 = row.allow_md5;
    }));
    player.sent();
    player.receive(row.asked);
    const std::string sent = player.sent();
    EXPECT_EQ(player.session().phase(), row.sent ? Phase::answered : Phase::failed);
    if (row.sent && row.asked == cleartext) {
      EXPECT_EQ(sent, encoded(PasswordMessage{"pencil"}));
    } else if (row.sent) {
      const auto digest = md5_password(Secret("pencil"), "me", std::array<std::byte, 4>{});
      EXPECT_EQ(sent, encoded(PasswordMessage{*digest}));
    } else {
      EXPECT_EQ(sent, "");
    }
  }
}

// Requirement: A12
TEST(Policy, MayRefuseScramBeforeAnythingIsSent) {
  for (const bool allowed : {true, false}) {
    Player player(with([&](auto& policy) { policy.allow_scram = allowed; }));
    player.sent();
    player.receive(scram_script().offer);
    EXPECT_EQ(player.session().phase(), allowed ? Phase::proposing : Phase::failed);
    EXPECT_EQ(player.sent().empty(), !allowed);
    if (!allowed) {
      EXPECT_THAT(player.violation(), HasSubstr("asks for SCRAM, which the policy does not allow"));
    }
  }
}

TEST(Policy, WithoutAPasswordTheAuthenticationFailsAndNotTheGreeting) {
  for (const std::string& asked : {cleartext, md5, scram_script().offer}) {
    auto options = with([](auto& policy) { policy.allow_cleartext = policy.allow_md5 = true; });
    options.password = Secret("");
    Player player(std::move(options));
    player.receive(asked);
    EXPECT_EQ(player.session().phase(), Phase::failed);
    EXPECT_EQ(player.session().violated_in(), Phase::asked);
    EXPECT_THAT(std::string(player.session().violation()), HasSubstr("none was given"));
  }
}

// Requirement: A24
TEST(Policy, MayDemandAProof) {
  const auto strict = [] { return with([](auto& policy) { policy.require_proof = true; }); };
  Player trust(strict());
  trust.receive(admitted);
  EXPECT_THAT(trust.violation(), HasSubstr("policy demands"));
  const auto script = scram_script();
  Player proven(strict());
  for (const std::string& said : {script.offer, script.challenge(), script.signature(), admitted})
    proven.receive(said);
  EXPECT_EQ(proven.session().phase(), Phase::settling);
}

TEST(Policy, WithoutAPasswordNothingIsProved) {
  const auto script = scram_script();
  for (const std::string& asked : {cleartext, md5, script.offer}) {
    auto options = with([](auto& policy) { policy.allow_cleartext = policy.allow_md5 = true; });
    options.password = Secret();
    Player player(std::move(options));
    player.receive(asked);
    EXPECT_THAT(player.violation(), HasSubstr("none was given"));
  }
}

// Requirement: A23
TEST(Authentication, OfUnsupportedKindsIsRefusedByName) {
  for (const auto& [code, name] : {std::pair{2U, "KerberosV5"},
                                   {6U, "SCMCredential"},
                                   {7U, "GSS"},
                                   {9U, "SSPI"},
                                   {77U, "unknown"}}) {
    Player player;
    player.sent();
    player.receive(encoded(Authentication{AuthenticationUnsupported{code}}));
    EXPECT_THAT(player.violation(), HasSubstr(name));
    EXPECT_EQ(player.sent(), "");
  }
}

TEST(Authentication, WithoutAMechanismWeKnowIsRefused) {
  for (const std::vector<std::string_view>& offered :
       {std::vector<std::string_view>{}, {"SCRAM-SHA-1", "OAUTHBEARER"}}) {
    Player player;
    player.receive(encoded(Authentication{AuthenticationSASL{offered}}));
    EXPECT_THAT(player.violation(), HasSubstr("no SASL mechanism"));
  }
}

// What a client with these means and wishes says first to a server with this offer: the header of
// client-first, or the reason for saying nothing.
std::string first_word(BindChannel bind, bool encrypted, bool has_end_point,
                       std::vector<std::string_view> offered, bool host_verified = false) {
  auto options = with([&](auto& policy) {
    policy.bind = bind;
    policy.encrypted = encrypted;
    policy.host_verified = host_verified;
  });
  if (has_end_point) options.end_point.assign(32, std::byte{7});
  Player player(std::move(options));
  player.sent();
  player.receive(encoded(Authentication{AuthenticationSASL{std::move(offered)}}));
  const std::string sent = player.sent();
  if (sent.empty()) return std::string(player.violation());
  const bool plus = sent.find("SCRAM-SHA-256-PLUS") != std::string::npos;
  for (const std::string header : {"n,,", "y,,", "p=tls-server-end-point,,"})
    if (sent.find(header + "n=") != std::string::npos) return (plus ? "plus " : "") + header;
  return sent;
}

// A5, A6
// Requirement: A5, A6
TEST(ChannelBinding, IsUsedDeclinedOrDemandedAsThePolicySays) {
  constexpr auto never = BindChannel::never, offered = BindChannel::if_offered,
                 always = BindChannel::always;
  const std::vector<std::string_view> plain{scram_sha_256};
  const std::vector<std::string_view> both{scram_sha_256_plus, scram_sha_256};
  const std::vector<std::string_view> plus_alone{scram_sha_256_plus};
  const std::string bound = "plus p=tls-server-end-point,,";
  EXPECT_EQ(first_word(offered, true, true, both), bound);
  EXPECT_EQ(first_word(always, true, true, both), bound);
  EXPECT_EQ(first_word(offered, true, true, plus_alone), bound);
  EXPECT_EQ(first_word(offered, true, true, plain), "y,,") << "the offer may have been taken away";
  EXPECT_EQ(first_word(never, true, true, both), "n,,");
  EXPECT_THAT(first_word(offered, true, false, both), HasSubstr("no digest to bind to"))
      << "whoever stands between could have such a certificate";
  EXPECT_EQ(first_word(offered, true, false, both, true), "n,,") << "it is who it should be";
  EXPECT_EQ(first_word(offered, true, false, plain), "y,,");
  EXPECT_EQ(first_word(never, true, false, both), "n,,");
  EXPECT_EQ(first_word(offered, false, false, plain), "n,,");
  EXPECT_THAT(first_word(offered, false, false, both), HasSubstr("without TLS"));
  EXPECT_THAT(first_word(never, true, true, plus_alone), HasSubstr("cannot be used here"));
  EXPECT_THAT(first_word(always, true, true, plain), HasSubstr("does not offer it"));
  EXPECT_THAT(first_word(always, true, false, both), HasSubstr("no digest to bind to"));
  EXPECT_THAT(first_word(always, false, false, plain), HasSubstr("has no TLS"));
}

// A5: what is not SCRAM cannot bind, and is told no password.
// Requirement: A5
TEST(ChannelBinding, WhereItIsDemandedNothingElseIsAnswered) {
  for (const std::string& asked : {encoded(Authentication{AuthenticationOk{}}), cleartext, md5}) {
    auto options = with([](auto& policy) {
      policy.bind = BindChannel::always;
      policy.encrypted = policy.allow_cleartext = policy.allow_md5 = true;
    });
    options.end_point.assign(32, std::byte{7});
    Player player(std::move(options));
    player.sent();
    player.receive(asked);
    EXPECT_THAT(player.violation(), HasSubstr("channel binding is required"));
    EXPECT_EQ(player.sent(), "");
  }
}

// Requirement: A10
TEST(Scram, WithoutTheServersSignatureIsNotAccepted) {
  for (const Phase phase : {Phase::proposing, Phase::proving}) {
    auto player = scram_player(phase);
    player.receive(admitted);
    EXPECT_THAT(player.violation(), HasSubstr("without proving")) << name_of(phase);
  }
}

// Requirement: A10
TEST(Scram, AWrongSignatureOrARefusalFails) {
  auto wrong = scram_player(Phase::proving);
  wrong.receive(sasl_final("v=" + to_base64(std::array<std::byte, 32>{})));
  EXPECT_THAT(wrong.violation(), HasSubstr("cannot prove"));
  auto refused = scram_player(Phase::proving);
  refused.receive(sasl_final("e=invalid-proof"));
  EXPECT_THAT(refused.violation(), HasSubstr("(invalid-proof)"));
  auto other_password = scram_script("another");
  EXPECT_EQ(other_password.final, "e=invalid-proof");
}

TEST(Scram, KeysThatComeTooLateAreIgnored) {
  Session session(sample_options(), fixed_random());
  session.start();
  const auto script = scram_script();
  const std::string bytes = script.offer + script.challenge() + error_with("FATAL", "57P01");
  Bytes input = as_bytes(bytes);
  EXPECT_EQ(session.next(input).kind, Kind::progress);
  EXPECT_EQ(session.next(input).kind, Kind::scram_keys_needed);
  EXPECT_EQ(session.next(input).kind, Kind::error);
  const std::size_t size = session.output().size();
  session.provide_scram_keys(ScramKeys{});
  EXPECT_EQ(session.output().size(), size);
  EXPECT_EQ(session.phase(), Phase::closed);
}

// Requirement: A9
TEST(Scram, AFailingSourceOfRandomNumbersFailsTheSession) {
  Session session(sample_options(),
                  RandomSource([](void*, std::span<std::byte>) noexcept { return false; }));
  session.start();
  const auto script = scram_script();
  Bytes input = as_bytes(script.offer);
  EXPECT_EQ(session.next(input).kind, Kind::violation);
}

// Requirement: W6
TEST(Stranger, IsNamedByItsFirstBytes) {
  const std::string tls_alert("\x15\3\1\0\2\2\x46", 7);
  const std::string mysql(
      "J\0\0\0\x0a"
      "8.0.36\0",
      12);
  const std::string mysql_as_notice = std::string(
                                          "N\0\0\0\x0a"
                                          "8.0.36\0",
                                          12) +
                                      "salt";
  const std::string mysql_as_authentication = std::string(
                                                  "R\0\0\0\x0a"
                                                  "8.0.36\0",
                                                  12) +
                                              "salt";
  for (const auto& [bytes, shown] :
       {std::pair{std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), "HTTP/1.1 400 Bad Request"},
        {std::string("SSH-2.0-OpenSSH_9.2p1 Debian\r\n"), "SSH-2.0-OpenSSH"},
        {mysql, "J\\x00\\x00\\x00\\x0a8.0.36"},
        {mysql_as_notice, "N\\x00"},
        {mysql_as_authentication, "R\\x00"},
        {tls_alert, "\\x15\\x03\\x01"},
        {std::string("EFATAL: unsupported frontend protocol\n"), "EFATAL"},
        {std::string("\xFF\xFE", 2), "\\xff\\xfe"},
        {std::string(100000, '\0'), "\\x00"}}) {
    Player player;
    player.receive(bytes);
    EXPECT_THAT(player.violation(), HasSubstr("not a PostgreSQL server (got \"")) << shown;
    EXPECT_THAT(player.violation(), HasSubstr(shown));
    EXPECT_LE(player.violation().size(), 4 * 32 + 64U);
  }
}

// Requirement: W5
TEST(Unauthenticated, EveryLengthAboveTheCapIsRefusedAtTheHeader) {
  for (const char tag : {'R', 'E', 'N', 'v'}) {
    for (const std::uint32_t length :
         {0U, 3U, 8192U + 5, 0x3FFFFFFFU, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
      std::string header(1, tag);
      for (const int shift : {24, 16, 8, 0}) header += static_cast<char>(length >> shift & 0xFF);
      Player player;
      player.receive(header);
      EXPECT_EQ(player.session().phase(), Phase::failed) << tag << length;
      Player later;
      later.receive(encoded(NoticeResponse{full_report()}) + header);
      EXPECT_EQ(later.session().phase(), Phase::failed) << tag << length;
    }
  }
}

// Requirement: W5
TEST(Unauthenticated, NoticesAreBoundedInNumberAndInBytes) {
  Player many;
  for (int i = 0; i < 16; ++i) many.receive(encoded(NoticeResponse{full_report()}));
  EXPECT_EQ(many.session().phase(), Phase::greeting);
  many.receive(encoded(NoticeResponse{full_report()}));
  EXPECT_EQ(many.session().phase(), Phase::failed);
  ServerReport report;
  report.message = std::string(8000, 'x');
  Player large;
  for (int i = 0; i < 9; ++i) large.receive(encoded(NoticeResponse{report}));
  EXPECT_THAT(large.violation(), HasSubstr("64 KiB"));
}

TEST(Settling, RefusesAnotherKeyAnotherEncodingAndAnOpenTransaction) {
  const auto violation = [](const std::string& bytes) {
    Player player;
    player.receive(admitted + bytes);
    return player.violation();
  };
  const BackendKeyData key{short_key()};
  EXPECT_THAT(violation(encoded(key, key)), HasSubstr("second BackendKeyData"));
  EXPECT_THAT(violation(encoded(ParameterStatus{"client_encoding", "LATIN1"})), HasSubstr("UTF8"));
  EXPECT_THAT(violation(encoded(ReadyForQuery{TransactionStatus::in_transaction})),
              HasSubstr("idle"));
  EXPECT_THAT(violation(std::string("D\0\1\0\5", 5)), HasSubstr("DataRow"));
}

}  // namespace
}  // namespace pgreactor::protocol::testing
