#include "protocol/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace pgreactor::protocol {

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
