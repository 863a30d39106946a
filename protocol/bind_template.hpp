#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/format_code.hpp>
#include <span>
#include <string_view>

#include "protocol/frame.hpp"
#include "protocol/writer.hpp"

namespace pgreactor::protocol {

/// The constant bytes of "run this prepared statement": Bind, Execute, Sync.
///
///   head   'B' length  portal\0  statement\0
///          n format[n]  n value[n]               written by BindRequest
///   tail   n format[n]   'E' length portal\0 row_limit   'S' length
///
/// Made once per statement (and result formats), then copied around the values of each execution.
class BindTemplate {
 public:
  /// `result_formats`: none (all text), one for all columns, or one for each. `row_limit`: 0 is
  /// all.
  BindTemplate(std::string_view statement, std::span<const FormatCode> result_formats,
               std::string_view portal = "", std::uint32_t row_limit = 0);

  /// Why the template cannot be used; `none` when it can.
  EncodeError error() const noexcept { return error_; }

 private:
  friend class BindRequest;

  ByteBuffer bytes_;  // head and tail
  std::size_t head_size_ = 0;
  std::size_t result_formats_size_ = 0;  // of the tail: what still belongs to Bind
  EncodeError error_ = EncodeError::none;
};

/// One execution: begins a request at the end of a buffer, takes each value, ends it.
///
///   BindRequest request(out, statement_template, formats, 1);
///   const auto mark = request.begin_value();
///   request.end_value(mark, ValueCodec<T>::encode(out, value, type));
///   if (const EncodeError error = request.finish(); error != EncodeError::none) ...
///
/// Errors  As Writer: the first is remembered, and whatever was written is undone by finish(), or
///         when the request is dropped before it.
/// Owner   buffer and template outlive it; nobody else appends to the buffer meanwhile, except the
///         encoder of a value between begin_value() and end_value().
class BindRequest {
 public:
  using Mark = std::size_t;

  /// `parameter_formats`: none (all text), one for all parameters, or one for each.
  /// `limit` is lowered by tests alone.
  BindRequest(ByteBuffer& out, const BindTemplate& constant,
              std::span<const FormatCode> parameter_formats, std::size_t parameter_count,
              std::uint32_t limit = max_body);
  /// For a caller that appends formats and values, counts included, as one piece of its own.
  BindRequest(ByteBuffer& out, const BindTemplate& constant);
  ~BindRequest() {
    if (!finished_) out_.truncate(start_);
  }
  BindRequest(const BindRequest&) = delete;
  BindRequest& operator=(const BindRequest&) = delete;

  void null() {
    store_big_endian<std::int32_t>(out_.extend(length_size), -1);
    ++values_;
  }
  void value(Bytes bytes) {
    if (bytes.size() > limit_) return fail(EncodeError::too_large);
    const Mark mark = begin_value();
    out_.append(bytes);
    end_value(mark, EncodeError::none);
  }

  /// Leaves room for the length of a value that is appended to the buffer next.
  Mark begin_value() {
    out_.extend(length_size);
    return out_.size();
  }
  /// `error` is what the value's encoder said.
  void end_value(Mark mark, EncodeError error) noexcept {
    const std::size_t size = out_.size() - mark;
    if (error != EncodeError::none) return fail(error);
    if (out_.size() - start_ > std::uint64_t{limit_} + header_size)
      return fail(EncodeError::too_large);
    store_big_endian(out_.at(mark - length_size), static_cast<std::uint32_t>(size));
    ++values_;
  }

  /// Completes the request: its answers are bind, execute, sync. Or undoes it and says why.
  [[nodiscard]] EncodeError finish();

 private:
  void fail(EncodeError error) noexcept {
    if (error_ == EncodeError::none) error_ = error;
    out_.truncate(values_start_);  // so that a failing row of huge values does not pile up
  }

  ByteBuffer& out_;
  const BindTemplate& constant_;
  std::size_t start_;                   // size of the buffer to go back to
  std::size_t values_start_;            // where the first value begins
  [[maybe_unused]] std::size_t count_;  // of the values there are to be; asserted
  std::size_t values_ = 0;
  std::uint32_t limit_;
  EncodeError error_;
  bool finished_ = false;
};

inline BindTemplate::BindTemplate(std::string_view statement,
                                  std::span<const FormatCode> result_formats,
                                  std::string_view portal, std::uint32_t row_limit) {
  Writer out{bytes_};
  {
    const auto bind = out.begin(FrontendTag::bind);
    out.cstring(portal);
    out.cstring(statement);
    head_size_ = bytes_.size();
    out.counted(result_formats, &Writer::format);
    result_formats_size_ = bytes_.size() - head_size_;
  }
  {
    const auto execute = out.begin(FrontendTag::execute);
    out.cstring(portal);
    out.u32(row_limit);
  }
  {
    const auto sync = out.begin(FrontendTag::sync);
  }
  error_ = out.error();
}

inline BindRequest::BindRequest(ByteBuffer& out, const BindTemplate& constant,
                                std::span<const FormatCode> parameter_formats,
                                std::size_t parameter_count, std::uint32_t limit)
    : out_(out),
      constant_(constant),
      start_(out.size()),
      values_start_(out.size()),
      count_(parameter_count),
      limit_(limit),
      error_(constant.error_) {
  assert(parameter_formats.size() <= 1 || parameter_formats.size() == parameter_count);
  constexpr std::size_t most = std::numeric_limits<std::uint16_t>::max();
  if (parameter_count > most || parameter_formats.size() > most) error_ = EncodeError::too_large;
  if (error_ != EncodeError::none) return;
  const std::size_t head_size = constant.head_size_;
  const std::size_t formats_size = parameter_formats.size() * sizeof(FormatCode);
  std::byte* at = out.extend(head_size + 2 * sizeof(std::uint16_t) + formats_size);
  std::memcpy(at, constant.bytes_.bytes().data(), head_size);
  at += head_size;
  store_big_endian(at, static_cast<std::uint16_t>(parameter_formats.size()));
  at += sizeof(std::uint16_t);
  for (const FormatCode format : parameter_formats) {
    store_big_endian(at, static_cast<std::uint16_t>(format));
    at += sizeof(std::uint16_t);
  }
  store_big_endian(at, static_cast<std::uint16_t>(parameter_count));
  values_start_ = out.size();
}

inline BindRequest::BindRequest(ByteBuffer& out, const BindTemplate& constant)
    : out_(out),
      constant_(constant),
      start_(out.size()),
      values_start_(out.size()),
      count_(0),
      limit_(max_body),
      error_(constant.error_) {
  out.append(constant.bytes_.bytes().first(constant.head_size_));
}

inline EncodeError BindRequest::finish() {
  if (error_ != EncodeError::none) return error_;  // undone by the destructor
  assert(values_ == count_);
  const std::uint64_t body =
      std::uint64_t{out_.size()} - start_ - header_size + constant_.result_formats_size_;
  if (body > limit_) return error_ = EncodeError::too_large;
  out_.append(constant_.bytes_.bytes().subspan(constant_.head_size_));
  store_big_endian(out_.at(start_ + 1), static_cast<std::uint32_t>(body + length_size));
  finished_ = true;
  return EncodeError::none;
}

}  // namespace pgreactor::protocol
