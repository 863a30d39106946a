#include <algorithm>
#include <pgreactor/execution.hpp>
#include <pgreactor/result.hpp>

namespace pgreactor {

std::optional<std::size_t> ResultShape::find(std::string_view name) const noexcept {
  const auto found = std::find_if(columns_.begin(), columns_.end(),
                                  [name](const Column& column) { return column.name == name; });
  if (found == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns_.begin());
}

void Result::throw_no_row(std::size_t index) const {
  throw QueryError("row " + std::to_string(index) + " of a result that has " +
                   std::to_string(size()));
}

void Scalar::throw_no_value() {
  throw QueryError("the statement returned no row where one value was asked for");
}

namespace detail {

void throw_no_row_for_value() {
  throw QueryError("the statement returned no row where one value was asked for");
}

void RowStore::append(std::size_t columns, Bytes values) {
  std::byte* const row = room_for(RowLayout::size(columns, values.size()));
  RowLayout::store(row, columns, values);
  rows_.push_back(row);
}

std::byte* RowStore::room_for(std::size_t size) {
  constexpr std::size_t smallest = 256, largest = 1024 * 1024;  // bytes of a block
  const std::size_t aligned = (size + alignof(std::uint32_t) - 1) & ~(alignof(std::uint32_t) - 1);
  if (blocks_.empty() || capacity_ - used_ < aligned) {  // a row may have no columns, and no bytes
    const std::size_t next = std::max(aligned, std::clamp(2 * capacity_, smallest, largest));
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(next));
    capacity_ = next;
    used_ = 0;
    memory_ += next;
  }
  std::byte* const room = blocks_.back().get() + used_;
  used_ += aligned;
  return room;
}

}  // namespace detail
}  // namespace pgreactor
