#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <pgreactor/error.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/table_store.hpp>
#include <pgreactor/transaction.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "src/operator/column_matching.hpp"

namespace pgreactor::operators {

/// Opens a transaction on what a store runs on: a savepoint within one.
using BeginTransaction = std::function<Task<Transaction>()>;

/// A table and its columns prepared for being asked for by name.
struct PreparedTable {
  std::shared_ptr<const Table> table;
  ColumnIndex columns;
};

/// What the operations stand on: a store, its tables prepared, and the executor behind it.
/// Owner   owns store and catalogue; the executor outlives it, and is null in mock mode.
class Core {
 public:
  Core(std::unique_ptr<Catalogue> catalogue, std::unique_ptr<TableStore> store, Executor* executor,
       BeginTransaction begin)
      : catalogue_(std::move(catalogue)),
        store_(std::move(store)),
        executor_(executor),
        begin_(std::move(begin)) {}

  TableStore& store() noexcept { return *store_; }
  Catalogue& catalogue() noexcept { return store_->catalogue(); }
  Executor* executor() noexcept { return executor_; }
  /// When there is an executor.
  Task<Transaction> begin() { return begin_(); }

  /// Errors  SchemaError: there is no such schema or table, and what may have been meant.
  Task<std::shared_ptr<const PreparedTable>> find(QualifiedName name);

  /// What `build(prepared)` makes of the caller's names. Names that do not fit are looked up once
  /// more in the table as it is now, before they are refused.
  template <class Build>
  auto resolve(QualifiedName name, const Build& build)
      -> Task<std::invoke_result_t<const Build&, const PreparedTable&>> {
    auto prepared = known(name);
    if (prepared == nullptr) prepared = co_await find(name);
    // No co_await may stand in a handler, hence the detour. A key may have been added, too.
    bool fits = true;
    try {
      co_return build(*prepared);
    } catch (const ColumnMatchError&) {
      fits = false;
    } catch (const SchemaError&) {
      fits = false;
    }
    if (!fits) prepared = co_await find_again(std::move(name));
    co_return build(*prepared);
  }

 private:
  static constexpr std::size_t most_tables = 10'000;
  struct Hash {
    std::size_t operator()(const QualifiedName& name) const noexcept {
      const std::hash<std::string_view> hash;
      return hash(name.table()) * 31 + hash(name.schema());
    }
  };

  std::shared_ptr<const PreparedTable> known(const QualifiedName& name);
  Task<std::shared_ptr<const PreparedTable>> find_again(QualifiedName name);
  std::shared_ptr<const PreparedTable> prepare(std::shared_ptr<const Table> table);
  Task<void> throw_no_table(QualifiedName name);

  std::unique_ptr<Catalogue> catalogue_;  // null when the store has its own
  std::unique_ptr<TableStore> store_;
  Executor* executor_;
  BeginTransaction begin_;
  std::unordered_map<QualifiedName, std::shared_ptr<const PreparedTable>, Hash> prepared_;
};

/// The table that a caller names: "table", or "schema.table" where `schema` does not say.
/// Errors  SchemaError: two schemas, or a name that can be none.
QualifiedName table_named(std::string table, const std::optional<std::string>& schema);

}  // namespace pgreactor::operators
