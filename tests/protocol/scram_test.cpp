#include "protocol/scram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/authentication.hpp"
#include "protocol/base64.hpp"
#include "protocol/saslprep.hpp"

namespace pgreactor::protocol {
namespace {

// RFC 7677, section 3
constexpr std::string_view client_nonce = "rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view server_first =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr std::string_view client_final =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr std::string_view server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

ScramClient client_of_rfc() { return ScramClient(std::string(client_nonce), {}, "user"); }

ScramKeys keys_for(std::string_view password, const ScramClient& client) {
  return derive_scram_keys(Secret(std::string(password)), client.salt(), client.iterations());
}

ScramFault fault_of_first(const std::string& message) {
  return client_of_rfc().on_server_first(message, {});
}

ScramClient client_awaiting_signature() {
  ScramClient client = client_of_rfc();
  EXPECT_EQ(client.on_server_first(server_first, {}), ScramFault::none);
  EXPECT_EQ(client.client_final(keys_for("pencil", client)), client_final);
  return client;
}

TEST(ScramClient, SaysWhatTheRfcSays) {
  ScramClient client = client_of_rfc();
  EXPECT_EQ(client.client_first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  client = client_awaiting_signature();
  EXPECT_EQ(client.on_server_final(server_final), ScramFault::none);
}

// Requirement: A9
TEST(ScramClient, TheNonceOfTheServerMustExtendOurs) {
  const std::string rest = ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
  const std::string ours(client_nonce);
  EXPECT_EQ(fault_of_first("r=" + ours + "x" + rest), ScramFault::none);
  EXPECT_EQ(fault_of_first("r=" + ours + rest), ScramFault::nonce_not_extended);
  EXPECT_EQ(fault_of_first("r=" + ours.substr(1) + rest), ScramFault::nonce_not_extended);
  EXPECT_EQ(fault_of_first("r=x" + ours + rest), ScramFault::nonce_not_extended);
  EXPECT_EQ(fault_of_first("r=" + rest), ScramFault::nonce_not_extended);
  EXPECT_EQ(fault_of_first("r=" + ours + ",x" + rest), ScramFault::malformed);
  EXPECT_EQ(fault_of_first("r=" + ours + "\x7F" + rest), ScramFault::malformed);
  EXPECT_EQ(fault_of_first("r=" + ours + std::string(1, '\0') + rest), ScramFault::malformed);
}

// Requirement: A7, A8
TEST(ScramClient, WorksForNoMoreIterationsThanAllowedAndNoLess) {
  const auto fault = [](const std::string& iterations) {
    return fault_of_first("r=" + std::string(client_nonce) +
                          "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=" + iterations);
  };
  for (const char* accepted : {"4096", "4097", "100000"})
    EXPECT_EQ(fault(accepted), ScramFault::none) << accepted;
  for (const char* few : {"1", "4095"})
    EXPECT_EQ(fault(few), ScramFault::iterations_too_few) << few;
  for (const char* many : {"100001", "2147483647", "2147483648", "4294967296",
                           "1000000000000000000", "99999999999999999999999999"})
    EXPECT_EQ(fault(many), ScramFault::iterations_too_many) << many;
  for (const char* malformed :
       {"", "0", "-1", "+4096", "4096 ", " 4096", "0x1000", "04096", "4e3", "4096,", "4096,,"})
    EXPECT_EQ(fault(malformed), ScramFault::malformed) << malformed;
  EXPECT_EQ(fault("4096,x=y"), ScramFault::none);  // extensions may follow
}

// Requirement: A8
TEST(ScramClient, TheLimitsOfIterationsAreTheCallers) {
  const std::string message = "r=" + std::string(client_nonce) + "x,s=AAAA,i=1";
  EXPECT_EQ(client_of_rfc().on_server_first(message, {.least = 1, .most = 1}), ScramFault::none);
}

// Requirement: W11
TEST(ScramClient, MissingDisorderedOrHugePartsAreRefused) {
  const std::string nonce = "r=" + std::string(client_nonce) + "x";
  for (const std::string& message :
       {std::string(), std::string("r"), nonce, nonce + ",s=AAAA", nonce + ",i=4096,s=AAAA",
        "s=AAAA," + nonce + ",i=4096", "m=x," + nonce + ",s=AAAA,i=4096", nonce + ",s=,i=4096",
        nonce + ",s=AAA,i=4096", nonce + ",s=A===,i=4096", nonce + ",s=AA%A,i=4096",
        nonce + ",s=AB==,i=4096"})
    EXPECT_EQ(fault_of_first(message), ScramFault::malformed) << message;
  for (const std::size_t size : {63U, 64U, 1023U, 1024U, 4000U, 4096U, 65535U}) {
    const std::string message = nonce + std::string(size, 'y') + ",s=AAAA,i=4096";
    EXPECT_EQ(fault_of_first(message),
              message.size() > max_sasl_payload ? ScramFault::malformed : ScramFault::none);
  }
}

// Requirement: A10
TEST(ScramClient, ASignatureWrongInAnyBitIsRefused) {
  const auto signature = *from_base64(server_final.substr(2));
  const ScramClient client = client_awaiting_signature();
  for (std::size_t bit = 0; bit < 256; ++bit) {
    auto wrong = signature;
    wrong[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    EXPECT_EQ(ScramClient(client).on_server_final("v=" + to_base64(wrong)),
              ScramFault::wrong_signature)
        << bit;
  }
}

// Requirement: A10
TEST(ScramClient, TheLastWordIsASignatureOrARefusal) {
  const std::string good(server_final);
  for (const std::string& message :
       {std::string(), std::string("v="), std::string("v"), good + "x", good + ",", good + ",e=x",
        "x=y," + good, std::string("v=AAAA"), good.substr(0, good.size() - 1)})
    EXPECT_EQ(client_awaiting_signature().on_server_final(message), ScramFault::malformed)
        << message;
  for (const char* reason : {"invalid-proof", "unknown-user", "other-error",
                             "channel-bindings-dont-match", "no-resources"}) {
    ScramClient client = client_of_rfc();
    EXPECT_EQ(client.on_server_final("e=" + std::string(reason)), ScramFault::refused);
    EXPECT_EQ(client.refusal(), reason);
    EXPECT_EQ(client_of_rfc().on_server_final("e=" + std::string(reason) + "," + good),
              ScramFault::refused);
  }
}

TEST(ScramClient, ARefusalIsShownPrintableAndShort) {
  ScramClient client = client_of_rfc();
  EXPECT_EQ(client.on_server_final("e=\x1B[2J"), ScramFault::refused);
  EXPECT_EQ(client.refusal(), "");
  EXPECT_EQ(client.on_server_final("e=" + std::string(1000, 'x')), ScramFault::refused);
  EXPECT_EQ(client.refusal().size(), 64U);
}

TEST(ScramClient, ASignatureBeforeOurProofIsRefused) {
  EXPECT_EQ(client_of_rfc().on_server_final(server_final), ScramFault::wrong_signature);
}

ScramServer server_of_rfc() {
  ScramVerifier verifier;
  verifier.salt = *from_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
  const ScramKeys keys = derive_scram_keys(Secret("pencil"), verifier.salt, verifier.iterations);
  verifier.stored_key = keys.stored_key;
  verifier.server_key = keys.server_key;
  return ScramServer(verifier, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
}

TEST(ScramServer, SaysWhatTheRfcSays) {
  ScramServer server = server_of_rfc();
  std::string answer;
  EXPECT_EQ(server.on_client_first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", answer), ScramFault::none);
  EXPECT_EQ(answer, server_first);
  EXPECT_EQ(server.on_client_final(client_final, answer), ScramFault::none);
  EXPECT_EQ(answer, server_final);
}

TEST(ScramServer, RefusesAWrongProofNonceOrBinding) {
  const std::string good(client_final);
  const auto replaced = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const auto fault = [](const std::string& message) {
    ScramServer server = server_of_rfc();
    std::string answer;
    EXPECT_EQ(server.on_client_first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", answer), ScramFault::none);
    const ScramFault result = server.on_client_final(message, answer);
    EXPECT_EQ(answer.substr(0, 2), "e=");
    return result;
  };
  EXPECT_EQ(fault(replaced("dHz", "eHz")), ScramFault::wrong_proof);
  EXPECT_EQ(fault(replaced("r=r", "r=R")), ScramFault::nonce_not_extended);
  EXPECT_EQ(fault(replaced("biws", "eSws")), ScramFault::wrong_binding);
  EXPECT_EQ(fault(good + ","), ScramFault::malformed);
  EXPECT_EQ(fault(good.substr(0, good.size() - 1)), ScramFault::malformed);
  EXPECT_EQ(fault(""), ScramFault::malformed);
}

TEST(ScramServer, RefusesAMalformedFirstMessage) {
  for (const char* message : {"", "n,,", "n,,n=", "n,,r=x", "n,,n=,r=", "p=tls-unique,,n=,r=x",
                              "n,a=x,n=,r=x", "n,,n=,r=\x7F"}) {
    ScramServer server = server_of_rfc();
    std::string answer;
    EXPECT_EQ(server.on_client_first(message, answer), ScramFault::malformed) << message;
  }
}

TEST(Md5Password, IsThatOfPostgreSQL) {
  // SELECT 'md5' || md5(md5('secret' || 'me') || 'abcd')
  const std::array salt{std::byte{'a'}, std::byte{'b'}, std::byte{'c'}, std::byte{'d'}};
  EXPECT_EQ(md5_password(Secret("secret"), "me", salt), "md5144b723776673e7e3ec447c5b47dd7a5");
}

TEST(Base64, HasOneSpellingForEachSequence) {
  EXPECT_EQ(to_base64(as_bytes("")), "");
  EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
  EXPECT_EQ(to_base64(as_bytes("fo")), "Zm8=");
  EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
  for (const char* refused :
       {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zg= ", "Zm9v\n", "Zm-v"})
    EXPECT_EQ(from_base64(refused), std::nullopt) << refused;
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
    const auto back = from_base64(to_base64(as_bytes(all)));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(as_text(*back), all);
  }
}

// Requirement: A11
TEST(Saslprep, MapsSpacesAndInvisibleCharacters) {
  EXPECT_EQ(saslprep("plain ASCII \x01"), "plain ASCII \x01");
  EXPECT_EQ(saslprep("a\u00A0b"), "a b");
  EXPECT_EQ(saslprep("a\u3000\u00E9"), "a \u00E9");
  EXPECT_EQ(saslprep("I\u00ADX"), "IX");  // RFC 4013, section 3, example 1
  EXPECT_EQ(saslprep("\u043F\u0430\u0440\u043E\u043B\u044C\uFEFF"),
            "\u043F\u0430\u0440\u043E\u043B\u044C");
}

// Requirement: A11
TEST(Saslprep, ComposesAsPostgresDoes) {
  EXPECT_EQ(saslprep("\u00AA"), "a");        // RFC 4013, section 3, example 4
  EXPECT_EQ(saslprep("\u2168"), "IX");       // and 5
  EXPECT_EQ(saslprep("e\u0301"), "\u00E9");  // an accent by itself
  EXPECT_EQ(saslprep("\uFB01\uFF21"), "fiA");
  EXPECT_EQ(saslprep("\u1112\u1161\u11AB"), "\uD55C");  // a syllable of three parts
  EXPECT_EQ(saslprep("a\u0323\u0307"), saslprep("a\u0307\u0323"));
  EXPECT_EQ(saslprep("\u00BD"), "1\u20442");
  EXPECT_EQ(saslprep("e\u00AD\u0301"), "\u00E9") << "what is invisible goes first";
  EXPECT_EQ(saslprep("\uFDFA"), std::string("\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 "
                                            "\u0639\u0644\u064A\u0647 \u0648\u0633\u0644\u0645"))
      << "the longest of all";
}

// Requirement: A11
TEST(Saslprep, TakesWhatIsWrittenFromRightToLeftByItself) {
  EXPECT_EQ(saslprep("\u0627\u00A01\u0628"), "\u0627 1\u0628");
  for (const char* password : {"\u06271\u00A0", "\u0627\u00A0b\u0628", "\uFF21\u0627"})
    EXPECT_EQ(saslprep(password), password) << "of both kinds, or a digit at its end";
}

// Requirement: A11
TEST(Saslprep, LeavesWhatItDoesNotAcceptAsItIs) {
  for (const char* password :
       {"\u00AD", "\u00A0\u0007", "\u00A0\U0001F600", "\uFB01\u0221", "\uFB01\u0007",
        "\u00A0\uE000", "\u00A0\xFF", "\u00A0\xC3", "\u00A0\xC0\x80", "\u00A0\xED\xA0\x80",
        "\u00A0\xF4\x90\x80\x80", ""})
    EXPECT_EQ(saslprep(password), password);
}

}  // namespace
}  // namespace pgreactor::protocol
