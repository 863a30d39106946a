// The functions beneath OpenSSL's contexts, which OpenSSL 3 calls deprecated. Each of the thousands
// of digests of 32 bytes would otherwise cost more in copying and looking up than in hashing, and
// the first log-in of a process a millisecond for providers that nothing else of SCRAM needs.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>
#include <pgreactor/values/big_endian.hpp>

#include "protocol/digest.hpp"

namespace pgreactor::protocol {
namespace {

constexpr std::size_t block_size = SHA256_CBLOCK;
using Block = std::array<std::byte, block_size>;

template <class T>
void wipe_all(T& secret) noexcept {
  wipe(reinterpret_cast<std::byte*>(&secret), sizeof(secret));
}

void update(SHA256_CTX& state, Bytes bytes) noexcept {
  SHA256_Update(&state, bytes.data(), bytes.size());
}

unsigned char* octets(Sha256& digest) noexcept {
  return reinterpret_cast<unsigned char*>(digest.data());
}

/// HMAC-SHA-256 with one key: two compressions for a message of 32 bytes.
class RepeatedHmac {
 public:
  explicit RepeatedHmac(Bytes key) noexcept {
    Sha256 shorter{};
    if (key.size() > block_size) {
      shorter = sha256(key);
      key = shorter;
    }
    begin(key, std::byte{0x36}, inner_);
    begin(key, std::byte{0x5c}, outer_);
    wipe_all(shorter);
    // What follows the 32 bytes in their block: the end mark, and the length of it all in bits.
    block_[sha256_size] = std::byte{0x80};
    store_big_endian(block_.data() + block_size - sizeof(std::uint64_t),
                     std::uint64_t{8 * (block_size + sha256_size)});
  }
  RepeatedHmac(const RepeatedHmac&) = delete;
  RepeatedHmac& operator=(const RepeatedHmac&) = delete;
  ~RepeatedHmac() {
    wipe_all(inner_);
    wipe_all(outer_);
    wipe_all(block_);
  }

  Sha256 of(Bytes first, Bytes second) noexcept {
    SHA256_CTX state = inner_;
    update(state, first);
    update(state, second);
    Sha256 digest;
    SHA256_Final(octets(digest), &state);
    compress_behind(outer_, digest);
    return digest;
  }
  /// message = HMAC(key, message)
  void apply(Sha256& message) noexcept {
    compress_behind(inner_, message);
    compress_behind(outer_, message);
  }

 private:
  static void begin(Bytes key, std::byte pad, SHA256_CTX& state) noexcept {
    Block block;
    block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
    SHA256_Init(&state);
    update(state, block);
    wipe_all(block);
  }
  void compress_behind(const SHA256_CTX& start, Sha256& message) noexcept {
    std::copy(message.begin(), message.end(), block_.begin());
    SHA256_CTX state = start;
    SHA256_Transform(&state, reinterpret_cast<const unsigned char*>(block_.data()));
    std::byte* target = message.data();
    for (const std::uint32_t word : state.h) {
      store_big_endian(target, word);
      target += sizeof(word);
    }
  }

  SHA256_CTX inner_{}, outer_{};
  Block block_{};
};

}  // namespace

Sha256 sha256(Bytes message) noexcept {
  SHA256_CTX state;
  SHA256_Init(&state);
  update(state, message);
  Sha256 digest;
  SHA256_Final(octets(digest), &state);
  wipe_all(state);
  return digest;
}

Sha256 hmac_sha256(Bytes key, Bytes message) noexcept { return RepeatedHmac(key).of(message, {}); }

Sha256 pbkdf2_sha256(Bytes password, Bytes salt, std::uint32_t iterations) noexcept {
  RepeatedHmac hmac(password);
  constexpr std::array first_block{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
  Sha256 last = hmac.of(salt, first_block);
  Sha256 key = last;
  for (std::uint32_t i = 1; i < iterations; ++i) {
    hmac.apply(last);
    for (std::size_t at = 0; at < sha256_size; ++at) key[at] ^= last[at];
  }
  wipe_all(last);
  return key;
}

}  // namespace pgreactor::protocol
