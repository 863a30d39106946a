#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <pgreactor/vocabulary/format_code.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace pgreactor::protocol {

/// Reads the fields of one message body: the only way in which this folder looks at bytes of the
/// peer (W15). The first failure is remembered; from then on every getter yields zero or an empty
/// view, so that a decoder is a straight line with one check at its end, in finish().
/// Owner   the views it hands out point into the body it was given.
class Reader {
 public:
  explicit Reader(Bytes body) noexcept : left_(body) {}

  std::uint8_t u8() noexcept { return integer<std::uint8_t>(); }
  std::uint16_t u16() noexcept { return integer<std::uint16_t>(); }
  std::uint32_t u32() noexcept { return integer<std::uint32_t>(); }
  std::int16_t i16() noexcept { return integer<std::int16_t>(); }
  std::int32_t i32() noexcept { return integer<std::int32_t>(); }

  /// The text up to a NUL, which is taken too. A missing NUL is a short read (W10).
  std::string_view cstring() noexcept {
    const void* end = left_.empty() ? nullptr : std::memchr(left_.data(), 0, left_.size());
    if (end == nullptr) {
      fail(DecodeError::truncated);
      return {};
    }
    const auto length = static_cast<std::size_t>(static_cast<const std::byte*>(end) - left_.data());
    const auto text = as_text(left_.first(length));
    left_ = left_.subspan(length + 1);
    return text;
  }

  Bytes bytes(std::size_t count) noexcept {
    if (left_.size() < count) {
      fail(DecodeError::truncated);
      return {};
    }
    const Bytes taken = left_.first(count);
    left_ = left_.subspan(count);
    return taken;
  }

  /// All that is left.
  Bytes rest() noexcept { return std::exchange(left_, Bytes{}); }

  /// A value with its 32-bit length before it: -1 is NULL, any other negative is refused (W3).
  NullableBytes value() noexcept {
    const std::int32_t length = i32();
    if (length == -1) return std::nullopt;
    if (length < 0) {
      fail(DecodeError::invalid);
      return Bytes{};
    }
    return bytes(static_cast<std::size_t>(length));
  }

  FormatCode format() noexcept {
    const std::uint16_t code = u16();
    if (code > static_cast<std::uint16_t>(FormatCode::binary)) fail(DecodeError::invalid);
    return code == 1 ? FormatCode::binary : FormatCode::text;
  }
  /// A 16-bit count and that many format codes.
  void formats(std::vector<FormatCode>& list) {
    list.resize(count(sizeof(FormatCode)));
    for (FormatCode& code : list) code = format();
  }
  /// A 16-bit count and that many values.
  void values(std::vector<NullableBytes>& list) {
    list.resize(count(sizeof(std::int32_t)));
    for (NullableBytes& one : list) one = value();
  }

  /// A count of 16 bits whose elements take at least `smallest` bytes each: a count that the bytes
  /// left cannot hold is a short read, so whoever reserves by it stays within what was received.
  std::size_t count(std::size_t smallest) noexcept { return bounded(u16(), smallest); }
  /// The same with 32 bits, negative counts refused.
  std::size_t wide_count(std::size_t smallest) noexcept {
    const std::uint32_t elements = u32();
    if (elements > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())) {
      fail(DecodeError::invalid);
      return 0;
    }
    return bounded(elements, smallest);
  }

  std::size_t left() const noexcept { return left_.size(); }
  bool failed() const noexcept { return error_ != DecodeError::none; }
  DecodeError error() const noexcept { return error_; }
  /// Refuses the body; the first reason stays.
  void fail(DecodeError reason) noexcept {
    if (!failed()) error_ = reason;
    left_ = {};
  }

  /// `value`, or why the body was refused; bytes that nobody read are a reason.
  template <class T>
  Decoded<T> finish(T value) const {
    if (failed()) return error_;
    if (!left_.empty()) return DecodeError::trailing;
    return Decoded<T>(std::move(value));
  }

 private:
  template <class T>
  T integer() noexcept {
    if (left_.size() < sizeof(T)) {
      fail(DecodeError::truncated);
      return 0;
    }
    const T value = load_big_endian<T>(left_.data());
    left_ = left_.subspan(sizeof(T));
    return value;
  }

  std::size_t bounded(std::size_t elements, std::size_t smallest) noexcept {
    if (elements <= left_.size() / smallest) return elements;
    fail(DecodeError::truncated);
    return 0;
  }

  Bytes left_;
  DecodeError error_ = DecodeError::none;
};

}  // namespace pgreactor::protocol
