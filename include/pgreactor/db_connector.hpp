#pragma once
#include <chrono>
#include <concepts>
#include <memory>
#include <pgreactor/attempt.hpp>
#include <pgreactor/combinators.hpp>
#include <pgreactor/commit_token.hpp>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/listener.hpp>
#include <pgreactor/pool_hooks.hpp>
#include <pgreactor/pool_statistics.hpp>
#include <pgreactor/query_observer.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/retry.hpp>
#include <pgreactor/transaction.hpp>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor {

namespace pool {
class Pool;
}

/// A pool of connections to one database, and the statements and transactions that run on it.
/// Statements of their own share connections and are pipelined; a transaction has one to itself.
/// What the user of a transaction, stream, COPY or script leaves in the session (SET, LISTEN,
/// PREPARE, DECLARE, LOAD) is discarded before another gets its connection. A statement of its own
/// that changes the session changes it for whoever shares that: use ConnectionOptions or PoolHooks.
/// Nobody is told of what a function does (set_config), nor of temporary tables.
/// Owner   the reactor outlives it, and all calls are made on the reactor's thread. Ending it with
///         work under way fails that work with ConnectionError; close() waits for it first.
/// Errors  ForkError from every call that would use a connection, in a child made by fork(): it
///         needs a connector of its own. There its end closes the child's descriptors and tells
///         the server nothing.
class PGREACTOR_API DBConnector final : public Executor {
 public:
  /// Connects by DATABASE_URL, else the PG* variables, else the built-in defaults. Nothing is sent
  /// before the first statement or warm_up().
  explicit DBConnector(Reactor& reactor);
  /// Connects by a URI or key=value string; what it leaves open is taken from PG* variables.
  DBConnector(Reactor& reactor, std::string_view conninfo);
  /// Errors  ConfigurationError, as ConnectionOptions::check.
  DBConnector(Reactor& reactor, ConnectionOptions options);
  ~DBConnector() override;

  /// What to call in the life of each connection. Errors  ConfigurationError once it was used.
  void set_hooks(PoolHooks hooks);
  /// Whom to tell of each query. Errors  ConfigurationError once it was used.
  void set_observer(QueryObserver observer);

  /// Opens the pool's smallest number of connections. Errors  ConnectionError of the first failure.
  Task<void> warm_up();

  /// Runs `body` in a transaction: commits when it returns, rolls back when it throws or is
  /// stopped, and gives what it returned.
  ///
  ///   co_await db.transaction([&](pg::Transaction& tx) -> pg::Task<void> {
  ///     co_await tx.execute("INSERT INTO users (name) VALUES ($1)", "John Doe");
  ///     co_await tx.execute("INSERT INTO profiles (user_id) VALUES (currval('users_id_seq'))");
  ///   });
  ///
  /// Within another transaction of this connector, in the same task, it is a savepoint of that.
  /// Errors  what the body threw; or those of Transaction::commit.
  /// Owner   a closure that captures by value with a destructor is named first and passed by name.
  template <class F>
    requires detail::TransactionBody<F>
  Task<detail::BodyResult<F>> transaction(
      F&& body, std::source_location where = std::source_location::current()) {
    static_assert(detail::SafeCallable<F&&>, "name the lambda first, then pass its name");
    return run<F>(TransactionOptions{}, body, where);
  }
  template <class F>
    requires detail::TransactionBody<F>
  Task<detail::BodyResult<F>> transaction(
      TransactionOptions options, F&& body,
      std::source_location where = std::source_location::current()) {
    static_assert(detail::SafeCallable<F&&>, "name the lambda first, then pass its name");
    return run<F>(options, body, where);
  }
  /// The same, and runs the whole body again after the failures that its policy names. The body has
  /// to decide anew by what it reads each time. Within another transaction it is a savepoint and
  /// runs once, for it is that one which has to be run again.
  template <class F>
    requires detail::TransactionBody<F>
  Task<detail::BodyResult<F>> transaction(
      RetryPolicy policy, F&& body, std::source_location where = std::source_location::current()) {
    static_assert(detail::SafeCallable<F&&>, "name the lambda first, then pass its name");
    return run_until_deadline<F>(policy, body, where);
  }

