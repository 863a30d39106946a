#include "bench/canned/copy_row_counter.hpp"

#include <algorithm>
#include <cstddef>
#include <pgreactor/values/big_endian.hpp>

namespace pgreactor::bench {
namespace {

constexpr std::uint32_t null_length = 0xFFFFFFFF;
constexpr std::uint16_t no_more_rows = 0xFFFF;
constexpr std::uint32_t longest_value = 0x3FFFFFFF;

}  // namespace

void CopyRowCounter::add(Bytes data) noexcept {
  if (state_ == State::lines) return add_lines(data);
  while (!data.empty() && state_ < State::lines) {
    if (state_ == State::columns && take_row(data)) continue;
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

// A row that lies whole in front of `data`, which nearly all do; false leaves it to the loop above.
bool CopyRowCounter::take_row(Bytes& data) noexcept {
  constexpr std::size_t count_size = sizeof(std::uint16_t), length_size = sizeof(std::uint32_t);
  if (number_has_ != 0 || skip_ != 0 || data.size() < count_size) return false;
  const auto columns = load_big_endian<std::uint16_t>(data.data());
  if (columns == no_more_rows) return false;
  const std::byte* at = data.data() + count_size;
  std::size_t left = data.size() - count_size;
  for (std::uint16_t i = 0; i < columns; ++i) {
    if (left < length_size) return false;
    const auto length = load_big_endian<std::uint32_t>(at);
    const std::size_t size = length == null_length ? 0 : length;
    at += length_size;
    left -= length_size;
    if (left < size) return false;
    at += size;
    left -= size;
  }
  data = data.last(left);
  ++rows_;
  return true;
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
  if (state_ == State::extension || --columns_left_ == 0) state_ = State::columns;
}

void CopyRowCounter::on_columns(std::uint16_t columns) noexcept {
  if (columns == no_more_rows) {
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
