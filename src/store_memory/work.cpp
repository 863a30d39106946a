#include "src/store_memory/work.hpp"

#include <algorithm>

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

/// Is the row gone, or has it another value in a unique key? Then nobody may refer to it meanwhile.
bool changes_its_keys(const RowChange& change) {
  if (change.before == nullptr || change.after == nullptr) return change.before != nullptr;
  const auto& keys = change.table->table->keys;
  return std::any_of(keys.begin(), keys.end(), [&](const TableKey& key) {
    return values_of(change.before, key.columns) != values_of(change.after, key.columns);
  });
}

/// Does one begin to refer to a row that the other takes away?
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

/// Would a server let both happen at the same time?
bool are_apart(const std::vector<RowChange>& ours, const std::vector<RowChange>& theirs) {
  for (const RowChange& our : ours)
    for (const RowChange& their : theirs)
      if (have_one_row_in_common(our, their) || refers_to(our, their) || refers_to(their, our))
        return false;
  return true;
}

[[noreturn]] void would_wait() {
  cannot("rows that an open transaction has changed, for whose end a server would wait");
}

bool keeps_its_snapshot(const Work& work) noexcept {
  return work.isolation == Isolation::repeatable_read || work.isolation == Isolation::serializable;
}

}  // namespace

void check_settled(const Database& database, const StoredRow& row) {
  const Works& works = database.works();
  for (const Work* other : works.open)
    if (other != works.running && replaces(other->changes, row)) would_wait();
}

void check_lockable(const Database& database, const RowChange& change) {
  check_settled(database, change.before);
  const Works& works = database.works();
  for (const Work* other : works.open) {
    if (other == works.running) continue;
    for (const RowChange& their : other->changes)
      if (refers_to(their, change)) would_wait();
  }
}

void check_unclaimed(const Database& database, const StoredTable& table,
                     const std::vector<std::uint32_t>& columns, const std::vector<Datum>& values) {
  const Works& works = database.works();
  for (const Work* other : works.open) {
    if (other == works.running) continue;
    for (const RowChange& change : other->changes)
      if (change.table == &table && change.after != nullptr &&
          table.has_values(change.after, columns, values))
        would_wait();
  }
}

void accept(Database& database, const std::vector<RowChange>& changes) {
  Works& works = database.works();
  if (changes.empty()) return;
  for (const Work* other : works.open)
    if (other != works.running && !are_apart(changes, other->changes)) would_wait();
  if (works.running == nullptr) {
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
  ++works.commits;
}

}  // namespace pgreactor::store_memory
