#pragma once
#include <memory>
#include <pgreactor/executor.hpp>
#include <pgreactor/table.hpp>

namespace pgreactor::catalogue {

/// A table with its columns and keys, in one round trip; null when there is none, or it is none
/// that has rows. Owner  `name` lives until the task has ended.
/// Source  postgresql.org/docs/current/catalogs.html
Task<std::shared_ptr<const Table>> read_table(Executor& executor, const QualifiedName& name);

/// Is it still what it was?
bool same_definition(const Table& a, const Table& b);

}  // namespace pgreactor::catalogue
