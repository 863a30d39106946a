#include <new>
#include <pgreactor/blocking_operator.hpp>
#include <pgreactor/error.hpp>
#include <utility>

namespace pgreactor::blocking {
namespace {

Task<void> make(Reactor& reactor, ConnectionOptions options,
                std::unique_ptr<pgreactor::DBOperator>& db) {
  db = std::make_unique<pgreactor::DBOperator>(reactor, std::move(options));
  co_return;
}

Task<void> destroy(std::unique_ptr<pgreactor::DBOperator>& db) {
  db.reset();
  co_return;
}

}  // namespace

DBOperator::DBOperator() : DBOperator(ConnectionOptions::from_environment()) {}
DBOperator::DBOperator(std::string_view conninfo)
    : DBOperator(ConnectionOptions::parse(conninfo)) {}
DBOperator::DBOperator(ConnectionOptions options)
    : DBOperator(std::make_unique<LoopThread>(), std::move(options)) {}
DBOperator::DBOperator(std::unique_ptr<LoopThread> loop, ConnectionOptions options)
    : own_loop_(std::move(loop)), loop_(*own_loop_) {
  loop_.wait(make(loop_.reactor(), std::move(options), db_));
}
DBOperator::DBOperator(LoopThread& loop, ConnectionOptions options) : loop_(loop) {
  loop_.wait(make(loop_.reactor(), std::move(options), db_));
}

DBOperator::~DBOperator() {
  // Errors here would have nobody to hear them; what it held ends with the loop then.
  try {
    static_cast<void>(loop_.wait(as_attempt(destroy(db_))));
  } catch (const ForkError&) {
    // The parent's thread was at work on it, perhaps: left as it is.
    [[maybe_unused]] const auto* const left = db_.release();
  }
}

void DBOperator::close(std::chrono::nanoseconds budget) {
  loop_.call([&] { return db_->close(budget); });
}

DBOperator::OpenTransaction::OpenTransaction(DBOperator& db) : db_(db) { db_.loop_.wait(begin()); }

DBOperator::OpenTransaction::~OpenTransaction() {
  if (!transaction_) return;
  try {
    static_cast<void>(db_.loop_.wait(as_attempt(end())));
  } catch (const ForkError&) {
    [[maybe_unused]] const auto* const left =
        new (std::nothrow) Transaction(*std::move(transaction_));  // as the connector is
  }
}

Task<void> DBOperator::OpenTransaction::begin() { transaction_.emplace(co_await db_.db_->begin()); }

// What rolling back could fail with must not hide why it is done; a connection whose rollback
// failed is closed.
Task<void> DBOperator::OpenTransaction::end() {
  if (transaction_->is_open()) static_cast<void>(co_await as_attempt(transaction_->rollback()));
  transaction_.reset();
}

void DBOperator::OpenTransaction::commit() {
  if (transaction_->is_open()) db_.loop_.call([&] { return transaction_->commit(); });
}

DBOperator& default_operator() {
  static DBOperator db;
  return db;
}

}  // namespace pgreactor::blocking
