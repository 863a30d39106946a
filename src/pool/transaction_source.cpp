#include <pgreactor/error.hpp>
#include <pgreactor/transaction_source.hpp>

namespace pgreactor {

TransactionSource& detail::SourceHandle::get() const {
  if (*life_ == SourceLife::ended) throw ConnectionError("the connector was destroyed");
  return *source_;
}

TransactionSource::TransactionSource(const TransactionSource* owned)
    : life_(owned != nullptr ? owned->life_
                             : std::make_shared<detail::SourceLife>(detail::SourceLife::open)) {}

TransactionSource::~TransactionSource() { *life_ = detail::SourceLife::ended; }

Transaction* TransactionSource::enclosing(const detail::TaskContext& context,
                                          const TransactionOptions& options) const noexcept {
  if (options.is_new()) return nullptr;
  for (auto* scope = context.ambient; scope != nullptr; scope = scope->outer())
    if (scope->transaction().is_open() && has_begun(scope->transaction()))
      return &scope->transaction();
  return nullptr;
}

Task<Transaction> TransactionSource::begin_or_nest(TransactionOptions options,
                                                   std::source_location where) {
  const detail::TaskContext& context = co_await detail::CurrentContext{};
  Transaction* const outer = enclosing(context, options);
  if (outer == nullptr) co_return co_await begin_here(options, where);
  if (!options.is_default())
    throw QueryError(
        "a transaction within a transaction is a savepoint: it has no isolation "
        "level, access mode or number of its own");
  co_return co_await outer->begin();
}

}  // namespace pgreactor
