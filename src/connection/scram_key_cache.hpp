#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/scram.hpp"

namespace pgreactor::connection {

/// The keys of one password for the salts that servers have shown: a pool's second connect costs no
/// PBKDF2. Bounded; the oldest goes first.
class ScramKeyCache {
 public:
  std::optional<protocol::ScramKeys> find(std::string_view password, Bytes salt,
                                          std::uint32_t iterations) const;
  void add(std::string_view password, Bytes salt, std::uint32_t iterations,
           const protocol::ScramKeys& keys);

 private:
  struct Known {
    Secret password;
    std::vector<std::byte> salt;
    std::uint32_t iterations;
    protocol::ScramKeys keys;
  };
  static constexpr std::size_t most = 16;
  std::vector<Known> known_;
};

}  // namespace pgreactor::connection
