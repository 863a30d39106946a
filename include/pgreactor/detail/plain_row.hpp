#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/fixed_size.hpp>
#include <pgreactor/values/utf8.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <pgreactor/vocabulary/column.hpp>
#include <string>
#include <string_view>

namespace pgreactor::detail {

/// A value whose size is known before it is written: of fixed size for a column of its own type,
/// text for a column of text, or their NULL. A row of these takes one look for room.
///   static bool fits(const T& value, Oid type) noexcept;    is it one, and may it be sent?
///   static std::size_t size(const T& value) noexcept;       bytes, without the length before them
///   static std::byte* write(std::byte* at, const T& value) noexcept;    gives where it ends
template <class T>
struct PlainValue;

template <class T>
concept Plain = requires { sizeof(PlainValue<T>); };

template <FixedSize T>
  requires(
      !requires(ByteBuffer& out, const T& value, Oid type) {
        ValueCodec<T>::append(out, value, type);
      } && !requires(const T& value) { ValueCodec<T>::is_null(value); })
struct PlainValue<T> {
  using Bits = typename FixedSizeBits<T>::Bits;
  static bool fits(const T&, Oid type) noexcept { return type == ValueCodec<T>::natural_type; }
  static constexpr std::size_t size(const T&) noexcept { return sizeof(Bits); }
  static std::byte* write(std::byte* at, const T& value) noexcept {
    store_big_endian(at, static_cast<std::int32_t>(sizeof(Bits)));
    store_big_endian(at + sizeof(null_length), FixedSizeBits<T>::to_bits(value));
    return at + sizeof(null_length) + sizeof(Bits);
  }
};

/// As memcpy, without a call for a text of 16 to 32 bytes.
inline void copy_text(std::byte* to, const char* from, std::size_t size) noexcept {
  constexpr std::size_t half = 16;
  if (size - half <= half) {  // two halves that may overlap
    std::memcpy(to, from, half);
    std::memcpy(to + size - half, from + size - half, half);
  } else if (size != 0) {
    std::memcpy(to, from, size);
  }
}

template <class T>
  requires(std::same_as<T, std::string_view> || std::same_as<T, std::string>)
struct PlainValue<T> {
  static bool fits(const T& value, Oid type) noexcept {
    return is_text_family(type) && check_text(value) == EncodeError::none;
  }
  static std::size_t size(const T& value) noexcept { return value.size(); }
  // What fits is short enough for the length.
  static std::byte* write(std::byte* at, const T& value) noexcept {
    store_big_endian(at, static_cast<std::int32_t>(value.size()));
    copy_text(at + sizeof(null_length), value.data(), value.size());
    return at + sizeof(null_length) + value.size();
  }
};

template <Plain T>
struct PlainValue<std::optional<T>> {
  static bool fits(const std::optional<T>& value, Oid type) noexcept {
    return !value.has_value() || PlainValue<T>::fits(*value, type);
  }
  static std::size_t size(const std::optional<T>& value) noexcept {
    return value.has_value() ? PlainValue<T>::size(*value) : 0;
  }
  static std::byte* write(std::byte* at, const std::optional<T>& value) noexcept {
    if (value.has_value()) return PlainValue<T>::write(at, *value);
    store_big_endian(at, null_length);
    return at + sizeof(null_length);
  }
};

/// Appends a row of binary COPY, { length i32, bytes } for each value after their count u16, when
/// all its values are plain; false, with nothing appended, when one is not, or is to be refused.
/// `columns` has as many entries as there are values.
template <class... Values>
[[gnu::always_inline]] inline bool append_plain_row([[maybe_unused]] ByteBuffer& out,
                                                    [[maybe_unused]] const Column* columns,
                                                    [[maybe_unused]] const Values&... values) {
  if constexpr ((Plain<Values> && ...)) {
    const Column* column = columns;
    if (!(PlainValue<Values>::fits(values, column++->type) && ...)) [[unlikely]]
      return false;
    constexpr auto count = static_cast<std::uint16_t>(sizeof...(Values));
    std::byte* at = out.extend(
        (sizeof(count) + ... + (sizeof(null_length) + PlainValue<Values>::size(values))));
    store_big_endian(at, count);
    at += sizeof(count);
    ((at = PlainValue<Values>::write(at, values)), ...);
    return true;
  } else {
    return false;
  }
}

}  // namespace pgreactor::detail
