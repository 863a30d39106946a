#pragma once
#include <cstddef>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string_view>

namespace pgreactor {

namespace detail {

/// The byte of a "char" in its text: nothing for zero; "\ooo" in octal for what is not ASCII from
/// version 16 on, and the byte itself before.
inline DecodeError parse_character(std::string_view text, char& value) noexcept {
  const auto octal = [&](std::size_t at) { return static_cast<unsigned>(text[at] - '0'); };
  constexpr std::size_t escaped = 4;
  if (text.empty()) {
    value = '\0';
  } else if (text.size() == 1) {
    value = text.front();
  } else if (text.size() == escaped && text.front() == '\\' && octal(1) <= 3 && octal(2) <= 7 &&
             octal(3) <= 7) {
    value = static_cast<char>(octal(1) * 64 + octal(2) * 8 + octal(3));
  } else {
    return DecodeError::invalid;
  }
  return DecodeError::none;
}

}  // namespace detail

/// char <-> "char", the server's type of one byte, which is not char(1).
/// Parameter  "char" in binary; ASCII as text of one character for the text family and for
///            application types.
/// Column     "char"; the text family when it is one character of ASCII.
/// Errors     out_of_range for a character that is not ASCII where text is meant, for other text
///            than one character; embedded_nul.
template <>
struct ValueCodec<char> {
  static constexpr Oid natural_type = oid::character;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return type == oid::character || is_text_family(type) ? FormatCode::binary : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, char value, Oid type) {
    if (type != oid::character) {
      if (!is_text_family(type) && !is_application_type(type)) return EncodeError::type_mismatch;
      if (value == '\0') return EncodeError::embedded_nul;
      if (!is_ascii(value)) return EncodeError::out_of_range;
    }
    out.append(std::string_view{&value, 1});
    return EncodeError::none;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, char& value) noexcept {
    const std::string_view text = as_text(in);
    if (is_text_family(type)) {
      if (text.size() != 1 || !is_ascii(text.front())) return DecodeError::out_of_range;
      value = text.front();
      return DecodeError::none;
    }
    if (type != oid::character) return DecodeError::type_mismatch;
    return format == FormatCode::binary ? detail::read_fixed(in, value)
                                        : detail::parse_character(text, value);
  }

 private:
  static constexpr bool is_ascii(char c) noexcept { return static_cast<unsigned char>(c) < 0x80; }
};

}  // namespace pgreactor
