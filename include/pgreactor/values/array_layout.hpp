#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <pgreactor/values/wire_value.hpp>
#include <pgreactor/vocabulary/oid.hpp>
#include <span>
#include <string>
#include <string_view>

namespace pgreactor::detail {

struct ArrayDimension {
  std::int32_t size = 0;
  std::int32_t lower_bound = 1;
};

struct ArrayHeader {
  static constexpr std::size_t max_dimensions = 6;  // MAXDIM of the server

  std::size_t elements = 0;  // of all dimensions together
  std::size_t dimension_count = 0;
  std::array<ArrayDimension, max_dimensions> dimensions;

  std::span<const ArrayDimension> used() const noexcept {
    return std::span{dimensions}.first(dimension_count);
  }
};

// i32 dimensions      0 (empty) to 6
// i32 flags           1 when an element is NULL, else 0
// u32 element type
// dimensions times:
//   i32 size
//   i32 lower bound   1 unless somebody chose another
// then each element, the last dimension running fastest:
//   i32 length        -1 is NULL
//   u8[length]
// Source  src/backend/utils/adt/arrayfuncs.c, array_send
//
/// Reads up to the elements. Their number is bounded by the bytes that are left.
inline DecodeError read_array_header(ValueReader& in, Oid element, ArrayHeader& header) noexcept {
  const auto dimension_count = in.number<std::int32_t>();
  const auto flags = in.number<std::uint32_t>();
  const auto element_type = in.number<std::uint32_t>();
  if (in.ran_short()) return DecodeError::truncated;
  if (dimension_count < 0 || flags > 1 || element_type != element) return DecodeError::invalid;
  header.dimension_count = static_cast<std::size_t>(dimension_count);
  if (header.dimension_count > ArrayHeader::max_dimensions) return DecodeError::invalid;

  bool empty = dimension_count == 0;
  for (std::size_t i = 0; i < header.dimension_count; ++i) {
    ArrayDimension& dimension = header.dimensions[i];
    dimension.size = in.number<std::int32_t>();
    dimension.lower_bound = in.number<std::int32_t>();
    const std::int64_t last = std::int64_t{dimension.lower_bound} + dimension.size - 1;
    if (dimension.size < 0 || last > std::numeric_limits<std::int32_t>::max())
      return DecodeError::invalid;
    empty = empty || dimension.size == 0;
  }
  if (in.ran_short()) return DecodeError::truncated;

  header.elements = empty ? 0 : 1;
  for (const ArrayDimension& dimension : header.used()) {
    header.elements *= static_cast<std::size_t>(dimension.size);  // below 2^32 * 2^31
    if (header.elements > in.remaining() / sizeof(null_length)) return DecodeError::truncated;
  }
  return DecodeError::none;
}

/// Takes one element; `null` tells NULL from a value of no bytes.
inline DecodeError read_array_element(ValueReader& in, Bytes& element, bool& null) noexcept {
  const auto length = in.number<std::int32_t>();
  null = length == null_length;
  if (length < null_length) return DecodeError::invalid;
  element = in.take(null ? 0 : static_cast<std::size_t>(length));
  return in.ran_short() ? DecodeError::truncated : DecodeError::none;
}

inline constexpr std::string_view array_blanks = " \t\n\v\f\r";

/// Is this the word NULL, in any case? An element that reads so has to be quoted.
inline bool is_null_word(std::string_view text) noexcept {
  constexpr std::string_view word = "null";
  return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                    [](char a, char b) { return a == b || a == b - 'a' + 'A'; });
}

/// Appends an element between double quotes, whether or not it needs them.
template <class Out>
void append_quoted_element(Out& out, std::string_view text) {
  constexpr std::string_view quote = "\"";
  constexpr std::string_view escape = "\\";
  out.append(quote);
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find_first_of("\"\\"), text.size());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    out.append(escape);
    out.append(text.substr(0, 1));
    text.remove_prefix(1);
  }
  out.append(quote);
}

/// Appends an element as array_out() does: quoted where its text would be read otherwise.
inline void append_element_text(std::string& out, std::string_view text, char delimiter) {
  const bool plain = !text.empty() && !is_null_word(text) &&
                     text.find_first_of("\"\\{}") == std::string_view::npos &&
                     text.find(delimiter) == std::string_view::npos &&
                     text.find_first_of(array_blanks) == std::string_view::npos;
  if (plain)
    out.append(text);
  else
    append_quoted_element(out, text);
}

}  // namespace pgreactor::detail
