#pragma once
#include <cstdint>
#include <memory>
#include <pgreactor/attempt.hpp>
#include <pgreactor/combinators.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/retry.hpp>
#include <pgreactor/transaction.hpp>
#include <source_location>
#include <utility>

namespace pgreactor {

class TransactionSource;

namespace detail {

/// What a source tells those who may outlive it. A closed one begins no more transactions.
enum class SourceLife : std::uint8_t { open, closed, ended };

/// A source, for work that goes on when it has waited: the source may have ended meanwhile, and is
/// asked for here each time.
class PGREACTOR_API SourceHandle {
 public:
  SourceHandle(TransactionSource& source, std::shared_ptr<const SourceLife> life) noexcept
      : source_(&source), life_(std::move(life)) {}
  /// Errors  ConnectionError: it has ended.
  TransactionSource& get() const;
  SourceLife life() const noexcept { return *life_; }

 private:
  TransactionSource* source_;
  std::shared_ptr<const SourceLife> life_;
};

}  // namespace detail

/// Where transactions begin: what connectors and operators have in common.
class PGREACTOR_API TransactionSource {
 public:
  TransactionSource() : TransactionSource(nullptr) {}
  TransactionSource(const TransactionSource&) = delete;
  TransactionSource& operator=(const TransactionSource&) = delete;
  virtual ~TransactionSource();

  /// Runs `body` in a transaction: commits when it returns, rolls back when it throws or is
  /// stopped, and gives what it returned.
  ///
  ///   co_await db.transaction([&](pg::Transaction& tx) -> pg::Task<void> {
  ///     co_await tx.execute("INSERT INTO users (name) VALUES ($1)", "John Doe");
  ///     co_await tx.execute("INSERT INTO profiles (user_id) VALUES (currval('users_id_seq'))");
  ///   });
  ///
  /// Within another transaction of this source, in the same task, it is a savepoint of that, unless
  /// its options say requires_new().
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
                          std::source_location where = std::source_location::current()) {
    return begin_here(options, where);
  }

  /// For the library: did this transaction, or the one around it, begin here?
  virtual bool has_begun(const Transaction& transaction) const noexcept = 0;

 protected:
  /// Of one that begins its transactions on `owned`, and is closed and ends with that; null: by
  /// itself.
  explicit TransactionSource(const TransactionSource* owned);
  detail::SourceHandle source_handle() noexcept { return {*this, life_}; }
  void begins_no_more() noexcept { *life_ = detail::SourceLife::closed; }

 private:
  virtual Task<Transaction> begin_here(TransactionOptions options, std::source_location where) = 0;
  template <class F>
  Task<detail::BodyResult<F>> run(TransactionOptions options, F body, std::source_location where) {
    co_return co_await Transaction::run_body(co_await begin_or_nest(options, where), body);
  }
  template <class F>
  Task<detail::BodyResult<F>> run_until_deadline(RetryPolicy policy, F body,
                                                 std::source_location where) {
    if (!policy.has_deadline()) co_return co_await run_again(source_handle(), policy, body, where);
    co_return co_await with_timeout(policy.total(),
                                    run_again(source_handle(), policy, body, where));
  }
  // Without a `this`, which would be gone when the source ends during an attempt or a pause.
  template <class F>
  static Task<detail::BodyResult<F>> run_again(detail::SourceHandle source,
                                               const RetryPolicy& policy, F& body,
                                               std::source_location where) {
    detail::RetryLoop loop(policy);
    while (true) {
      auto attempt =
          co_await as_attempt(source.get().run_once(policy.options(), body, loop, where));
      if (attempt) {
        if constexpr (std::is_void_v<detail::BodyResult<F>>) {
          co_return;
        } else {
          co_return std::move(attempt).value();
        }
      }
      if (source.life() == detail::SourceLife::closed) loop.allow_no_more();
      const auto pause = loop.pause_after(attempt.thrown(), attempt.error());
      static_cast<void>(source.get());  // no pause for what will not be
      co_await sleep_for(pause);
    }
  }
  template <class F>
  Task<detail::BodyResult<F>> run_once(TransactionOptions options, F& body, detail::RetryLoop& loop,
                                       std::source_location where) {
    loop.begin_attempt();
    const detail::TaskContext& context = co_await detail::CurrentContext{};
    // A savepoint is no transaction that could be begun anew.
    if (enclosing(context, options) != nullptr) loop.allow_no_more();
    Transaction transaction = co_await begin_or_nest(options, where);
    loop.begin_body();
    co_return co_await Transaction::run_body(std::move(transaction), body);
  }
  Task<Transaction> begin_or_nest(TransactionOptions options, std::source_location where);
  /// The transaction of this source that the task is in, and that one with these options would be a
  /// savepoint of; null when there is none.
  Transaction* enclosing(const detail::TaskContext& context,
                         const TransactionOptions& options) const noexcept;

  std::shared_ptr<detail::SourceLife> life_;
};

}  // namespace pgreactor
