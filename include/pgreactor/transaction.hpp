#pragma once
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/commit_token.hpp>
#include <pgreactor/cursor.hpp>
#include <pgreactor/detail/awaitable.hpp>
#include <pgreactor/detail/child_task.hpp>
#include <pgreactor/detail/clauses.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/task.hpp>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pgreactor {

class MemoryTransaction;
class Transaction;
class TransactionSource;

namespace pool {
class Pool;
}

/// How a transaction sees others. server_default leaves default_transaction_isolation in force.
enum class Isolation : std::uint8_t {
  server_default,
  read_committed,
  repeatable_read,
  serializable,
};

/// The clauses of BEGIN. Savepoints have none: a nested transaction must not ask for any, unless it
/// requires to be new.
class PGREACTOR_API TransactionOptions {
 public:
  TransactionOptions() noexcept = default;
  TransactionOptions& isolation(Isolation level) noexcept {
    isolation_ = level;
    return *this;
  }
  TransactionOptions& read_only(bool value = true) noexcept {
    read_only_ = value;
    return *this;
  }
  /// Waits for a snapshot that cannot fail; of use with serializable and read_only alone.
  TransactionOptions& deferrable(bool value = true) noexcept {
    deferrable_ = value;
    return *this;
  }
  /// Asks for the transaction's number together with the COMMIT, without waiting for it, and keeps
  /// it in `token`: see DBConnector::resolve.
  /// Errors  QueryError, not sent, of the begin: the server is older than PostgreSQL 13.
  TransactionOptions& trace(CommitToken& token) noexcept {
    token_ = &token;
    return *this;
  }

  Isolation isolation_level() const noexcept { return isolation_; }
  /// Within another transaction, too, it has a connection and a COMMIT of its own and does not see
  /// what the other has done. Needs a second connection while the first is held: where the pool has
  /// no more, it waits for pool_acquire_timeout in vain.
  TransactionOptions& requires_new(bool value = true) noexcept {
    requires_new_ = value;
    return *this;
  }

  bool is_new() const noexcept { return requires_new_; }
  bool is_read_only() const noexcept { return read_only_; }
  bool is_default() const noexcept {
    return isolation_ == Isolation::server_default && !read_only_ && !deferrable_ &&
           token_ == nullptr;
  }
  CommitToken* token() const noexcept { return token_; }
  /// "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY" ...
  std::string_view begin_statement() const noexcept;

 private:
  Isolation isolation_ = Isolation::server_default;
  bool read_only_ = false;
  bool deferrable_ = false;
  bool requires_new_ = false;
  CommitToken* token_ = nullptr;
};

inline TransactionOptions isolation(Isolation level) noexcept {
  return TransactionOptions{}.isolation(level);
}
inline TransactionOptions read_only() noexcept { return TransactionOptions{}.read_only(); }
inline TransactionOptions requires_new() noexcept { return TransactionOptions{}.requires_new(); }
inline TransactionOptions trace(CommitToken& token) noexcept {
  return TransactionOptions{}.trace(token);
}

namespace detail {
class TransactionState;

template <class F>
using BodyResult = typename std::invoke_result_t<F&, Transaction&>::value_type;
template <class F>
concept TransactionBody = requires(F& body, Transaction& transaction) {
  { body(transaction).frame() };
};
}  // namespace detail

/// A transaction on a connection of its own, so that all statements run in one session (`currval`
/// gives what the insert before it took). Ends by commit() or rollback(); one that is dropped
/// before is rolled back behind the scenes, and its connection is lent again only when the server
/// has confirmed that. Errors  after a failed statement the server refuses all but rollback()
/// (25P02); after one that was given up, by its timeout or a stop, so does this class: it may have
///         run.
///         commit() throws QueryError with outcome rolled_back when the server rolled back instead,
///         and ConnectionError with outcome unknown when its answer was lost.
class PGREACTOR_API Transaction final : public Executor {
 public:
  explicit Transaction(std::unique_ptr<detail::TransactionState> state) noexcept;
  /// On tables in memory: its SQL is refused with MockModeError, all else is as above.
  explicit Transaction(std::unique_ptr<MemoryTransaction> memory) noexcept;
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() override;

  /// A savepoint that the server does not release, for a statement in it failed, is open still:
  /// only its rollback() makes the transaction around it usable again.
  Task<void> commit();
  Task<void> rollback();
  /// False once it was committed or rolled back.
  bool is_open() const noexcept;
  /// 0 for a transaction, 1 for a savepoint in it, and so on.
  int depth() const noexcept;

  /// "server_version", "TimeZone" ... as the server last reported it to this session; nullopt for
  /// settings that it does not report.
  /// Source  postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC
  std::optional<std::string> server_setting(std::string_view name) const;

