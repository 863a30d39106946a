#include <array>
#include <charconv>
#include <exception>
#include <pgreactor/attempt.hpp>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/memory_transaction.hpp>
#include <pgreactor/transaction.hpp>
#include <pgreactor/values/all.hpp>
#include <string>
#include <utility>

#include "src/pool/begin_transaction.hpp"
#include "src/pool/connection_executor.hpp"
#include "src/pool/transaction_state.hpp"

namespace pgreactor {
namespace {

// By isolation, then read only, then deferrable; literals, so that each is one prepared statement.
constexpr std::array<std::array<std::string_view, 4>, 4> begin_statements = {{
    {"BEGIN", "BEGIN READ ONLY", "BEGIN DEFERRABLE", "BEGIN READ ONLY, DEFERRABLE"},
    {"BEGIN ISOLATION LEVEL READ COMMITTED", "BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY",
     "BEGIN ISOLATION LEVEL READ COMMITTED, DEFERRABLE",
     "BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY, DEFERRABLE"},
    {"BEGIN ISOLATION LEVEL REPEATABLE READ", "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
     "BEGIN ISOLATION LEVEL REPEATABLE READ, DEFERRABLE",
     "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY, DEFERRABLE"},
    {"BEGIN ISOLATION LEVEL SERIALIZABLE", "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY",
     "BEGIN ISOLATION LEVEL SERIALIZABLE, DEFERRABLE",
     "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE"},
}};

// Its COMMIT would meet a function that is not there, and roll back what was done.
void refuse_trace_by(const protocol::Session& session) {
  constexpr int names_transactions = 13;
  const std::string_view version = session.setting("server_version").value_or("");
  int major = names_transactions;  // what does not say so is taken to be able to
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (major >= names_transactions) return;
  throw QueryError("trace() needs PostgreSQL 13 or later; this server is " + std::string(version),
                   Outcome::not_sent);
}

}  // namespace

void refuse_sql(std::string_view sql) {
  throw MockModeError("raw SQL cannot be answered in mock mode: " + std::string(sql));
}

std::string_view TransactionOptions::begin_statement() const noexcept {
  return begin_statements[static_cast<std::size_t>(isolation_)]
                         [(read_only_ ? 1u : 0u) + (deferrable_ ? 2u : 0u)];
}

Transaction::Transaction(std::unique_ptr<detail::TransactionState> state) noexcept
    : state_(std::move(state)) {}
Transaction::Transaction(std::unique_ptr<MemoryTransaction> memory) noexcept
    : memory_(std::move(memory)) {}
Transaction::Transaction(Transaction&& other) noexcept
    : state_(std::move(other.state_)), memory_(std::move(other.memory_)) {}

Transaction::~Transaction() {
  if (state_ != nullptr && state_->open && state_->outer != nullptr)
    state_->outer->inner_abandoned = true;
}

bool Transaction::is_open() const noexcept {
  return memory_ != nullptr ? memory_->is_open() : state_ != nullptr && state_->open;
}
int Transaction::depth() const noexcept {
  if (memory_ != nullptr) return memory_->depth();
  return state_ == nullptr ? 0 : state_->depth;
}

detail::TransactionState& Transaction::state() const {
  if (memory_ != nullptr)
    throw MockModeError("in mock mode there is no session behind the transaction");
  if (state_ == nullptr) throw QueryError("the transaction was moved from");
  return *state_;
}

std::optional<std::string> Transaction::server_setting(std::string_view name) const {
  const auto value = state().connection().session().setting(name);
  if (!value) return std::nullopt;
  return std::string(*value);
}

bool Transaction::runs_on(const pool::Pool& pool) const noexcept {
  return state_ != nullptr && state_->is_of(pool);
}

bool Transaction::has_changed_schema() const noexcept {
  return state_ != nullptr && state_->has_changed_schema();
}

void Transaction::submit(detail::Request& request) { state().connection().submit(request); }

std::shared_ptr<detail::StatementEntry> Transaction::statement_for(std::string_view text) {
  if (memory_ != nullptr) refuse_sql(text);
  return state().pool().statement_for(text);
}

namespace {

// The transaction's own connection, which stays its own: a stream is told when that is given back.
class TransactionLease final : public detail::Lease {
 public:
  explicit TransactionLease(std::shared_ptr<detail::TransactionState*> state) noexcept
      : state_(std::move(state)) {}
  void submit(detail::Request& request) override {
    if (*state_ == nullptr) throw QueryError("the transaction has ended");
    (*state_)->connection().submit(request);
  }

