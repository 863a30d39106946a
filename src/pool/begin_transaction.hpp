#pragma once
#include <pgreactor/transaction.hpp>
#include <source_location>

#include "src/pool/pool.hpp"

namespace pgreactor::detail {

/// Acquires a connection and begins on it, for whoever asked at `where`. Errors  those of acquire
/// and of BEGIN.
Task<Transaction> begin_transaction(pool::Pool& pool, TransactionOptions options,
                                    std::source_location where);

}  // namespace pgreactor::detail
