#include "protocol/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <limits>

namespace pgreactor::protocol {

namespace {

// OpenSSL counts in int and wants unsigned char, or char where it means a password.
const unsigned char* octets(Bytes bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* octets(Sha256& digest) noexcept {
  return reinterpret_cast<unsigned char*>(digest.data());
}
const char* chars(Bytes bytes) noexcept { return reinterpret_cast<const char*>(bytes.data()); }
bool fits_int(std::size_t size) noexcept {
  return size <= static_cast<std::size_t>(std::numeric_limits<int>::max());
}

}  // namespace

bool sha256(Bytes message, Sha256& digest) noexcept {
  return EVP_Digest(message.data(), message.size(), octets(digest), nullptr, EVP_sha256(),
                    nullptr) == 1;
}

bool hmac_sha256(Bytes key, Bytes message, Sha256& digest) noexcept {
  // A null key would mean "the key of the last call"; an empty one must stay an empty one.
  static constexpr std::byte nothing{};
  if (key.empty()) key = Bytes{&nothing, 1}.first(0);
  return fits_int(key.size()) &&
         HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), octets(message),
              message.size(), octets(digest), nullptr) != nullptr;
}

bool pbkdf2_sha256(Bytes password, Bytes salt, std::uint32_t iterations, Sha256& key) noexcept {
  if (!fits_int(password.size()) || !fits_int(salt.size()) || !fits_int(iterations)) return false;
  return PKCS5_PBKDF2_HMAC(chars(password), static_cast<int>(password.size()), octets(salt),
                           static_cast<int>(salt.size()), static_cast<int>(iterations),
                           EVP_sha256(), sha256_size, octets(key)) == 1;
}

bool md5_hex(Bytes message, std::string& digits) {
  std::array<unsigned char, 16> digest{};
  if (EVP_Digest(message.data(), message.size(), digest.data(), nullptr, EVP_md5(), nullptr) != 1)
    return false;
  digits.clear();
  for (const unsigned char byte : digest) {
    digits += "0123456789abcdef"[byte >> 4];
    digits += "0123456789abcdef"[byte & 15];
  }
  return true;
}

bool equal_in_constant_time(const Sha256& a, const Sha256& b) noexcept {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::byte* bytes, std::size_t count) noexcept { OPENSSL_cleanse(bytes, count); }

}  // namespace pgreactor::protocol
