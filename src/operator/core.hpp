#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <pgreactor/error.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/table_store.hpp>
#include <pgreactor/transaction.hpp>
#include <string>
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
  std::optional<std::uint32_t> uuid_column;  ///< what get_by_uuid() looks in
};

template <class Build>
class Resolving;

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
  /// What fetch() may give at most.
  std::optional<std::uint64_t> max_rows() const noexcept { return max_rows_; }
  void set_max_rows(std::optional<std::uint64_t> count) noexcept { max_rows_ = count; }

  /// Errors  SchemaError: there is no such schema or table, and what may have been meant.
  Task<std::shared_ptr<const PreparedTable>> find(QualifiedName name);
  /// The same of what the table is now. Errors  as find().
  Task<std::shared_ptr<const PreparedTable>> find_again(QualifiedName name);

  /// `co_await` gives what `build(prepared)` makes of the caller's names: at once, and in no task
  /// of its own, when the table is known and the names fit.
  /// Owner  `build` lives until then.
  template <class Build>
  Resolving<Build> resolve(QualifiedName name, const Build& build) {
    return {*this, std::move(name), build};
  }

 private:
  template <class Build>
  friend class Resolving;
  static constexpr std::size_t most_tables = 10'000;
  std::shared_ptr<const PreparedTable> known(const QualifiedName& name);
  template <class Build, class Built>
  Task<Built> look_up(QualifiedName name, const Build& build, bool is_tried);
  /// Nothing when a name does not fit.
  template <class Build>
  static auto build_if_fits(const Build& build, const PreparedTable& prepared)
      -> std::optional<std::invoke_result_t<const Build&, const PreparedTable&>> {
    try {
      return build(prepared);
    } catch (const ColumnMatchError&) {
      return std::nullopt;
    } catch (const SchemaError&) {
      return std::nullopt;
    }
  }
  std::shared_ptr<const PreparedTable> prepare(std::shared_ptr<const Table> table);
  Task<void> throw_no_table(QualifiedName name);

  std::unique_ptr<Catalogue> catalogue_;  // null when the store has its own
  std::unique_ptr<TableStore> store_;
  Executor* executor_;
  BeginTransaction begin_;
  std::optional<std::uint64_t> max_rows_;
  // By the table itself, which it keeps alive, so that its address is nobody else's.
  std::unordered_map<const Table*, std::shared_ptr<const PreparedTable>> prepared_;
};

/// What Core::resolve waits by.
template <class Build>
class Resolving {
 public:
  using Built = std::invoke_result_t<const Build&, const PreparedTable&>;

  Resolving(Core& core, QualifiedName name, const Build& build) noexcept
      : core_(core), name_(std::move(name)), build_(build) {}

  bool await_ready() {
    const auto prepared = core_.known(name_);
    is_tried_ = prepared != nullptr;
    if (is_tried_) built_ = Core::build_if_fits(build_, *prepared);
    return built_.has_value();
  }
  template <class Promise>
  auto await_suspend(std::coroutine_handle<Promise> waiter) {
    looking_up_ = core_.template look_up<Build, Built>(std::move(name_), build_, is_tried_);
    return typename Task<Built>::Awaiter(looking_up_.frame()).await_suspend(waiter);
  }
  Built await_resume() {
    if (built_) return std::move(*built_);
    return typename Task<Built>::Awaiter(looking_up_.frame()).await_resume();
  }

 private:
  Core& core_;
  QualifiedName name_;
  const Build& build_;
  bool is_tried_ = false;
  std::optional<Built> built_;
  Task<Built> looking_up_;
};

/// Names that do not fit are looked up once more in the table as it is now, before they are
/// refused. A key may have been added, too.
template <class Build, class Built>
Task<Built> Core::look_up(QualifiedName name, const Build& build, bool is_tried) {
  if (!is_tried) {
    const auto prepared = co_await find(name);
    std::optional<Built> built = build_if_fits(build, *prepared);
    if (built) co_return std::move(*built);
  }
  const auto prepared = co_await find_again(std::move(name));
  co_return build(*prepared);
}

/// The table that a caller names: "table", or "schema.table" where `schema` does not say.
/// Errors  SchemaError: two schemas, or a name that can be none.
QualifiedName table_named(std::string table, const std::optional<std::string>& schema);

}  // namespace pgreactor::operators
