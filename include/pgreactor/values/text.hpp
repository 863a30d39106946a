#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/json.hpp>
#include <pgreactor/values/server_text.hpp>
#include <pgreactor/values/utf8.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>
#include <string_view>

namespace pgreactor {

/// A view of text <-> the text family.
/// Parameter  of any type: the text family gets the bytes as they are, every other type reads the
///            text with its input function, so that "2020-01-01" is a date and "{1,2}" an int4[].
/// Column     the text family and json, and jsonb; any type in text format.
/// Errors     embedded_nul, invalid_text: PostgreSQL holds neither.
/// Owner      a decoded view points into the row it came from and lives as long.
template <>
struct ValueCodec<std::string_view> {
  static constexpr Oid natural_type = oid::text;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return is_text_family(type) ? FormatCode::binary : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, std::string_view value, Oid) {
    const EncodeError error = check_text(value);
    if (error == EncodeError::none) out.append(value);
    return error;
  }
  static EncodeError encode_with_length(ByteBuffer& out, std::string_view value, Oid) {
    const EncodeError error = check_text(value);
    if (error != EncodeError::none) [[unlikely]]
      return error;
    // What was checked is short enough.
    const auto length = static_cast<std::int32_t>(value.size());
    std::byte* const at = out.extend(sizeof length + value.size());
    store_big_endian(at, length);
    if (!value.empty()) std::memcpy(at + sizeof length, value.data(), value.size());
    return EncodeError::none;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format,
                            std::string_view& value) noexcept {
    if (format == FormatCode::binary && !is_text_family(type)) [[unlikely]]
      return detail::json_text(in, type, format, value);
    value = as_text(in);
    return DecodeError::none;
  }
};

/// Owned text <-> any type: what a parameter does is said at std::string_view; a column of any type
/// becomes the text the server itself would show (timestamptz at UTC, or as the session has it
/// where it comes as text).
template <>
struct ValueCodec<std::string> {
  static constexpr Oid natural_type = oid::text;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return ValueCodec<std::string_view>::parameter_format(type);
  }
  static EncodeError encode(ByteBuffer& out, const std::string& value, Oid type) {
    return ValueCodec<std::string_view>::encode(out, value, type);
  }
  static EncodeError encode_with_length(ByteBuffer& out, const std::string& value, Oid type) {
    return ValueCodec<std::string_view>::encode_with_length(out, value, type);
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, std::string& value) {
    if (format == FormatCode::binary && !is_text_family(type)) [[unlikely]] {
      value.clear();
      return append_server_text(value, in, type);
    }
    value.assign(as_text(in));
    return DecodeError::none;
  }
};

/// Text that ends with NUL, such as a literal: a parameter only, since nothing could own what a
/// column holds. The null pointer is SQL NULL (see is_null).
template <>
struct ValueCodec<const char*> {
  static constexpr Oid natural_type = oid::text;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return ValueCodec<std::string_view>::parameter_format(type);
  }
  static EncodeError encode(ByteBuffer& out, const char* value, Oid type) {
    assert(value != nullptr);
    return ValueCodec<std::string_view>::encode(out, value, type);
  }
  static DecodeError decode(Bytes, Oid, FormatCode, const char*&) noexcept {
    return DecodeError::type_mismatch;
  }
};
template <>
struct ValueCodec<char*> : ValueCodec<const char*> {
  static DecodeError decode(Bytes, Oid, FormatCode, char*&) noexcept {
    return DecodeError::type_mismatch;
  }
};

}  // namespace pgreactor
