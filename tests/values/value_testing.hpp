#pragma once
#include <gtest/gtest.h>

#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/hexadecimal.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pgreactor::testing {

inline std::string hex_of(Bytes bytes) {
  std::string digits;
  detail::append_hexadecimal(digits, bytes);
  return digits;
}

/// Digits without the blanks that show where a field ends.
inline std::string packed(std::string_view digits) {
  std::string text{digits};
  std::erase(text, ' ');
  return text;
}

/// Two digits a byte; blanks between fields are allowed.
inline std::vector<std::byte> bytes_of_hex(std::string_view spaced) {
  const std::string digits = packed(spaced);
  std::vector<std::byte> bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
    bytes.push_back(static_cast<std::byte>(detail::hexadecimal_byte(digits[at], digits[at + 1])));
  return bytes;
}

/// What a parameter of `type` carries: "binary <hex>", "text <text>", or why it is refused.
template <class T>
std::string parameter(const T& value, Oid type) {
  ByteBuffer out;
  const EncodeError error = ValueCodec<T>::encode(out, value, type);
  if (error != EncodeError::none) return std::string(name_of(error));
  return ValueCodec<T>::parameter_format(type) == FormatCode::binary
             ? "binary " + hex_of(out.bytes())
             : "text " + std::string(as_text(out.bytes()));
}

inline const std::string mismatch{name_of(EncodeError::type_mismatch)};
inline const std::string out_of_range{name_of(EncodeError::out_of_range)};

/// A T decoded, or why not.
template <class T>
Decoded<T> column(Bytes in, Oid type, FormatCode format) {
  T value{};
  const DecodeError error = ValueCodec<T>::decode(in, type, format, value);
  if (error != DecodeError::none) return error;
  return value;
}
template <class T>
Decoded<T> binary_column(std::string_view hex, Oid type) {
  const std::vector<std::byte> bytes = bytes_of_hex(hex);
  return column<T>(bytes, type, FormatCode::binary);
}
template <class T>
Decoded<T> text_column(std::string_view text, Oid type) {
  return column<T>(as_bytes(text), type, FormatCode::text);
}

/// The value, which the test expects to be there.
template <class T>
T value_of(Decoded<T> decoded) {
  if (decoded) return *std::move(decoded);
  ADD_FAILURE() << "no value: " << name_of(decoded.error());
  return T{};
}

}  // namespace pgreactor::testing
