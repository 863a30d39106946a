#include "src/operator/base64url.hpp"

#include <cstdint>

namespace pgreactor::operators {
namespace {

constexpr std::string_view base64url_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned bits_per_letter = 6;
constexpr unsigned bits_per_byte = 8;

}  // namespace

std::string base64url_of(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char byte : bytes) {
    held = (held << bits_per_byte) | static_cast<unsigned char>(byte);
    for (bits += bits_per_byte; bits >= bits_per_letter;) {
      bits -= bits_per_letter;
      text.push_back(base64url_letters[(held >> bits) & 63u]);
    }
  }
  if (bits != 0) text.push_back(base64url_letters[(held << (bits_per_letter - bits)) & 63u]);
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char letter : text) {
    const std::size_t value = base64url_letters.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    held = (held << bits_per_letter) | static_cast<std::uint32_t>(value);
    bits += bits_per_letter;
    if (bits < bits_per_byte) continue;
    bits -= bits_per_byte;
    bytes.push_back(static_cast<char>((held >> bits) & 255u));
  }
  const bool is_whole = bits < bits_per_letter && (held & ((1u << bits) - 1)) == 0;
  return is_whole ? std::optional<std::string>(std::move(bytes)) : std::nullopt;
}

}  // namespace pgreactor::operators
