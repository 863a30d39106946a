#include "src/store_memory/level.hpp"

#include <utility>

namespace pgreactor::store_memory {

Level::Level(std::shared_ptr<Database> database, const TransactionOptions& options)
    : database_(std::move(database)), work_(std::make_shared<Work>()) {
  work_->isolation = options.isolation_level();
  work_->is_read_only = options.is_read_only();
  database_->works().open.push_back(work_.get());
}

Level::Level(std::shared_ptr<Level> outer)
    : database_(outer->database_),
      work_(outer->work_),
      outer_(std::move(outer)),
      depth_(outer_->depth_ + 1),
      changes_before_(work_->changes.size()),
      locks_before_(work_->locks.size()),
      schemas_before_(work_->schemas.size()) {
  outer_->check_statement();
  outer_->inner_ = this;
}

void Level::check_open() const {
  if (!is_open_) throw QueryError("the transaction has ended");
}

void Level::check_ends() const {
  if (inner_ != nullptr)
    throw QueryError("a savepoint is open within the transaction: use that, or end it first");
  if (inner_abandoned_)
    throw QueryError(
        "a savepoint within the transaction was dropped without commit or rollback: "
        "roll the transaction back");
  check_open();
}

void Level::check_statement() const {
  check_ends();
  if (work_->has_failed)
    raise("25P02",
          "current transaction is aborted, commands ignored until end of transaction block");
}

void Level::check_write(std::string_view command) {
  if (!work_->is_read_only) return;
  work_->has_failed = true;
  raise("25006", "cannot execute " + std::string(command) + " in a read-only transaction");
}

void Level::commit() {
  check_ends();
  if (outer_ != nullptr) {
    check_statement();
    return end();
  }
  if (work_->has_failed) {
    rollback();
    throw QueryError(
        "the transaction was rolled back instead of being committed, because a statement in it "
        "had failed",
        Outcome::rolled_back);
  }
  try {
    store_memory::commit(*database_, *work_);
  } catch (const QueryError&) {
    rollback();
    throw;
  }
  end();
}

void Level::rollback() {
  check_open();
  go_back();
  end();
}

void Level::abandon() noexcept {
  if (!is_open_) return;
  if (outer_ != nullptr)
    outer_->inner_abandoned_ = true;
  else
    go_back();
  end();
}

void Level::go_back() noexcept {
  work_->changes.erase(work_->changes.begin() + static_cast<std::ptrdiff_t>(changes_before_),
                       work_->changes.end());
  work_->locks.erase(work_->locks.begin() + static_cast<std::ptrdiff_t>(locks_before_),
                     work_->locks.end());
  work_->schemas.erase(work_->schemas.begin() + static_cast<std::ptrdiff_t>(schemas_before_),
                       work_->schemas.end());
  work_->has_failed = false;
}

void Level::end() noexcept {
  is_open_ = false;
  end_inner();
  if (outer_ != nullptr)
    std::exchange(outer_, nullptr)->inner_ = nullptr;
  else
    std::erase(database_->works().open, work_.get());
}

// A savepoint that outlives what encloses it can do nothing any more.
void Level::end_inner() noexcept {
  if (inner_ == nullptr) return;
  inner_->is_open_ = false;
  inner_->end_inner();
  inner_->outer_ = nullptr;
  inner_ = nullptr;
}

}  // namespace pgreactor::store_memory
