#include "src/store_memory/work.hpp"

#include <algorithm>

#include "src/store_memory/row_locks.hpp"
#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

/// Every row that was changed is there: others were kept from changing it.
void do_again(const std::vector<RowChange>& changes) {
  for (const RowChange& change : changes) {
    std::vector<StoredRow>& rows = change.table->rows;
    if (change.before == nullptr)
      rows.push_back(change.after);
    else if (change.after == nullptr)
      std::erase(rows, StoredRow(change.before));
    else
      std::replace(rows.begin(), rows.end(), StoredRow(change.before), StoredRow(change.after));
  }
}

bool replaces(const std::vector<RowChange>& changes, const StoredRow& row) noexcept {
  return std::any_of(changes.begin(), changes.end(),
                     [&](const RowChange& change) { return change.before == row; });
}

bool have_one_row_in_common(const RowChange& ours, const RowChange& theirs) noexcept {
  return ours.before != nullptr && ours.before == theirs.before;
}

/// Would a server let both happen at the same time?
bool are_apart(const std::vector<RowChange>& ours, const Work& other) {
  for (const RowChange& our : ours) {
    for (const RowChange& their : other.changes)
      if (have_one_row_in_common(our, their) || refers_to(our, their) || refers_to(their, our))
        return false;
    // A new reference locks the key of its target, against which this one lock stands.
    for (const LockedRow& held : other.locks)
      if (held.lock == RowLock::update && refers_to(our, {held.table, held.row, nullptr}))
        return false;
  }
  return true;
}

bool keeps_its_snapshot(const Work& work) noexcept {
  return work.isolation == Isolation::repeatable_read || work.isolation == Isolation::serializable;
}

}  // namespace

void would_wait() {
  cannot("rows that an open transaction has changed or locked, for whose end a server would wait");
}

void check_settled(const Database& database, const StoredRow& row) {
  const Works& works = database.works();
  for (const Work* other : works.open)
    if (other != works.running && replaces(other->changes, row)) would_wait();
}

void check_unclaimed(const Database& database, const StoredTable& table, const TableKey& key,
                     const std::vector<Datum>& values) {
  const Works& works = database.works();
  for (const Work* other : works.open) {
    if (other == works.running) continue;
    for (const RowChange& change : other->changes)
      if (change.table == &table && change.after != nullptr &&
          table.has_key(change.after, key, values))
        would_wait();
  }
}

void check_apart(const Database& database, const std::vector<RowChange>& changes) {
  const Works& works = database.works();
  for (const Work* other : works.open)
    if (other != works.running && !are_apart(changes, *other)) would_wait();
}

void accept(Database& database, const std::vector<RowChange>& changes) {
  Works& works = database.works();
  if (changes.empty()) return;
  if (works.running == nullptr) {
    move_locks(works, changes);
    ++works.commits;
    return;
  }
  std::vector<RowChange>& done = works.running->changes;
  done.insert(done.end(), changes.begin(), changes.end());
}

View::View(Database& database, Work& work) : committed_(database), works_(database.works()) {
  if (!work.snapshot) work.snapshot = works_.commits;
  if (keeps_its_snapshot(work) && work.snapshot != works_.commits)
    cannot("the rows as they were before another transaction changed them");
  do_again(work.changes);
  works_.running = &work;
}

void commit(Database& database, Work& work) {
  Works& works = database.works();
  if (work.isolation == Isolation::serializable && work.snapshot &&
      work.snapshot != works.commits && !work.changes.empty())
    cannot("whether serializable transactions that ran at the same time can be put in an order");
  database.schemas().insert(work.schemas.begin(), work.schemas.end());
  if (work.changes.empty()) return;
  do_again(work.changes);
  move_locks(works, work.changes);
  ++works.commits;
}

}  // namespace pgreactor::store_memory
