#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>

// The digests that authentication needs, so that two files alone include OpenSSL.
namespace pgreactor::protocol {

inline constexpr std::size_t sha256_size = 32;
using Sha256 = std::array<std::byte, sha256_size>;

Sha256 sha256(Bytes message) noexcept;
Sha256 hmac_sha256(Bytes key, Bytes message) noexcept;
/// PBKDF2 with HMAC-SHA-256, its first block: a tenth of a microsecond per iteration with the
/// processor's own instructions for SHA. No iterations count as one.
/// Source  RFC 8018, section 5.2
Sha256 pbkdf2_sha256(Bytes password, Bytes salt, std::uint32_t iterations) noexcept;
/// 32 lower-case hexadecimal digits; false when the installed OpenSSL refuses MD5, as under FIPS.
[[nodiscard]] bool md5_hex(Bytes message, std::string& digits);

/// Compares in a time that does not depend on where the two differ.
bool equal_in_constant_time(const Sha256& a, const Sha256& b) noexcept;
/// Overwrites a key; the compiler may not drop it.
void wipe(std::byte* bytes, std::size_t count) noexcept;

}  // namespace pgreactor::protocol
