#include "bench/canned/copy_row_counter.hpp"

#include <algorithm>
#include <cstddef>

namespace pgreactor::bench {
namespace {

constexpr std::uint32_t null_length = 0xFFFFFFFF;
constexpr std::uint32_t longest_value = 0x3FFFFFFF;

}  // namespace

void CopyRowCounter::add(Bytes data) noexcept {
  if (state_ == State::lines) return add_lines(data);
  while (!data.empty() && state_ < State::lines) {
    if (skip_ != 0) {
      const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, data.size()));
      data = data.subspan(skipped);
      skip_ -= skipped;
      continue;
    }
    if (state_ == State::signature) state_ = State::extension;
    const std::uint8_t size = state_ == State::columns ? 2 : 4;
    while (number_has_ != size && !data.empty()) {
      number_ = number_ << 8 | std::to_integer<std::uint32_t>(data.front());
      data = data.subspan(1);
      ++number_has_;
    }
    if (number_has_ == size) on_number();
  }
}

void CopyRowCounter::on_number() noexcept {
  const std::uint32_t number = number_;
  number_ = 0;
  number_has_ = 0;
  if (state_ == State::columns) return on_columns(static_cast<std::uint16_t>(number));
  if (number != null_length || state_ == State::extension) {
    if (number > longest_value) {
      state_ = State::malformed;
      return;
    }
    skip_ = number;
  }
  if (state_ == State::extension) {
    state_ = State::columns;
  } else if (--columns_left_ == 0) {
    state_ = State::columns;
  }
}

void CopyRowCounter::on_columns(std::uint16_t columns) noexcept {
  if (columns == 0xFFFF) {
    state_ = State::end;
    return;
  }
  ++rows_;
  columns_left_ = columns;
  if (columns != 0) state_ = State::length;
}

void CopyRowCounter::add_lines(Bytes data) noexcept {
  // "\.", which old frontends send as the last line, is not told from a row: ours do not.
  rows_ += static_cast<std::uint64_t>(std::count(data.begin(), data.end(), std::byte{'\n'}));
}

}  // namespace pgreactor::bench
