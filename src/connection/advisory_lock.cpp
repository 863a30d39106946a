#include <array>
#include <pgreactor/advisory_lock.hpp>
#include <pgreactor/values/all.hpp>
#include <string_view>
#include <utility>

namespace pgreactor {
namespace {

// By mode, then by whether the key is a name; literals, so that each is one prepared statement.
using Statements = std::array<std::array<std::string_view, 2>, 2>;

constexpr Statements lock_statements = {{
    {"SELECT pg_advisory_xact_lock($1::int8)",
     "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))"},
    {"SELECT pg_advisory_xact_lock_shared($1::int8)",
     "SELECT pg_advisory_xact_lock_shared(hashtextextended($1::text, 0))"},
}};
constexpr Statements try_statements = {{
    {"SELECT pg_try_advisory_xact_lock($1::int8)",
     "SELECT pg_try_advisory_xact_lock(hashtextextended($1::text, 0))"},
    {"SELECT pg_try_advisory_xact_lock_shared($1::int8)",
     "SELECT pg_try_advisory_xact_lock_shared(hashtextextended($1::text, 0))"},
}};

std::string_view pick(const Statements& statements, const LockKey& key, LockMode mode) {
  return statements[mode == LockMode::shared ? 1 : 0][key.is_named() ? 1 : 0];
}

}  // namespace

Task<void> advisory_lock(Transaction& transaction, LockKey key, LockMode mode, Timeout limit) {
  const std::string_view statement = pick(lock_statements, key, mode);
  if (key.is_named()) {
    co_await transaction.execute(statement, key.name(), limit, fetch_row);
  } else {
    co_await transaction.execute(statement, key.number(), limit, fetch_row);
  }
}

Task<bool> try_advisory_lock(Transaction& transaction, LockKey key, LockMode mode) {
  const std::string_view statement = pick(try_statements, key, mode);
  if (key.is_named())
    co_return co_await transaction.execute(statement, key.name(), fetch_val_as<bool>);
  co_return co_await transaction.execute(statement, key.number(), fetch_val_as<bool>);
}

}  // namespace pgreactor
