#pragma once
#include <cstdint>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/utf8.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor {

/// The text of a JSON document, for json and jsonb alike. The server judges the syntax; here it is
/// text. jsonb gives it back with its own blanks and key order.
class Json {
 public:
  Json() : text_("null") {}
  explicit Json(std::string text) : text_(std::move(text)) {}
  explicit Json(std::string_view text) : text_(text) {}
  explicit Json(const char* text) : text_(text) {}

  const std::string& text() const& noexcept { return text_; }
  std::string text() && noexcept { return std::move(text_); }
  const std::string& to_string() const noexcept { return text_; }

  /// The same text, character by character; not the same document.
  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::string text_;
};

namespace detail {

// u8 version (always 1), then the document's text
inline constexpr std::uint8_t jsonb_version = 1;

/// The text inside a json or jsonb value of either format.
inline DecodeError json_text(Bytes in, Oid type, FormatCode format,
                             std::string_view& text) noexcept {
  if (type == oid::jsonb && format == FormatCode::binary) {
    if (in.empty()) return DecodeError::truncated;
    if (std::to_integer<std::uint8_t>(in.front()) != jsonb_version) return DecodeError::invalid;
    in = in.subspan(1);
  } else if (type != oid::json && type != oid::jsonb) {
    return DecodeError::type_mismatch;
  }
  text = as_text(in);
  return DecodeError::none;
}

}  // namespace detail

/// Json <-> json, jsonb.
template <>
struct ValueCodec<Json> {
  static constexpr Oid natural_type = oid::jsonb;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    const bool binary = type == oid::jsonb || type == oid::json;
    return binary ? FormatCode::binary : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, const Json& value, Oid type) {
    if (type == oid::jsonb)
      detail::append_fixed(out, detail::jsonb_version);
    else if (type != oid::json && !is_application_type(type))
      return EncodeError::type_mismatch;
    if (const EncodeError error = check_text(value.text()); error != EncodeError::none)
      return error;
    out.append(std::string_view{value.text()});
    return EncodeError::none;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, Json& value) {
    std::string_view text;
    const DecodeError error = detail::json_text(in, type, format, text);
    if (error == DecodeError::none) value = Json{text};
    return error;
  }
};

}  // namespace pgreactor
