#pragma once
#include <pgreactor/transaction.hpp>

#include "src/pool/pool.hpp"

namespace pgreactor::detail {

/// Acquires a connection and begins on it. Errors  those of acquire and of BEGIN.
Task<Transaction> begin_transaction(pool::Pool& pool, TransactionOptions options);

}  // namespace pgreactor::detail
