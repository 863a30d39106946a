#include <new>
#include <pgreactor/blocking_operator.hpp>
#include <pgreactor/error.hpp>
#include <utility>

namespace pgreactor::blocking {
namespace {

template <class T, class Make>
Task<void> make_in(T& place, const Make& make) {
  place = make();
  co_return;
}

template <class T>
Task<void> destroy(T& held) {
  held.reset();
  co_return;
}

template <class T, class Value>
Task<void> call(T& object, void (T::*method)(Value), Value value) {
  (object.*method)(value);
  co_return;
}

/// Destroys it on the loop thread. In a child made by fork() there is none, and the parent's was at
/// work on it, perhaps: it is left as it is.
template <class T>
void end_on(LoopThread& loop, T& held) noexcept {
  try {
    static_cast<void>(loop.wait(as_attempt(destroy(held))));
  } catch (const ForkError&) {
    [[maybe_unused]] const auto* const left = new (std::nothrow) T(std::move(held));
  }
}

}  // namespace

TransactionOperations::TransactionOperations(pgreactor::DBOperator& db, Connection& connection)
    : TableOperations(connection.loop()) {
  loop_.wait(make_in(own_, [&] { return db.on(connection.transaction()); }));
  operations_ = &*own_;
}

TransactionOperations::~TransactionOperations() { end_on(loop_, own_); }

DBOperator::DBOperator(std::unique_ptr<LoopThread> own) noexcept
    : TableOperations(*own), own_loop_(std::move(own)) {}
DBOperator::DBOperator() : DBOperator(std::make_unique<LoopThread>()) {
  make([](Reactor& reactor) { return std::make_unique<pgreactor::DBOperator>(reactor); });
}
DBOperator::DBOperator(std::string_view conninfo)
    : DBOperator(ConnectionOptions::parse(conninfo)) {}
DBOperator::DBOperator(ConnectionOptions options) : DBOperator(std::make_unique<LoopThread>()) {
  make([&](Reactor& reactor) {
    return std::make_unique<pgreactor::DBOperator>(reactor, std::move(options));
  });
}
DBOperator::DBOperator(MemoryTables tables) : DBOperator(std::make_unique<LoopThread>()) {
  make([&](Reactor& reactor) {
    return std::make_unique<pgreactor::DBOperator>(reactor, std::move(tables));
  });
}
DBOperator::DBOperator(LoopThread& loop, ConnectionOptions options) : TableOperations(loop) {
  make([&](Reactor& reactor) {
    return std::make_unique<pgreactor::DBOperator>(reactor, std::move(options));
  });
}
DBOperator::DBOperator(LoopThread& loop, MemoryTables tables) : TableOperations(loop) {
  make([&](Reactor& reactor) {
    return std::make_unique<pgreactor::DBOperator>(reactor, std::move(tables));
  });
}

void DBOperator::make(const std::function<std::unique_ptr<pgreactor::DBOperator>(Reactor&)>& how) {
  loop_.wait(make_in(db_, [&] { return how(loop_.reactor()); }));
  operations_ = db_.get();
}

// Errors here would have nobody to hear them; what it held ends with the loop then.
DBOperator::~DBOperator() { end_on(loop_, db_); }

void DBOperator::set_max_rows(std::optional<std::uint64_t> count) {
  loop_.wait(call(*db_, &pgreactor::DBOperator::set_max_rows, count));
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
