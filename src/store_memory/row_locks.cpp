#include "src/store_memory/row_locks.hpp"

#include <algorithm>
#include <limits>

#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

// Source  postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS, table 13.3:
//                  key share   share   no key update   update
//   key share                                             x
//   share                                    x            x
//   no key update                x           x            x
//   update             x         x           x            x
bool conflict(RowLock a, RowLock b) noexcept {
  if (a == RowLock::none || b == RowLock::none) return false;
  if (a == RowLock::update || b == RowLock::update) return true;
  if (a == RowLock::key_share || b == RowLock::key_share) return false;
  return a == RowLock::no_key_update || b == RowLock::no_key_update;
}

/// Is the row gone, or has it another value in a unique key? Then nobody may refer to it meanwhile.
bool changes_its_keys(const RowChange& change) {
  if (change.before == nullptr || change.after == nullptr) return change.before != nullptr;
  const auto& keys = change.table->table->keys;
  return std::any_of(keys.begin(), keys.end(), [&](const TableKey& key) {
    return values_of(change.before, key.columns) != values_of(change.after, key.columns);
  });
}

RowLock lock_for(const RowChange& change) {
  return changes_its_keys(change) ? RowLock::update : RowLock::no_key_update;
}

/// The strongest lock on a committed row that was taken by writing it, once or several times.
RowLock lock_by_writing(const std::vector<RowChange>& changes, StoredRow row) {
  RowLock lock = RowLock::none;
  for (const RowChange& change : changes) {
    if (row == nullptr || change.before != row) continue;
    if (lock != RowLock::update) lock = lock_for(change);
    row = change.after;
  }
  return lock;
}

/// The committed row that the running transaction has made this one of; null when it is new.
StoredRow committed_form(const Works& works, StoredRow row) {
  if (works.running == nullptr) return row;
  const std::vector<RowChange>& changes = works.running->changes;
  for (auto change = changes.rbegin(); change != changes.rend() && row != nullptr; ++change)
    if (change->after == row) row = change->before;
  return row;
}

bool stands_in_the_way(const Work& other, const LockedRow& wanted) {
  if (conflict(wanted.lock, lock_by_writing(other.changes, wanted.row))) return true;
  // Whoever has begun to refer to a row has its key locked.
  const RowChange removal{wanted.table, wanted.row, nullptr};
  const auto refers = [&](const RowChange& change) { return refers_to(change, removal); };
  if (conflict(wanted.lock, RowLock::key_share) &&
      std::any_of(other.changes.begin(), other.changes.end(), refers))
    return true;
  return std::any_of(other.locks.begin(), other.locks.end(), [&](const LockedRow& held) {
    return held.row == wanted.row && conflict(wanted.lock, held.lock);
  });
}

bool is_free(const Works& works, const LockedRow& wanted) {
  return wanted.row == nullptr ||
         std::none_of(works.open.begin(), works.open.end(), [&](const Work* other) {
           return other != works.running && stands_in_the_way(*other, wanted);
         });
}

/// LIMIT stops the locking; rows that OFFSET skips are locked.
std::uint64_t most_locked(const Selection& selection) noexcept {
  if (!selection.limit) return std::numeric_limits<std::uint64_t>::max();
  if (*selection.limit == 0) return 0;
  return static_cast<std::uint64_t>(*selection.limit) +
         static_cast<std::uint64_t>(selection.offset);
}

}  // namespace

bool refers_to(const RowChange& change, const RowChange& target) {
  if (change.after == nullptr || !changes_its_keys(target)) return false;
  const auto& keys = change.table->table->foreign_keys;
  return std::any_of(keys.begin(), keys.end(), [&](const ForeignKey& key) {
    const std::vector<Datum> values = values_of(change.after, key.columns);
    if (key.target != target.table->table->name || has_null(values)) return false;
    if (change.before != nullptr && values == values_of(change.before, key.columns)) return false;
    return target.table->has_values(target.before, target_columns(key, *target.table), values);
  });
}

void check_free(const Database& database, StoredTable& table, const StoredRow& row, RowLock lock) {
  const Works& works = database.works();
  if (!is_free(works, {&table, committed_form(works, row), lock})) would_wait();
}

void check_free(const Database& database, const RowChange& change) {
  check_free(database, *change.table, change.before, lock_for(change));
}

// Locks are kept once all are had: a statement that mock mode refuses has done nothing.
std::vector<StoredRow> locked_rows(Database& database, StoredTable& table,
                                   const std::vector<StoredRow>& rows, const Selection& selection) {
  const Works& works = database.works();
  const std::uint64_t most = most_locked(selection);
  std::vector<StoredRow> found;
  std::vector<LockedRow> locks;
  for (const StoredRow& row : rows) {
    if (found.size() == most) break;
    LockedRow wanted{&table, committed_form(works, row), selection.lock};
    if (!is_free(works, wanted)) {
      if (selection.lock_wait == LockWait::skip_locked) continue;
      if (selection.lock_wait == LockWait::wait) would_wait();
      raise("55P03",
            "could not obtain lock on row in relation \"" + table.table->name.table() + "\"");
    }
    found.push_back(row);
    if (wanted.row != nullptr) locks.push_back(std::move(wanted));
  }
  if (works.running != nullptr)
    works.running->locks.insert(works.running->locks.end(), locks.begin(), locks.end());
  return found;
}

void move_locks(Works& works, const std::vector<RowChange>& committed) {
  for (Work* const work : works.open)
    for (LockedRow& lock : work->locks)
      for (const RowChange& change : committed)
        if (change.before != nullptr && change.before == lock.row) lock.row = change.after;
}

}  // namespace pgreactor::store_memory
