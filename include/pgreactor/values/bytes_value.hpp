#pragma once
#include <cstddef>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/hexadecimal.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>
#include <vector>

namespace pgreactor {

namespace detail {

/// "\x00ff": the text of bytea, whatever the setting bytea_output of a session.
inline void append_bytea_text(std::string& out, Bytes bytes) {
  out.append("\\x");
  append_hexadecimal(out, bytes);
}

/// Reads either text form of bytea: "\x00ff", or escaped: "\000\377\\A".
inline DecodeError parse_bytea(std::string_view text, std::vector<std::byte>& value) {
  value.clear();
  value.reserve(text.size());
  if (text.starts_with("\\x")) {
    if (text.size() % 2 != 0) return DecodeError::invalid;
    for (std::size_t at = 2; at < text.size(); at += 2) {
      const int byte = hexadecimal_byte(text[at], text[at + 1]);
      if (byte < 0) return DecodeError::invalid;
      value.push_back(static_cast<std::byte>(byte));
    }
    return DecodeError::none;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      value.push_back(static_cast<std::byte>(text[at]));
    } else if (text.size() - at > 1 && text[at + 1] == '\\') {
      value.push_back(static_cast<std::byte>('\\'));
      ++at;
    } else {
      if (text.size() - at < 4) return DecodeError::invalid;
      const auto octal = [&](std::size_t i) { return static_cast<unsigned>(text[at + i] - '0'); };
      if (octal(1) > 3 || octal(2) > 7 || octal(3) > 7) return DecodeError::invalid;
      value.push_back(static_cast<std::byte>(octal(1) * 64 + octal(2) * 8 + octal(3)));
      at += 3;
    }
  }
  return DecodeError::none;
}

}  // namespace detail

/// A view of bytes <-> bytea.
/// Column     binary format alone: the text of a bytea has to be converted, and nothing would own
///            the result.
/// Owner      a decoded view points into the row it came from and lives as long.
template <>
struct ValueCodec<Bytes> {
  static constexpr Oid natural_type = oid::bytea;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return type == oid::bytea ? FormatCode::binary : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, Bytes value, Oid type) {
    if (value.size() > detail::max_value_size) return EncodeError::too_large;
    if (type == oid::bytea) {
      out.append(value);
      return EncodeError::none;
    }
    if (!is_application_type(type)) return EncodeError::type_mismatch;
    if (value.size() > detail::max_value_size / 2) return EncodeError::too_large;
    std::string text;
    detail::append_bytea_text(text, value);
    out.append(std::string_view{text});
    return EncodeError::none;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, Bytes& value) noexcept {
    if (type != oid::bytea || format != FormatCode::binary) return DecodeError::type_mismatch;
    value = in;
    return DecodeError::none;
  }
};

/// Owned bytes <-> bytea, in either format.
template <>
struct ValueCodec<std::vector<std::byte>> {
  static constexpr Oid natural_type = oid::bytea;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return ValueCodec<Bytes>::parameter_format(type);
  }
  static EncodeError encode(ByteBuffer& out, const std::vector<std::byte>& value, Oid type) {
    return ValueCodec<Bytes>::encode(out, value, type);
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, std::vector<std::byte>& value) {
    if (type != oid::bytea) return DecodeError::type_mismatch;
    if (format == FormatCode::text) return detail::parse_bytea(as_text(in), value);
    value.assign(in.begin(), in.end());
    return DecodeError::none;
  }
};

}  // namespace pgreactor
