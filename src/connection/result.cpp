#include <cxxabi.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <pgreactor/execution.hpp>
#include <pgreactor/result.hpp>
#include <span>
#include <string>
#include <string_view>
#include <typeinfo>

namespace pgreactor {

std::optional<std::size_t> ResultShape::find(std::string_view name) const noexcept {
  const auto found = std::find_if(columns_.begin(), columns_.end(),
                                  [name](const Column& column) { return column.name == name; });
  if (found == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns_.begin());
}

void Result::throw_no_row(std::size_t index) const {
  throw QueryError(
      "row " + std::to_string(index) + " of a result that has " + std::to_string(size()),
      Outcome::unknown);
}

void Scalar::throw_no_value() {
  throw QueryError("the statement returned no row where one value was asked for", Outcome::unknown);
}

namespace detail {
namespace {

std::string name_of_type(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  return name ? name.get() : type.name();
}

[[noreturn]] void throw_mismatch(std::string_view column, const std::type_info& type,
                                 std::string_view why) {
  throw ColumnMatchError("column '" + std::string(column) + "' for " + name_of_type(type) + ": " +
                         std::string(why));
}

}  // namespace

RowPlans::Columns match_columns(const ResultShape& shape, std::span<const std::string_view> names,
                                const std::type_info& type) {
  auto matched = std::make_unique<std::uint32_t[]>(names.size());
  for (std::size_t index = 0; index < shape.size(); ++index) {
    const std::string& column = shape[index].name;
    if (std::find(names.begin(), names.end(), column) == names.end())
      throw_mismatch(column, type, "no member takes it");
    if (*shape.find(column) != index) throw_mismatch(column, type, "the row has two of that name");
  }
  for (std::size_t index = 0; index < names.size(); ++index) {
    const auto column = shape.find(names[index]);
    if (!column) throw_mismatch(names[index], type, "the row has none");
    matched[index] = static_cast<std::uint32_t>(*column);
  }
  return matched;
}

void throw_no_row_for_value() {
  throw QueryError("the statement returned no row where one value was asked for", Outcome::unknown);
}

void RowStore::append(std::size_t columns, Bytes values) {
  std::byte* const row = room_for(RowLayout::size(columns, values.size()));
  if (row == nullptr) [[unlikely]]
    return;
  RowLayout::store(row, columns, values);
  rows_.push_back(row);
}

std::byte* RowStore::room_for(std::size_t size) {
  constexpr std::size_t smallest = 256, largest = 1024 * 1024;  // bytes of a block
  const std::size_t aligned = (size + alignof(std::uint32_t) - 1) & ~(alignof(std::uint32_t) - 1);
  if (blocks_.empty() || capacity_ - used_ < aligned) {  // a row may have no columns, and no bytes
    const std::size_t next = std::max(aligned, std::clamp(2 * capacity_, smallest, largest));
    if (!may_take(next)) return nullptr;
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(next));
    capacity_ = next;
    used_ = 0;
    memory_ += next;
  }
  // Rows without columns take no room but this.
  if (rows_.size() == rows_.capacity() && !may_take(rows_.size() * sizeof(rows_.front())))
      [[unlikely]]
    return nullptr;
  std::byte* const room = blocks_.back().get() + used_;
  used_ += aligned;
  return room;
}

bool RowStore::may_take(std::size_t more) noexcept {
  const std::size_t held = memory_ + rows_.capacity() * sizeof(rows_.front());
  if (!refused_ && more <= limit_ && held <= limit_ - more) return true;
  refused_ = true;
  decltype(blocks_)().swap(blocks_);
  decltype(rows_)().swap(rows_);
  memory_ = capacity_ = used_ = 0;
  return false;
}

}  // namespace detail
}  // namespace pgreactor