  /// The explicit form: `auto tx = co_await db.begin(); ... co_await tx.commit();`
  /// `where` is for the error of those who wait for a connection in vain: it names who has them.
  Task<Transaction> begin(TransactionOptions options = {},
                          std::source_location where = std::source_location::current());

  /// What became of a transaction begun with trace(token) whose COMMIT was left without an answer
  /// (outcome unknown): asks the server that writes are made to now, and waits while the session
  /// that the COMMIT was sent to is still at work.
  ///
  ///   pg::CommitToken token;
  ///   const auto attempt = co_await pg::as_attempt(db.transaction(pg::trace(token), body));
  ///   if (!attempt && attempt.error().outcome() == pg::Outcome::unknown)
  ///     const pg::Outcome outcome = co_await db.resolve(token);
  ///
  /// Shape   committed; rolled_back, also when it wrote nothing, or the server has never come to
  ///         that number; or unknown: the number is not known, is too old for the server, or there
  ///         was no final answer in time.
  ///         The answer is that of the present primary: what was committed on a lost one may be
  ///         missing here. After a crash of the server a number that never reached its log can be
  ///         given to another transaction: ask soon.
  /// Units   `at_most` covers all questions. A lost connection only makes it ask again.
  /// Errors  QueryError: the server refuses the question.
  /// Source  postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT
  Task<Outcome> resolve(CommitToken token,
                        std::chrono::nanoseconds at_most = std::chrono::seconds(30));

  /// Listens to these channels, on a connection beside the pool's: see Listener.
  /// Errors  ConnectionError: there is no connection; QueryError: of a name.
  template <class... Channels>
    requires(std::convertible_to<Channels, std::string> && ...)
  Task<Listener> listen(Channels&&... channels) {
    std::set<std::string> names;
    (names.insert(std::string(std::forward<Channels>(channels))), ...);
    return open_listener(std::move(names));
  }

  /// Refuses new work, waits for what is under way, at most `budget`, then closes all connections.
  /// May be called again. Errors  none: what did not end in time ends with ConnectionError there.
  Task<void> close(std::chrono::nanoseconds budget = std::chrono::seconds(2));

  const ConnectionOptions& options() const noexcept;
  PoolStatistics statistics() const noexcept;
  /// The one that all this runs on.
  Reactor& reactor() const noexcept;

  void submit(detail::Request& request) override;
  std::shared_ptr<detail::StatementEntry> statement_for(std::string_view text) override;
  Task<std::unique_ptr<detail::Lease>> lease() override;

 private:
  template <class F>
  Task<detail::BodyResult<F>> run(TransactionOptions options, F body, std::source_location where) {
    co_return co_await Transaction::run_body(co_await begin_or_nest(options, where), body);
  }
  template <class F>
  Task<detail::BodyResult<F>> run_until_deadline(RetryPolicy policy, F body,
                                                 std::source_location where) {
    if (!policy.has_deadline()) co_return co_await run_again(policy, body, where);
    co_return co_await with_timeout(policy.total(), run_again(policy, body, where));
  }
  template <class F>
  Task<detail::BodyResult<F>> run_again(const RetryPolicy& policy, F& body,
                                        std::source_location where) {
    detail::RetryLoop loop(policy);
    while (true) {
      auto attempt = co_await as_attempt(run_once(policy.options(), body, loop, where));
      if (attempt) {
        if constexpr (std::is_void_v<detail::BodyResult<F>>) {
          co_return;
        } else {
          co_return std::move(attempt).value();
        }
      }
      const auto pause = loop.pause_after(attempt.thrown(), attempt.error());
      co_await sleep_for(pause);
    }
  }
  template <class F>
  Task<detail::BodyResult<F>> run_once(TransactionOptions options, F& body, detail::RetryLoop& loop,
                                       std::source_location where) {
    loop.begin_attempt();
    Transaction transaction = co_await begin_or_nest(options, where);
    loop.begin_body(transaction.depth() != 0);
    co_return co_await Transaction::run_body(std::move(transaction), body);
  }
  Task<Transaction> begin_or_nest(TransactionOptions options, std::source_location where);
  Task<Outcome> ask_for_outcome(std::string id);
  Task<Listener> open_listener(std::set<std::string> channels);

  std::unique_ptr<pool::Pool> pool_;
};

}  // namespace pgreactor
