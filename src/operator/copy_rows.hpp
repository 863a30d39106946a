#pragma once
#include <cstddef>
#include <cstdint>
#include <pgreactor/executor.hpp>
#include <pgreactor/table_store.hpp>
#include <pgreactor/task.hpp>

namespace pgreactor::operators {

/// More rows of which nothing is wanted back go by COPY: it costs the server less than an array
/// per column, and needs no memory for all of them at once.
inline constexpr std::size_t most_unnested_rows = 1'000;

/// Can they go so: is the table one that takes a COPY, and has each value a binary form?
bool goes_as_copy(const Insertion& insertion);

/// Copies them, and says how many.
/// Errors  QueryError naming row and column for a value that does not fit; what the server says.
///         None has been copied then. Owner  `insertion` lives until the task has ended.
Task<std::uint64_t> copy_rows(Executor& executor, const Insertion& insertion);

}  // namespace pgreactor::operators
