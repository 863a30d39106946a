#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/format_code.hpp>
#include <span>
#include <string_view>

namespace pgreactor::protocol {

/// Bytes a message body may have, either way: the server's own limit of 1 GiB - 1 less one (W1).
inline constexpr std::uint32_t max_body = 0x3FFFFFFE;

/// Writes messages at the end of a buffer. The first failure is remembered, undoes everything this
/// Writer wrote, and makes the rest of its calls do nothing: several messages of one Writer arrive
/// whole or not at all. Sizes are added in 64 bits and compared before a byte is copied (W1).
/// Errors  too_large: a body above the limit, a count above its 16 bits.
///         embedded_nul: a text that would end early and start something else (W21).
///         Throws std::bad_alloc, after undoing the same.
/// Owner   the buffer; nobody else may append to or consume from it while the Writer lives.
class Writer {
 public:
  /// One message: writes its length when it leaves scope, or undoes everything after a failure.
  class [[nodiscard]] Frame {
   public:
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    ~Frame() { writer_.end(); }

   private:
    friend class Writer;
    explicit Frame(Writer& writer) noexcept : writer_(writer) {}
    Writer& writer_;
  };

  /// `limit` is lowered by tests alone, to reach it without a GiB of memory.
  explicit Writer(ByteBuffer& out, std::uint32_t limit = max_body) noexcept
      : out_(out), undo_(out.size()), limit_(limit) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Starts a message of a type byte and a length.
  template <class Tag>
  Frame begin(Tag type) {
    return begin_with(static_cast<char>(type), true);
  }
  /// Starts one of the messages without a type byte, which open a connection.
  Frame begin_untyped() { return begin_with(0, false); }

  void u8(std::uint8_t value) { integer(value); }
  void u16(std::uint16_t value) { integer(value); }
  void u32(std::uint32_t value) { integer(value); }
  void i16(std::int16_t value) { integer(value); }
  void i32(std::int32_t value) { integer(value); }
  void format(FormatCode code) { integer(static_cast<std::uint16_t>(code)); }

  void bytes(Bytes source) {
    std::byte* target = room(source.size());
    if (target != nullptr && !source.empty()) std::memcpy(target, source.data(), source.size());
  }
  /// The text and a NUL; a text that holds one is refused.
  void cstring(std::string_view text) {
    // By itself first: with the NUL, the largest size of all would wrap to none.
    if (!fits(text.size()) || !fits(std::uint64_t{text.size()} + 1)) return;
    if (!text.empty() && std::memchr(text.data(), 0, text.size()) != nullptr)
      return fail(EncodeError::embedded_nul);
    bytes(as_bytes(text));
    u8(0);
  }
  /// A value with its 32-bit length before it; NULL is the length -1.
  void value(const NullableBytes& value) {
    if (!value) return i32(-1);
    if (!fits(value->size()) || !fits(std::uint64_t{value->size()} + sizeof(std::int32_t))) return;
    u32(static_cast<std::uint32_t>(value->size()));
    bytes(*value);
  }

  /// A 16-bit count and that many elements, each written by `write`.
  template <class Element, class Write>
  void counted(std::span<const Element> elements, Write write) {
    if (elements.size() > std::numeric_limits<std::uint16_t>::max())
      return fail(EncodeError::too_large);
    u16(static_cast<std::uint16_t>(elements.size()));
    for (const Element& element : elements) std::invoke(write, *this, element);
  }
  /// A 16-bit count and that many values, refused before the first is copied if they do not fit.
  void values(std::span<const NullableBytes> values) {
    std::uint64_t total = sizeof(std::uint16_t);
    for (const NullableBytes& value : values) {
      // No single size near 2^64 may wrap the sum; what is above the limit can be cut to just that.
      const std::uint64_t size = value ? std::uint64_t{value->size()} : 0;
      total += sizeof(std::int32_t) + (size > limit_ ? std::uint64_t{limit_} + 1 : size);
    }
    if (fits(total)) counted(values, &Writer::value);
  }

  /// Do `count` bytes more fit this message? If not, the failure is remembered.
  bool fits(std::uint64_t count) noexcept {
    assert(open_);
    if (failed()) return false;
    const std::uint64_t used = out_.size() - body_;
    if (count <= limit_ && used + count <= limit_) return true;
    fail(EncodeError::too_large);
    return false;
  }
  void fail(EncodeError reason) noexcept {
    if (failed()) return;
    error_ = reason;
    out_.truncate(undo_);
  }
  bool failed() const noexcept { return error_ != EncodeError::none; }
  EncodeError error() const noexcept { return error_; }

 private:
  static constexpr std::size_t length_size = sizeof(std::uint32_t);

  Frame begin_with(char type, bool typed) {
    assert(!open_);
    if (!failed()) {
      std::byte* header = extend((typed ? 1 : 0) + length_size);
      if (typed) header[0] = static_cast<std::byte>(type);
      body_ = out_.size();
    }
    open_ = true;
    return Frame(*this);
  }

  void end() noexcept {
    open_ = false;
    if (failed()) return;
    // The length counts itself and not the type byte; the body was kept below 2^30.
    const auto length = static_cast<std::uint32_t>(out_.size() - body_ + length_size);
    store_big_endian(out_.at(body_ - length_size), length);
  }

  template <class T>
  void integer(T value) {
    if (std::byte* target = room(sizeof(T)); target != nullptr) store_big_endian(target, value);
  }

  std::byte* room(std::uint64_t count) { return fits(count) ? extend(count) : nullptr; }

  std::byte* extend(std::size_t count) {
    try {
      return out_.extend(count);
    } catch (...) {
      fail(EncodeError::too_large);  // half a message must not stay queued
      throw;
    }
  }

  ByteBuffer& out_;
  std::size_t undo_;      // size of the buffer to go back to
  std::size_t body_ = 0;  // offset of the body that is being written
  std::uint32_t limit_;
  EncodeError error_ = EncodeError::none;
  bool open_ = false;
};

}  // namespace pgreactor::protocol
