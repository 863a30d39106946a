#include "src/connection/prepared_statements.hpp"

#include <algorithm>
#include <utility>

namespace pgreactor::connection {

PreparedStatements::State PreparedStatements::look_up(
    const detail::StatementEntry& entry) noexcept {
  const auto found = by_id_.find(entry.id());
  if (found == by_id_.end()) return State::absent;
  Known& known = *found->second;
  recent_.splice(recent_.begin(), recent_, found->second);
  last_used_ = 0;
  if (known.state != State::prepared) return known.state;
  if (known.description != entry.description()) return State::outdated;
  last_used_ = entry.id();
  last_description_ = known.description.get();
  return State::prepared;
}

PreparedStatements::Recent::const_iterator PreparedStatements::oldest() const noexcept {
  if (recent_.size() < capacity_) return recent_.end();
  // One that is being prepared has requests waiting for it: rather exceed the capacity.
  const auto found = std::find_if(recent_.rbegin(), recent_.rend(), [](const Known& known) {
    return known.state == State::prepared;
  });
  return found == recent_.rend() ? recent_.end() : std::prev(found.base());
}

const std::string* PreparedStatements::next_to_go() const noexcept {
  const auto found = oldest();
  return found == recent_.end() ? nullptr : &found->name;
}

void PreparedStatements::add(const detail::StatementEntry& entry) {
  if (const auto found = oldest(); found != recent_.end()) {
    by_id_.erase(found->id);
    recent_.erase(found);
  }
  last_used_ = 0;
  recent_.push_front(Known{entry.id(), entry.name(), State::preparing, nullptr});
  by_id_.emplace(entry.id(), recent_.begin());
}

void PreparedStatements::set_prepared(
    const detail::StatementEntry& entry,
    std::shared_ptr<const detail::StatementDescription> description) noexcept {
  const auto found = by_id_.find(entry.id());
  if (found == by_id_.end()) return;
  found->second->state = State::prepared;
  found->second->description = std::move(description);
}

void PreparedStatements::remove(const detail::StatementEntry& entry) noexcept {
  const auto found = by_id_.find(entry.id());
  if (found == by_id_.end()) return;
  if (last_used_ == entry.id()) last_used_ = 0;
  recent_.erase(found->second);
  by_id_.erase(found);
}

void PreparedStatements::remove_prepared() noexcept {
  last_used_ = 0;
  for (auto known = recent_.begin(); known != recent_.end();) {
    const auto next = std::next(known);
    if (known->state == State::prepared) {
      by_id_.erase(known->id);
      recent_.erase(known);
    }
    known = next;
  }
}

}  // namespace pgreactor::connection
