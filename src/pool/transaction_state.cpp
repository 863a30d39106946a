#include "src/pool/transaction_state.hpp"

#include <pgreactor/error.hpp>
#include <utility>

namespace pgreactor::detail {

TransactionState::TransactionState(pool::Pool& pool, pool::Member& member) noexcept
    : handle_(pool.handle()), member_(&member) {}

TransactionState::TransactionState(TransactionState& enclosing) noexcept
    : depth(enclosing.depth + 1),
      outer(&enclosing),
      handle_(enclosing.handle_),
      member_(enclosing.member_) {
  enclosing.inner = this;
}

TransactionState::~TransactionState() {
  if (reference_ != nullptr) *reference_ = nullptr;
  end_inner();
  if (outer != nullptr) outer->inner = nullptr;
  if (depth == 0) give_back();
}

std::shared_ptr<TransactionState*> TransactionState::reference() {
  if (reference_ == nullptr) reference_ = std::make_shared<TransactionState*>(this);
  return reference_;
}

// A savepoint that outlives what encloses it can do nothing any more.
void TransactionState::end_inner() noexcept {
  if (inner == nullptr) return;
  inner->end_inner();
  inner->outer = nullptr;
  inner->open = false;
  inner->member_ = nullptr;
  inner = nullptr;
}

pool::Pool& TransactionState::pool() const {
  if (*handle_ == nullptr) throw ConnectionError("the pool was destroyed");
  return **handle_;
}

bool TransactionState::has_changed_schema() const noexcept {
  return *handle_ != nullptr && member_ != nullptr && member_->connection->has_changed_schema();
}

connection::Connection& TransactionState::connection() const {
  if (inner != nullptr)
    throw QueryError("a savepoint is open within the transaction: use that, or end it first");
  if (inner_abandoned)
    throw QueryError(
        "a savepoint within the transaction was dropped without commit or rollback: "
        "roll the transaction back");
  connection::Connection& connection = connection_to_end();
  // Its caller was told that it is rolled back, and so it has to be.
  if (connection.has_given_up())
    throw QueryError(
        "a statement in the transaction was given up while it ran: roll the transaction back");
  return connection;
}

connection::Connection& TransactionState::connection_to_end() const {
  static_cast<void>(pool());
  if (member_ == nullptr || !open) throw QueryError("the transaction has ended");
  member_->connection->refuse_unusable();
  return *member_->connection;
}

bool TransactionState::is_unsettled() const noexcept {
  return *handle_ == nullptr || member_ == nullptr || !member_->connection->is_open() ||
         member_->connection->backlog() != 0 || member_->connection->is_fenced();
}

void TransactionState::end() noexcept {
  open = false;
  end_inner();
  if (outer != nullptr) {
    outer->inner = nullptr;
    outer = nullptr;
  } else {
    give_back();
  }
}

void TransactionState::give_back() noexcept {
  pool::Member* const member = std::exchange(member_, nullptr);
  if (member != nullptr && *handle_ != nullptr) (*handle_)->release(*member);
}

}  // namespace pgreactor::detail
