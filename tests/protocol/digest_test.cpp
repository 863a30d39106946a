#include "protocol/digest.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>
#include <string_view>

namespace pgreactor::protocol::testing {
namespace {

std::string hexadecimal(const Sha256& digest) {
  std::string text;
  for (const std::byte byte : digest) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::string derived(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  return hexadecimal(pbkdf2_sha256(as_bytes(password), as_bytes(salt), iterations));
}

std::string derived_by_openssl(const std::string& password, const std::string& salt,
                               int iterations) {
  Sha256 key{};
  const auto octets = [](auto* bytes) { return reinterpret_cast<const unsigned char*>(bytes); };
  EXPECT_EQ(
      PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), octets(salt.data()),
                        static_cast<int>(salt.size()), iterations, EVP_sha256(), sha256_size,
                        reinterpret_cast<unsigned char*>(key.data())),
      1);
  return hexadecimal(key);
}

// Source  RFC 7914, section 11
TEST(Pbkdf2, IsThatOfTheStandard) {
  EXPECT_EQ(derived("passwd", "salt", 1),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  EXPECT_EQ(derived("Password", "NaCl", 80000),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
}

TEST(Pbkdf2, IsOpenSslsForEveryLength) {
  for (std::size_t size = 0; size <= 200; ++size) {
    const std::string password(size, static_cast<char>('a' + size % 26));
    const std::string salt(200 - size, static_cast<char>(size));
    EXPECT_EQ(derived(password, salt, 3), derived_by_openssl(password, salt, 3)) << size;
  }
}

// Source  RFC 4231, test cases 2 and 6
TEST(HmacSha256, IsThatOfTheStandard) {
  EXPECT_EQ(hexadecimal(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::string long_key(131, '\xaa');
  EXPECT_EQ(
      hexadecimal(hmac_sha256(as_bytes(long_key),
                              as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(hexadecimal(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hexadecimal(sha256({})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace pgreactor::protocol::testing
