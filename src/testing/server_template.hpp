#pragma once
#include <pgreactor/task.hpp>
#include <string>

#include "src/testing/server_account.hpp"
#include "src/testing/server_programs.hpp"

namespace pgreactor::testing {

/// Fills the new directory `target` with a fresh database cluster: superuser "postgres" without a
/// password, UTF-8. The first time, initdb makes a template below `base`, in a directory of mode
/// 0700 that belongs to the account; from then on it is copied. Processes that need it at the same
/// time wait for the one that makes it, which they know by a lock file.
/// Errors  ServerSetupError with initdb's last words.
Task<void> make_cluster(const ServerAccount& account, const ServerPrograms& programs,
                        const std::string& base, const std::string& target);

}  // namespace pgreactor::testing
