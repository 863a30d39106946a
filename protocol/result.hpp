#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/column.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/writer.hpp"

// What a statement returns, in the extended and in the simple query alike.
namespace pgreactor::protocol {

/// RowDescription (backend, 'T'): the columns of the rows that follow.
/// Body: n u16  then n times  name\0 table u32 attribute i16 type u32 type_size i16
///       type_modifier i32 format u16
struct RowDescription {
  std::vector<Column> columns{};

  friend bool operator==(const RowDescription&, const RowDescription&) = default;
};
void encode(Writer& out, const RowDescription& message);
Decoded<RowDescription> decode_row_description(Bytes body);

/// DataRow (backend, 'D'): one row.
/// Body: n u16  then n times  length i32 (-1 is NULL)  value[length]
struct DataRow {
  std::span<const NullableBytes> values{};
};
void encode(Writer& out, const DataRow& message);

/// Does the body hold exactly the values its count announces, each with a length of -1 or within
/// the bytes left (W3)? O(count).
inline bool is_whole_data_row(Bytes body) noexcept {
  constexpr std::size_t count_size = sizeof(std::uint16_t), header = sizeof(std::uint32_t);
  constexpr std::uint32_t null_length = 0xFFFFFFFF;
  const std::size_t size = body.size();
  if (size < count_size + header)
    return size == count_size && load_big_endian<std::uint16_t>(body.data()) == 0;
  std::size_t values = load_big_endian<std::uint16_t>(body.data());
  if (values == 0) return false;
  // Here and at every turn: the length that stands at `at` can be read. Lengths have 32 bits and
  // offsets 64, so that no sum wraps; NULL, and other negatives, are far above any body.
  const std::size_t last = size - header;
  std::size_t at = count_size;
  while (--values != 0) {
    const auto length = load_big_endian<std::uint32_t>(body.data() + at);
    std::size_t next = at + header + length;
    if (next > last) [[unlikely]] {
      next = at + header;
      if (length != null_length || next > last) return false;
    }
    at = next;
  }
  const auto length = load_big_endian<std::uint32_t>(body.data() + at);
  return at + header + (length == null_length ? 0 : length) == size;
}

/// The values of a DataRow whose body was found whole, in order.
/// Owner   points into the body.
class DataRowView {
 public:
  DataRowView() = default;
  /// `body` must have passed is_whole_data_row().
  explicit DataRowView(Bytes body) noexcept
      : rest_(body.subspan(sizeof(std::uint16_t))),
        count_(load_big_endian<std::uint16_t>(body.data())),
        left_(count_) {}

  std::size_t count() const noexcept { return count_; }
  bool at_end() const noexcept { return left_ == 0; }
  /// The next value; must not be called at the end.
  NullableBytes next() noexcept {
    assert(left_ != 0);
    --left_;
    const auto length = load_big_endian<std::int32_t>(rest_.data());
    rest_ = rest_.subspan(sizeof(length));
    if (length < 0) return std::nullopt;
    const Bytes value = rest_.first(static_cast<std::size_t>(length));
    rest_ = rest_.subspan(static_cast<std::size_t>(length));
    return value;
  }

 private:
  Bytes rest_;
  std::size_t count_ = 0;
  std::size_t left_ = 0;
};
Decoded<DataRowView> decode_data_row(Bytes body);

/// CommandComplete (backend, 'C'): the command ended well. The tag says which and how many rows.
/// Body: tag\0
struct CommandComplete {
  std::string_view tag{};

  friend bool operator==(const CommandComplete&, const CommandComplete&) = default;
};
void encode(Writer& out, const CommandComplete& message);
Decoded<CommandComplete> decode_command_complete(Bytes body);
/// Is the body one text with its NUL at the end, and nowhere else?
inline bool is_whole_command_complete(Bytes body) noexcept {
  // "INSERT 0 1" and its like, by its first and last eight bytes, which may overlap: none is zero
  // but the very last.
  constexpr std::size_t word = sizeof(std::uint64_t);
  if (body.size() > word && body.size() <= 2 * word) [[likely]] {
    // A byte that is not zero has its top bit set, or gets it by adding the others to its own.
    constexpr std::uint64_t below_top = 0x7f7f'7f7f'7f7f'7f7f;
    const auto has_zero = [](std::uint64_t v) {
      return ~(((v & below_top) + below_top) | v | below_top) != 0;
    };
    const auto first = load_big_endian<std::uint64_t>(body.data());
    const auto last = load_big_endian<std::uint64_t>(body.data() + body.size() - word);
    return (last & 0xffU) == 0 && !has_zero(first) && !has_zero(last | 0xffU);
  }
  return !body.empty() && std::memchr(body.data(), 0, body.size()) == &body.back();
}
/// The number of rows a tag ends with ("INSERT 0 5" is 5); 0 when there is none, or one above 2^64.
std::uint64_t affected_rows(std::string_view tag) noexcept;

/// EmptyQueryResponse (backend, 'I'): the SQL text held no command. Body: empty
struct EmptyQueryResponse {};
void encode(Writer& out, EmptyQueryResponse);

}  // namespace pgreactor::protocol