  /// A savepoint within: commit() releases it, rollback() goes back to it. It must end before this
  /// transaction does. Errors  QueryError when one is open already.
  Task<Transaction> begin();
  /// As DBConnector::transaction, by a savepoint.
  template <class F>
    requires detail::TransactionBody<F>
  Task<detail::BodyResult<F>> transaction(F&& body) {
    static_assert(detail::SafeCallable<F&&>, "name the lambda first, then pass its name");
    return run_nested<F>(body);
  }

  /// The rows of one statement, so many at a time: see Cursor. Arguments as execute(), without a
  /// fetch mode or a timeout, which Cursor::fetch() has. Sends nothing yet.
  template <class... Arguments>
  [[nodiscard]] Task<Cursor> cursor(const Sql& sql, Arguments&&... arguments) {
    return open_cursor(statement_for(sql.text()), sql.where(),
                       std::forward<Arguments>(arguments)...);
  }
  template <class... Arguments>
  [[nodiscard]] Task<Cursor> cursor(const Statement& statement, Arguments&&... arguments) {
    return open_cursor(statement.entry(), std::source_location(),
                       std::forward<Arguments>(arguments)...);
  }

  void submit(detail::Request& request) override;
  std::shared_ptr<detail::StatementEntry> statement_for(std::string_view text) override;
  Task<std::unique_ptr<detail::Lease>> lease() override;
  bool is_transaction() const noexcept override { return true; }
  bool has_changed_schema() const noexcept override;
  /// For the library: is its connection lent by this pool?
  bool runs_on(const pool::Pool& pool) const noexcept;
  /// For the library: null unless it is on tables in memory.
  MemoryTransaction* memory() const noexcept { return memory_.get(); }

 private:
  friend class TransactionSource;
  detail::TransactionState& state() const;
  Task<Result> send_commit();
  Task<void> note_id(CommitToken& token);
  template <class... Arguments>
  Task<Cursor> open_cursor(std::shared_ptr<detail::StatementEntry> entry,
                           const std::source_location& where, Arguments&&... arguments) {
    static_assert((detail::SafeInAwait<Arguments&&> && ...),
                  "g++ 12 destroys such temporaries of a co_await twice: name the value first");
    static_assert(!(detail::is_mode<Arguments> || ...), "a cursor gives Results, by fetch()");
    static_assert(!((detail::is_timeout<Arguments> || detail::is_server_timeout<Arguments>) || ...),
                  "fetch() has a timeout, and a cursor none");
    auto values = detail::values_of(std::forward<Arguments>(arguments)...);
    return begin_cursor(detail::make_portal(std::move(entry), where, std::move(values)));
  }
  Task<Cursor> begin_cursor(std::shared_ptr<detail::Portal> portal);
  template <class F>
  Task<detail::BodyResult<F>> run_nested(F body);
  template <class F>
  static Task<detail::BodyResult<F>> run_body(Transaction transaction, F& body);
  /// Rolls back and waits for it, unless that could take long or a stop was requested: then the
  /// connection is cleaned up behind the scenes. Throws nothing.
  static Task<void> abort(Transaction& transaction);

  std::unique_ptr<detail::TransactionState> state_;
  std::unique_ptr<MemoryTransaction> memory_;  // instead of it
};

namespace detail {

/// The transactions that the running task is in, innermost first.
class AmbientScope {
 public:
  explicit AmbientScope(Transaction& transaction, AmbientScope* outer) noexcept
      : transaction_(transaction), outer_(outer) {}
  Transaction& transaction() noexcept { return transaction_; }
  AmbientScope* outer() const noexcept { return outer_; }

 private:
  Transaction& transaction_;
  AmbientScope* outer_;
};

}  // namespace detail

template <class F>
Task<detail::BodyResult<F>> Transaction::run_body(Transaction transaction, F& body) {
  using Returned = detail::BodyResult<F>;
  detail::TaskContext context = co_await detail::CurrentContext{};
  detail::AmbientScope scope(transaction, context.ambient);
  context.ambient = &scope;
  Task<Returned> task = body(transaction);
  task.frame().promise().set_context(&context);
  detail::ChildResult<Returned> outcome;
  try {
    if constexpr (std::is_void_v<Returned>) {
      co_await std::move(task);
      outcome.set();
    } else {
      outcome.set(co_await std::move(task));
    }
    if (transaction.is_open()) co_await transaction.commit();
  } catch (...) {
    outcome.fail(std::current_exception());
  }
  // No co_await may stand in the handler, hence the detour. A savepoint that could not be released
  // is open still, and the transaction around it is failed until that is rolled back.
  if (outcome.failure() != nullptr) co_await abort(transaction);
  if constexpr (std::is_void_v<Returned>) {
    outcome.take();
  } else {
    co_return outcome.take();
  }
}

template <class F>
Task<detail::BodyResult<F>> Transaction::run_nested(F body) {
  co_return co_await run_body(co_await begin(), body);
}

}  // namespace pgreactor
