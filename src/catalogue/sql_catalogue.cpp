#include "src/catalogue/sql_catalogue.hpp"

#include <pgreactor/values/all.hpp>
#include <utility>

#include "src/catalogue/read_table.hpp"

namespace pgreactor::catalogue {

std::shared_ptr<const Table> SqlCatalogue::known(const QualifiedName& name) const noexcept {
  const auto found = tables_.find(name);
  if (found != tables_.end() && found->second.changes_before == schema_changes_ &&
      Clock::now() - found->second.read_at <= oldest_)
    return found->second.table;
  return may_ask_outer() ? outer_->known(name) : nullptr;
}

// What is read outside after this transaction's own change knows nothing of that, and has the new
// count all the same.
bool SqlCatalogue::may_ask_outer() const noexcept {
  return outer_ != nullptr && !executor_.has_changed_schema();
}

std::shared_ptr<const Table> SqlCatalogue::read_before(const QualifiedName& name) const noexcept {
  const auto found = tables_.find(name);
  if (found != tables_.end()) return found->second.table;
  return outer_ == nullptr ? nullptr : outer_->read_before(name);
}

Task<std::shared_ptr<const Table>> SqlCatalogue::find(QualifiedName name) {
  if (auto table = known(name)) co_return table;
  co_return co_await read_again(std::move(name));
}

Task<std::shared_ptr<const Table>> SqlCatalogue::read_again(QualifiedName name) {
  const auto read_at = Clock::now();
  const std::uint64_t changes_before = schema_changes_;
  auto table = co_await read_table(executor_, name);
  if (table == nullptr) {
    tables_.erase(name);
    co_return nullptr;
  }
  // Who held the table before keeps what was derived from it.
  auto before = read_before(name);
  if (before != nullptr && same_definition(*before, *table)) table = std::move(before);
  if (tables_.size() >= most_tables) tables_.clear();
  tables_[std::move(name)] = {table, read_at, changes_before};
  co_return table;
}

Task<std::vector<std::string>> SqlCatalogue::tables_of(std::string schema) {
  const Result result = co_await executor_.execute(
      "SELECT c.relname FROM pg_catalog.pg_class c"
      " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
      " ORDER BY c.relname LIMIT 1000",
      schema);
  std::vector<std::string> names;
  names.reserve(result.size());
  for (const RowView row : result) names.push_back(row.get<std::string>(0));
  co_return names;
}

Task<bool> SqlCatalogue::has_schema(std::string schema) {
  co_return co_await executor_.execute(
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)", schema,
      fetch_val_as<bool>);
}

void SqlCatalogue::forget(const QualifiedName& name) noexcept {
  tables_.erase(name);
  if (outer_ != nullptr) outer_->forget(name);
}

void SqlCatalogue::forget_all() noexcept {
  tables_.clear();
  if (outer_ != nullptr) outer_->forget_all();
}

}  // namespace pgreactor::catalogue
