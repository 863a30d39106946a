#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/scram.hpp"

namespace pgreactor::connection {

/// The keys of one password for the salts that servers have shown: a pool's second connect costs no
/// PBKDF2. Bounded; the oldest goes first. Of the password it keeps a digest by a key of its own,
/// which tells two apart and is none (A17).
class ScramKeyCache {
 public:
  ScramKeyCache() noexcept;

  std::optional<protocol::ScramKeys> find(std::string_view password, Bytes salt,
                                          std::uint32_t iterations) const;
  void add(std::string_view password, Bytes salt, std::uint32_t iterations,
           const protocol::ScramKeys& keys);

 private:
  struct Known {
    protocol::Sha256 password;  // its digest
    std::vector<std::byte> salt;
    std::uint32_t iterations;
    protocol::ScramKeys keys;
  };
  protocol::Sha256 digest_of(std::string_view password) const noexcept;

  static constexpr std::size_t most = 16;
  protocol::Sha256 digest_key_{};
  std::vector<Known> known_;
};

}  // namespace pgreactor::connection
