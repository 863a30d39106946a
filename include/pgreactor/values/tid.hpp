#pragma once
#include <compare>
#include <cstdint>
#include <pgreactor/values/single_type_codec.hpp>
#include <pgreactor/values/text_scanner.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor {

/// tid: where a row version stands in its table, as the column ctid shows it.
/// Units   block counts pages from 0, offset counts rows within the page from 1.
/// Errors  parse(): invalid for what is not "(block,offset)", out_of_range for larger numbers.
class Tid {
 public:
  constexpr Tid() = default;
  constexpr Tid(std::uint32_t block, std::uint16_t offset) noexcept
      : block_(block), offset_(offset) {}
  static Decoded<Tid> parse(std::string_view text) noexcept;

  constexpr std::uint32_t block() const noexcept { return block_; }
  constexpr std::uint16_t offset() const noexcept { return offset_; }
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& out) const {
    out.push_back('(');
    detail::append_padded(out, block_, 1);
    out.push_back(',');
    detail::append_padded(out, offset_, 1);
    out.push_back(')');
  }

  friend constexpr bool operator==(const Tid&, const Tid&) = default;
  friend constexpr auto operator<=>(const Tid&, const Tid&) = default;

 private:
  std::uint32_t block_ = 0;
  std::uint16_t offset_ = 0;
};

inline Decoded<Tid> Tid::parse(std::string_view text) noexcept {
  detail::TextScanner in{text};
  constexpr std::size_t most_digits = 10;
  if (!in.accept('(')) return DecodeError::invalid;
  const auto block = in.number(1, most_digits);
  if (!block || !in.accept(',')) return DecodeError::invalid;
  const auto offset = in.number(1, most_digits);
  if (!offset || !in.accept(')') || !in.at_end()) return DecodeError::invalid;
  if (!std::in_range<std::uint32_t>(*block) || !std::in_range<std::uint16_t>(*offset))
    return DecodeError::out_of_range;
  return Tid{static_cast<std::uint32_t>(*block), static_cast<std::uint16_t>(*offset)};
}

namespace detail {

// u32 block, u16 offset
struct TidLayout {
  static void write(ByteBuffer& out, const Tid& value) {
    append_fixed(out, value.block());
    append_fixed(out, value.offset());
  }
  static DecodeError read(Bytes in, Tid& value) noexcept {
    ValueReader reader{in};
    const auto block = reader.number<std::uint32_t>();
    value = Tid{block, reader.number<std::uint16_t>()};
    return reader.error();
  }
};

}  // namespace detail

/// Tid <-> tid.
template <>
struct ValueCodec<Tid> : detail::SingleTypeCodec<Tid, oid::tid, detail::TidLayout> {};

}  // namespace pgreactor
