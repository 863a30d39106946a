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
#include <pgreactor/transaction_source.hpp>
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
class PGREACTOR_API DBConnector final : public Executor, public TransactionSource {
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

  /// What became of a transaction begun with trace(token) whose COMMIT was left without an answer
  /// (outcome unknown): asks the server that writes are made to now, and waits while the session
  /// that the COMMIT was sent to is still in it, or ends that session.
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
  /// Errors  QueryError: the server refuses the question. ConnectionError: this is closed, or ends
  ///         meanwhile.
  /// Source  postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT
  Task<Outcome> resolve(CommitToken token,
                        std::chrono::nanoseconds at_most = std::chrono::seconds(30),
                        OldSession old_session = OldSession::is_waited_for);

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

  /// For the library: how often its sessions have changed tables; lives as long as this.
  const std::uint64_t& schema_changes() const noexcept;

  void submit(detail::Request& request) override;
  std::shared_ptr<detail::StatementEntry> statement_for(std::string_view text) override;
  Task<std::unique_ptr<detail::Lease>> lease() override;
  bool has_begun(const Transaction& transaction) const noexcept override;

 private:
  Task<Transaction> begin_here(TransactionOptions options, std::source_location where) override;
  static Task<Outcome> ask_for_outcome(detail::SourceHandle source, std::string id,
                                       OldSession old_session);
  Task<void> end_session_of(std::string id);
  Task<Listener> open_listener(std::set<std::string> channels);

  std::unique_ptr<pool::Pool> pool_;
};

}  // namespace pgreactor
