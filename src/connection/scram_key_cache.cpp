#include "src/connection/scram_key_cache.hpp"

#include <algorithm>
#include <string>

namespace pgreactor::connection {

std::optional<protocol::ScramKeys> ScramKeyCache::find(std::string_view password, Bytes salt,
                                                       std::uint32_t iterations) const {
  for (const Known& known : known_) {
    if (known.iterations == iterations && known.password.reveal() == password &&
        std::equal(salt.begin(), salt.end(), known.salt.begin(), known.salt.end()))
      return known.keys;
  }
  return std::nullopt;
}

void ScramKeyCache::add(std::string_view password, Bytes salt, std::uint32_t iterations,
                        const protocol::ScramKeys& keys) {
  if (known_.size() >= most) known_.erase(known_.begin());
  known_.push_back(
      Known{Secret{std::string(password)}, {salt.begin(), salt.end()}, iterations, keys});
}

}  // namespace pgreactor::connection
