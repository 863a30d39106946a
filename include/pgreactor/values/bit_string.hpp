#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <pgreactor/values/single_type_codec.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgreactor {

/// bit and bit varying: a row of bits, the leftmost being number 0.
/// Shape   up to max_size bits; an object keeps the bits beyond its last at 0.
/// Errors  parse(): invalid for what is not all "0" and "1".
/// Source  postgresql.org/docs/current/datatype-bit.html
class BitString {
 public:
  static constexpr std::size_t max_size = 0x7fffffff - 7;  // VARBITMAXLEN of the server

  BitString() = default;
  /// `size` bits, all 0. Throws std::length_error beyond max_size, as a string does.
  explicit BitString(std::size_t size) : size_(checked(size)), bytes_(bytes_for(size)) {}
  BitString(const BitString&) = default;
  BitString& operator=(const BitString&) = default;
  /// What was moved from is empty.
  BitString(BitString&& other) noexcept
      : size_(std::exchange(other.size_, 0)), bytes_(std::move(other.bytes_)) {}
  BitString& operator=(BitString&& other) noexcept {
    size_ = std::exchange(other.size_, 0);
    bytes_ = std::move(other.bytes_);
    return *this;
  }
  ~BitString() = default;
  static Decoded<BitString> parse(std::string_view text);
  /// The first `size` bits of bytes that are exactly as many as it takes.
  /// Errors  invalid when there are more or fewer bytes, or a bit beyond `size` is set.
  static Decoded<BitString> from_bytes(Bytes bytes, std::size_t size);

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  /// Bit `index`, which must be below size().
  bool operator[](std::size_t index) const noexcept {
    assert(index < size_);
    return (bytes_[index / 8] & mask_of(index)) != std::byte{0};
  }
  void set(std::size_t index, bool value) noexcept {
    assert(index < size_);
    std::byte& byte = bytes_[index / 8];
    byte = value ? byte | mask_of(index) : byte & ~mask_of(index);
  }
  /// Eight bits a byte, bit 0 the highest of the first.
  Bytes bytes() const noexcept { return bytes_; }
  /// "10110"
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& out) const {
    for (std::size_t i = 0; i < size_; ++i) out.push_back((*this)[i] ? '1' : '0');
  }

  friend bool operator==(const BitString&, const BitString&) = default;

 private:
  static std::size_t checked(std::size_t size) {
    if (size > max_size) throw std::length_error("more bits than a bit string has");
    return size;
  }
  static constexpr std::size_t bytes_for(std::size_t bits) noexcept { return (bits + 7) / 8; }
  static constexpr std::byte mask_of(std::size_t index) noexcept {
    return std::byte{0x80} >> (index % 8);
  }

  std::size_t size_ = 0;
  std::vector<std::byte> bytes_;
};

inline Decoded<BitString> BitString::parse(std::string_view text) {
  if (text.size() > max_size) return DecodeError::too_large;
  BitString result{text.size()};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '0' && text[i] != '1') return DecodeError::invalid;
    result.set(i, text[i] == '1');
  }
  return result;
}

inline Decoded<BitString> BitString::from_bytes(Bytes bytes, std::size_t size) {
  if (size > max_size || bytes.size() != bytes_for(size)) return DecodeError::invalid;
  if (size % 8 != 0 && (bytes.back() & (std::byte{0xff} >> (size % 8))) != std::byte{0})
    return DecodeError::invalid;
  BitString result;
  result.size_ = size;
  result.bytes_.assign(bytes.begin(), bytes.end());
  return result;
}

namespace detail {

// i32 bits, then as many bytes as they take
struct BitStringLayout {
  static void write(ByteBuffer& out, const BitString& value) {
    append_fixed(out, static_cast<std::int32_t>(value.size()));
    out.append(value.bytes());
  }
  static DecodeError read(Bytes in, BitString& value) {
    ValueReader reader{in};
    const auto size = reader.number<std::int32_t>();
    if (size < 0) return DecodeError::invalid;
    const Bytes bytes = reader.take((static_cast<std::size_t>(size) + 7) / 8);
    if (const DecodeError error = reader.error(); error != DecodeError::none) return error;
    Decoded<BitString> read = BitString::from_bytes(bytes, static_cast<std::size_t>(size));
    if (!read) return read.error();
    value = *std::move(read);
    return DecodeError::none;
  }
};

using VarbitCodec = SingleTypeCodec<BitString, oid::varbit, BitStringLayout>;

}  // namespace detail

/// BitString <-> bit varying and bit, whose values look the same. The server judges the length that
/// a bit(n) demands.
template <>
struct ValueCodec<BitString> : detail::VarbitCodec {
  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return detail::VarbitCodec::parameter_format(plain(type));
  }
  static EncodeError encode(ByteBuffer& out, const BitString& value, Oid type) {
    return detail::VarbitCodec::encode(out, value, plain(type));
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, BitString& value) {
    return detail::VarbitCodec::decode(in, plain(type), format, value);
  }

 private:
  static constexpr Oid plain(Oid type) noexcept { return type == oid::bit ? oid::varbit : type; }
};

}  // namespace pgreactor
