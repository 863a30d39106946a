#include "src/connection/statement_registry.hpp"

#include <xxhash.h>

#include <atomic>
#include <string>

namespace pgreactor::connection {

namespace {
// One count for all pools: a Statement that is used on another pool than its own must not be taken
// for one of that pool's.
std::atomic<std::uint64_t> last_id = 0;
}  // namespace

std::shared_ptr<detail::StatementEntry> StatementRegistry::find_or_add(std::string_view text) {
  const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    const Recent::iterator entry = at->second;
    if ((*entry)->text() != text) continue;
    if (entry != recent_.begin()) recent_.splice(recent_.begin(), recent_, entry);
    return *entry;
  }
  if (recent_.size() >= capacity_) drop_oldest();
  recent_.push_front(std::make_shared<detail::StatementEntry>(++last_id, std::string(text), hash));
  by_hash_.emplace(hash, recent_.begin());
  return recent_.front();
}

void StatementRegistry::drop_oldest() {
  const Recent::iterator oldest = std::prev(recent_.end());
  const auto [first, last] = by_hash_.equal_range((*oldest)->hash());
  for (auto at = first; at != last; ++at) {
    if (at->second != oldest) continue;
    by_hash_.erase(at);
    break;
  }
  recent_.erase(oldest);
}

}  // namespace pgreactor::connection
