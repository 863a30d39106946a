#include <pgreactor/error.hpp>
#include <pgreactor/transaction_source.hpp>

namespace pgreactor {

Task<Transaction> TransactionSource::begin_or_nest(TransactionOptions options,
                                                   std::source_location where) {
  const detail::TaskContext& context = co_await detail::CurrentContext{};
  if (options.is_new()) co_return co_await begin_here(options, where);
  for (auto* scope = context.ambient; scope != nullptr; scope = scope->outer()) {
    if (!scope->transaction().is_open() || !has_begun(scope->transaction())) continue;
    if (!options.is_default())
      throw QueryError(
          "a transaction within a transaction is a savepoint: it has no isolation "
          "level, access mode or number of its own");
    co_return co_await scope->transaction().begin();
  }
  co_return co_await begin_here(options, where);
}

}  // namespace pgreactor
