#pragma once
#include <pgreactor/task.hpp>
#include <string>

#include "src/testing/server_account.hpp"

namespace pgreactor::testing {

/// The first executable of this name along $PATH; empty when there is none.
std::string find_in_path(const std::string& name);

/// The directory with `postgres` and `initdb`. `asked` is searched alone when it is not empty, and
/// so is $PGREACTOR_PG_BINDIR.
/// Errors  ServerSetupError::not_installed, naming the places that were searched.
Task<std::string> find_program_directory(const std::string& asked, const ServerAccount& account);

}  // namespace pgreactor::testing
