#pragma once
#include <pgreactor/task.hpp>
#include <utility>

namespace pgreactor::pool {

/// Runs a task of the pool's own, in which somebody else's code may run, too. Whatever it throws
/// is the answer no: nobody waits for such a task, so that an exception would end the process.
inline Task<bool> succeeds(Task<void> task) {
  try {
    co_await std::move(task);
    co_return true;
    // NOLINTNEXTLINE(bugprone-empty-catch): the answer is given below
  } catch (...) {
  }
  co_return false;
}

}  // namespace pgreactor::pool
