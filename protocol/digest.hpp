#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>

// The digests that authentication needs, so that one file alone includes OpenSSL. Each returns
// false when the installed OpenSSL refuses it: MD5 under FIPS, or memory that is exhausted.
namespace pgreactor::protocol {

inline constexpr std::size_t sha256_size = 32;
using Sha256 = std::array<std::byte, sha256_size>;

[[nodiscard]] bool sha256(Bytes message, Sha256& digest) noexcept;
[[nodiscard]] bool hmac_sha256(Bytes key, Bytes message, Sha256& digest) noexcept;
/// PBKDF2 with HMAC-SHA-256: about a quarter of a microsecond per iteration.
[[nodiscard]] bool pbkdf2_sha256(Bytes password, Bytes salt, std::uint32_t iterations,
                                 Sha256& key) noexcept;
/// 32 lower-case hexadecimal digits.
[[nodiscard]] bool md5_hex(Bytes message, std::string& digits);

/// Compares in a time that does not depend on where the two differ.
bool equal_in_constant_time(const Sha256& a, const Sha256& b) noexcept;
/// Overwrites a key; the compiler may not drop it.
void wipe(std::byte* bytes, std::size_t count) noexcept;

}  // namespace pgreactor::protocol
