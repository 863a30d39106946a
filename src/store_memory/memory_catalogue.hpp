#pragma once
#include <algorithm>

#include "src/store_memory/database.hpp"
#include "src/store_memory/work.hpp"

namespace pgreactor::store_memory {

/// The declared tables: always known, never stale.
class MemoryCatalogue final : public Catalogue {
 public:
  /// `work` null: of no transaction. Owner  both outlive it.
  MemoryCatalogue(Database& database, const Work* work) noexcept
      : database_(database), work_(work) {}

  std::shared_ptr<const Table> known(const QualifiedName& name) const noexcept override {
    const StoredTable* const found = database_.find(name);
    return found == nullptr ? nullptr : found->table;
  }
  Task<std::shared_ptr<const Table>> find(QualifiedName name) override { co_return known(name); }
  Task<std::shared_ptr<const Table>> read_again(QualifiedName name) override {
    co_return known(name);
  }
  Task<std::vector<std::string>> tables_of(std::string schema) override {
    std::vector<std::string> names;
    for (const StoredTable& each : database_.tables())
      if (each.table->name.schema() == schema) names.push_back(each.table->name.table());
    co_return names;
  }
  Task<bool> has_schema(std::string schema) override {
    const bool is_new = work_ != nullptr && std::find(work_->schemas.begin(), work_->schemas.end(),
                                                      schema) != work_->schemas.end();
    co_return is_new || database_.schemas().contains(schema);
  }
  void forget(const QualifiedName&) noexcept override {}
  void forget_all() noexcept override {}

 private:
  Database& database_;
  const Work* work_;
};

}  // namespace pgreactor::store_memory
