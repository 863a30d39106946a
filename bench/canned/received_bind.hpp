#pragma once
#include <charconv>
#include <cstdint>
#include <optional>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <pgreactor/vocabulary/format_code.hpp>
#include <string_view>

#include "protocol/reader.hpp"

namespace pgreactor::bench {

/// What the canned server needs of a Bind. protocol::decode_bind() keeps all of it, in lists that
/// are allocated, which would be a good part of what this server costs. Views point into the body.
struct BindSummary {
  std::string_view portal, statement;
  std::size_t parameters = 0;
  NullableBytes first_parameter;
  FormatCode parameter_format = FormatCode::text;  ///< of the first
  FormatCode result_format = FormatCode::text;     ///< of the first column
  std::size_t same_format = 0;                     ///< so many columns, from the first, have it
  std::size_t result_formats = 0;                  ///< columns that have a format of their own
  Bytes head, tail;                                ///< what stands before and behind the values
};

/// Body: as protocol::Bind, checked as closely.
inline Decoded<BindSummary> read_bind(Bytes body) noexcept {
  protocol::Reader in{body};
  BindSummary bind;
  bind.portal = in.cstring();
  bind.statement = in.cstring();
  const std::size_t formats = in.count(sizeof(std::uint16_t));
  for (std::size_t i = 0; i < formats; ++i) {
    const FormatCode format = in.format();
    if (i == 0) bind.parameter_format = format;
  }
  bind.parameters = in.count(sizeof(std::int32_t));
  bind.head = body.first(body.size() - in.left());
  for (std::size_t i = 0; i < bind.parameters; ++i) {
    const NullableBytes value = in.value();
    if (i == 0) bind.first_parameter = value;
  }
  bind.tail = body.last(in.left());
  const std::size_t results = in.count(sizeof(std::uint16_t));
  for (std::size_t i = 0; i < results; ++i) {
    const FormatCode format = in.format();
    if (i == 0) bind.result_format = format;
    if (format == bind.result_format && bind.same_format == i) ++bind.same_format;
  }
  bind.result_formats = results;
  if (formats > 1 && formats != bind.parameters) in.fail(DecodeError::invalid);
  return in.finish(bind);
}

/// The int4 that a value of this format is; nullopt for NULL, and for what is no int4.
inline std::optional<std::int32_t> int4_of(const NullableBytes& value, FormatCode format) noexcept {
  if (!value) return std::nullopt;
  if (format == FormatCode::binary) {
    if (value->size() != sizeof(std::int32_t)) return std::nullopt;
    return load_big_endian<std::int32_t>(value->data());
  }
  const std::string_view text = as_text(*value);
  std::int32_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace pgreactor::bench