 private:
  std::shared_ptr<detail::TransactionState*> state_;
};

}  // namespace

Task<std::unique_ptr<detail::Lease>> Transaction::lease() {
  std::unique_ptr<detail::Lease> own = std::make_unique<TransactionLease>(state().reference());
  co_return own;
}

Task<Cursor> Transaction::begin_cursor(std::shared_ptr<detail::Portal> portal) {
  portal->lease = co_await lease();
  co_return Cursor(std::move(portal));
}

Task<Transaction> detail::begin_transaction(pool::Pool& pool, TransactionOptions options,
                                            std::source_location where) {
  if (options.token() != nullptr) *options.token() = CommitToken();
  pool::Member& member = co_await pool.acquire();
  std::unique_ptr<TransactionState> state;
  try {
    state = std::make_unique<TransactionState>(pool, member);
  } catch (const std::bad_alloc&) {
    pool.release(member);
    throw;
  }
  // From here on the connection is given back whatever happens.
  state->token = options.token();
  if (state->token != nullptr) refuse_trace_by(member.connection->session());
  Transaction transaction(std::move(state));
  // Already now: whatever is lost before a COMMIT was sent cannot have been committed.
  member.connection->set_in_transaction(true);
  member.read_only = options.is_read_only();
  member.holder = where;
  co_await transaction.execute(options.begin_statement());
  co_return transaction;
}

Task<Transaction> Transaction::begin() {
  if (memory_ != nullptr) co_return Transaction(memory_->begin());
  static_cast<void>(state());
  // Throws unless a savepoint may begin now; from the next line on no other may.
  pool::ConnectionExecutor executor(state_->connection(), state_->pool().statements());
  auto inner = std::make_unique<detail::TransactionState>(*state_);
  const std::string statement = "SAVEPOINT " + inner->savepoint();
  Transaction savepoint(std::move(inner));
  const auto begun = co_await as_attempt(executor.execute(statement));
  if (!begun) {
    // One that the server refused is not there, and leaves nothing to be rolled back.
    if (begun.error().report() != nullptr) savepoint.state_->end();
    std::rethrow_exception(begun.thrown());
  }
  co_return savepoint;
}

Task<void> Transaction::commit() {
  if (memory_ != nullptr) {
    memory_->commit();
    co_return;
  }
  static_cast<void>(state().connection());
  if (state_->depth != 0) {
    const std::string statement = "RELEASE SAVEPOINT " + state_->savepoint();
    co_await execute(statement);
    state_->end();
    co_return;
  }
  // Once its COMMIT is on the way nobody can know, should the connection be lost.
  state_->connection().set_in_transaction(false);
  const detail::EndOnExit end(*state_);
  const Result result = co_await send_commit();
  if (result.command_tag() != "COMMIT")
    throw QueryError(
        "the server rolled the transaction back instead of committing it, because a "
        "statement in it had failed",
        Outcome::rolled_back);
}

Task<Result> Transaction::send_commit() {
  if (state_->token == nullptr) co_return co_await execute("COMMIT");
  // Both go out together. The server sends the first answer before it begins with the COMMIT, so
  // that it is lost only together with the connection.
  auto both = co_await when_all(note_id(*state_->token), execute("COMMIT"));
  co_return std::get<1>(std::move(both));
}

// That it is not known hinders nothing: COMMIT says what is wrong, if anything is.
Task<void> Transaction::note_id(CommitToken& token) {
  using Id = std::optional<std::string>;
  auto asked = co_await as_attempt(execute(
      "SELECT pg_catalog.pg_current_xact_id_if_assigned()::pg_catalog.text", fetch_val_as<Id>));
  if (!asked) co_return;
  const Id& id = asked.value();
  std::uint64_t number = 0;
  if (!id) {
    token.set(std::nullopt);
  } else if (std::from_chars(id->data(), id->data() + id->size(), number).ec == std::errc()) {
    token.set(number);
  }
}

namespace {

pool::ConnectionExecutor executor_to_end(const detail::TransactionState& state) {
  return {state.connection_to_end(), state.pool().statements()};
}

}  // namespace

Task<void> Transaction::rollback() {
  if (memory_ != nullptr) {
    memory_->rollback();
    co_return;
  }
  pool::ConnectionExecutor executor = executor_to_end(state());
  if (state_->depth == 0) {
    const detail::EndOnExit end(*state_);
    co_await executor.execute("ROLLBACK");
    co_return;
  }
  const std::string back = "ROLLBACK TO SAVEPOINT " + state_->savepoint();
  const std::string release = "RELEASE SAVEPOINT " + state_->savepoint();
  co_await executor.execute(back);
  // The pool may have ended meanwhile, and the connection with it.
  pool::ConnectionExecutor executor_after = executor_to_end(*state_);
  co_await executor_after.execute(release);
  state_->end();
}

Task<void> Transaction::abort(Transaction& transaction) {
  if (!transaction.is_open()) co_return;
  if (transaction.memory_ == nullptr && transaction.state_->is_unsettled()) co_return;
  const detail::TaskContext& context = co_await detail::CurrentContext{};
  if (context.stop.stop_requested()) co_return;
  static_cast<void>(co_await as_attempt(transaction.rollback()));
}

}  // namespace pgreactor
