#pragma once
#include <cstring>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>

#include "bench/canned/received_bind.hpp"
#include "protocol/frame.hpp"
#include "protocol/reader.hpp"

namespace pgreactor::bench {

/// Recognises the Bind and Execute that a frontend sent last when it sends them again with other
/// parameters: all but those is compared as bytes, which costs a fraction of reading them.
class RepeatedRequest {
 public:
  /// A Bind of the unnamed portal, which an Execute shall follow.
  void learn_bind(const BindSummary& bind) {
    head_ = as_text(bind.head);
    tail_ = as_text(bind.tail);
    parameters_ = bind.parameters;
    parameter_format_ = bind.parameter_format;
    known_ = false;
    has_bind_ = true;
  }
  /// An Execute of the unnamed portal without a row limit, and what it is answered with.
  /// `echoes` when the answer holds the first parameter.
  void learn_execute(Bytes answer, bool echoes) {
    if (!has_bind_) return;
    tail_ += execute;
    answer_ = as_text(answer);
    echoes_ = echoes;
    known_ = true;
    has_bind_ = false;
  }
  void forget() noexcept { known_ = has_bind_ = false; }
  Bytes answer() const noexcept { return as_bytes(answer_); }
  bool echoes() const noexcept { return echoes_; }
  FormatCode parameter_format() const noexcept { return parameter_format_; }

  /// Takes both from the front of `input`; false when something else stands there, or not all of
  /// it.
  bool take(Bytes& input, NullableBytes& first_parameter) const noexcept {
    const std::size_t fixed = protocol::header_size + head_.size() + tail_.size();
    if (!known_ || input.size() < fixed || input.front() != std::byte{'B'}) return false;
    const auto length = load_big_endian<std::uint32_t>(input.data() + 1);
    const std::size_t least = protocol::length_size + head_.size() + tail_.size() - execute.size();
    if (length < least || length >= input.size()) return false;
    if (1 + std::size_t{length} + execute.size() > input.size()) return false;
    const std::byte* body = input.data() + protocol::header_size;
    const std::byte* values = body + head_.size();
    if (std::memcmp(body, head_.data(), head_.size()) != 0) return false;
    protocol::Reader in{Bytes{values, length - least}};
    for (std::size_t i = 0; i < parameters_; ++i) {
      const NullableBytes value = in.value();
      if (i == 0) first_parameter = value;
    }
    if (in.failed() || in.left() != 0) return false;
    if (std::memcmp(values + (length - least), tail_.data(), tail_.size()) != 0) return false;
    input = input.subspan(1 + std::size_t{length} + execute.size());
    return true;
  }

 private:
  static constexpr std::string_view execute{"E\0\0\0\x09\0\0\0\0\0", 10};

  std::string head_;  // of the Bind's body: all before the values
  std::string tail_;  // all behind the values, and the Execute
  std::string answer_;
  std::size_t parameters_ = 0;
  FormatCode parameter_format_ = FormatCode::text;
  bool echoes_ = false;
  bool has_bind_ = false;
  bool known_ = false;
};

}  // namespace pgreactor::bench
