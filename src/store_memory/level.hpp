#pragma once
#include <memory>
#include <pgreactor/error.hpp>
#include <pgreactor/transaction.hpp>
#include <string>
#include <string_view>

#include "src/store_memory/violations.hpp"
#include "src/store_memory/work.hpp"

namespace pgreactor::store_memory {

/// A transaction, or a savepoint in one. All levels of one have their work in common; each knows
/// what was done before it began, which is where a rollback goes back to.
class Level {
 public:
  Level(std::shared_ptr<Database> database, const TransactionOptions& options);
  /// A savepoint. Errors  as a statement.
  explicit Level(std::shared_ptr<Level> outer);
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;
  ~Level() = default;

  /// Errors  QueryError: it has ended, or a savepoint within is open or was dropped; 25P02.
  void check_statement() const;
  void commit();
  void rollback();
  /// Nobody can end it any more.
  void abandon() noexcept;

  /// What the statement gives, which sees what was done here. Errors  of the statement, after which
  /// only a rollback is possible if the server would have reported them.
  template <class Statement>
  auto run(const Statement& statement) {
    check_statement();
    const View view(*database_, *work_);
    try {
      return statement(*database_);
    } catch (const Error& error) {
      work_->has_failed = error.report() != nullptr;
      throw;
    }
  }
  /// Errors  25006 unless it may write.
  void check_write(std::string_view command);

  bool is_open() const noexcept { return is_open_; }
  int depth() const noexcept { return depth_; }
  const Database& database() const noexcept { return *database_; }
  Database& database() noexcept { return *database_; }
  Work& work() noexcept { return *work_; }

 private:
  void check_ends() const;
  void check_open() const;
  void go_back() noexcept;
  void end() noexcept;
  void end_inner() noexcept;

  std::shared_ptr<Database> database_;
  std::shared_ptr<Work> work_;
  std::shared_ptr<Level> outer_;  // null for the transaction
  Level* inner_ = nullptr;        // the savepoint that is open within
  int depth_ = 0;
  bool is_open_ = true;
  bool inner_abandoned_ = false;
  std::size_t changes_before_ = 0;
  std::size_t locks_before_ = 0;
  std::size_t schemas_before_ = 0;
};

}  // namespace pgreactor::store_memory
