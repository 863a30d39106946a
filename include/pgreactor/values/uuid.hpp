#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <pgreactor/values/byte_array_layout.hpp>
#include <pgreactor/values/hexadecimal.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <string>
#include <string_view>

namespace pgreactor {

/// uuid: sixteen bytes, in the order in which their text shows them.
/// Errors  parse(): invalid for anything but 8-4-4-4-12 hexadecimal digits of either case.
class Uuid {
 public:
  static constexpr std::size_t size = 16;

  /// The nil UUID, all zeros.
  Uuid() = default;
  explicit Uuid(const std::array<std::byte, size>& bytes) noexcept : bytes_(bytes) {}
  static Decoded<Uuid> parse(std::string_view text) noexcept;

  const std::array<std::byte, size>& bytes() const noexcept { return bytes_; }
  /// "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", lower case as the server writes it.
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& out) const;

  friend bool operator==(const Uuid&, const Uuid&) = default;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;

 private:
  /// A hyphen stands before bytes 4, 6, 8 and 10.
  static constexpr bool follows_hyphen(std::size_t byte) noexcept {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
  }
  std::array<std::byte, size> bytes_{};
};

inline Decoded<Uuid> Uuid::parse(std::string_view text) noexcept {
  constexpr std::size_t text_size = 36;
  if (text.size() != text_size) return DecodeError::invalid;
  Uuid result;
  std::size_t at = 0;
  for (std::size_t i = 0; i < size; ++i, at += 2) {
    if (follows_hyphen(i) && text[at++] != '-') return DecodeError::invalid;
    const int byte = detail::hexadecimal_byte(text[at], text[at + 1]);
    if (byte < 0) return DecodeError::invalid;
    result.bytes_[i] = static_cast<std::byte>(byte);
  }
  return result;
}

inline void Uuid::append_to(std::string& out) const {
  for (std::size_t i = 0; i < size; ++i) {
    if (follows_hyphen(i)) out.push_back('-');
    detail::append_hexadecimal(out, Bytes{bytes_}.subspan(i, 1));
  }
}

/// Uuid <-> uuid.
template <>
struct ValueCodec<Uuid> : detail::SingleTypeCodec<Uuid, oid::uuid, detail::ByteArrayLayout<Uuid>> {
};

}  // namespace pgreactor

template <>
struct std::hash<pgreactor::Uuid> {
  /// Folds the halves, which are random in most versions of UUID. No defence against keys that an
  /// attacker chooses.
  std::size_t operator()(const pgreactor::Uuid& uuid) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, uuid.bytes().data(), sizeof(halves));
    return static_cast<std::size_t>(halves[0] ^ (halves[1] * 0x9e3779b97f4a7c15u));
  }
};
