#include "src/operator/key_table.hpp"

// The keys are short: the call into the library would cost more than the hash.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>

namespace pgreactor::operators {

std::vector<std::uint32_t> ColumnSet::sorted() const {
  if (empty_) return {};
  std::vector<std::uint32_t> all = others_;
  all.push_back(first_);
  std::ranges::sort(all);
  return all;
}

std::uint32_t KeyTable::hash_of(std::string_view key) noexcept {
  return static_cast<std::uint32_t>(XXH3_64bits(key.data(), key.size()));
}

KeyTable::KeyTable(std::vector<Entry> entries)
    : entries_(std::move(entries)), slots_(std::bit_ceil(2 * entries_.size() + 1)) {
  for (std::uint32_t number = 0; number < entries_.size(); ++number) {
    const std::uint32_t hash = hash_of(entries_[number].key);
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].entry != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {hash, number + 1};
  }
}

template <class Visit>
void KeyTable::visit_all(std::string_view key, Visit visit) const {
  const std::uint32_t hash = hash_of(key);
  const std::size_t mask = slots_.size() - 1;
  // Ends: more than half of the slots are empty.
  for (std::size_t at = hash & mask; slots_[at].entry != 0; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.hash != hash) continue;
    const Entry& entry = entries_[slot.entry - 1];
    if (entry.key == key && !visit(entry.column)) return;
  }
}

std::optional<std::uint32_t> KeyTable::find(std::string_view key) const noexcept {
  std::optional<std::uint32_t> found;
  visit_all(key, [&](std::uint32_t column) {
    found = column;
    return false;
  });
  return found;
}

void KeyTable::collect(std::string_view key, ColumnSet& columns) const {
  visit_all(key, [&](std::uint32_t column) {
    columns.add(column);
    return true;
  });
}

}  // namespace pgreactor::operators
