#include "src/connection/scram_key_cache.hpp"

#include <sys/random.h>

#include <algorithm>

namespace pgreactor::connection {

ScramKeyCache::ScramKeyCache() noexcept {
  // Where there are no random bytes no nonce is made either, and so no key.
  static_cast<void>(getrandom(digest_key_.data(), digest_key_.size(), 0));
}

protocol::Sha256 ScramKeyCache::digest_of(std::string_view password) const noexcept {
  return protocol::hmac_sha256(digest_key_, as_bytes(password));
}

std::optional<protocol::ScramKeys> ScramKeyCache::find(std::string_view password, Bytes salt,
                                                       std::uint32_t iterations) const {
  if (known_.empty()) return std::nullopt;
  const protocol::Sha256 digest = digest_of(password);
  for (const Known& known : known_) {
    if (known.iterations == iterations && known.password == digest &&
        std::equal(salt.begin(), salt.end(), known.salt.begin(), known.salt.end()))
      return known.keys;
  }
  return std::nullopt;
}

void ScramKeyCache::add(std::string_view password, Bytes salt, std::uint32_t iterations,
                        const protocol::ScramKeys& keys) {
  if (known_.size() >= most) known_.erase(known_.begin());
  known_.push_back(Known{digest_of(password), {salt.begin(), salt.end()}, iterations, keys});
}

}  // namespace pgreactor::connection
