#pragma once
#include <pgreactor/task.hpp>
#include <pgreactor/testing/throwaway_server.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "src/testing/server_account.hpp"

namespace pgreactor::testing {

/// The first executable of this name along $PATH; empty when there is none.
std::string find_in_path(const std::string& name);

/// Where the programs of a PostgreSQL are, and what they need to run.
struct ServerPrograms {
  ServerPrograms() = default;
  explicit ServerPrograms(std::string programs_in, std::string libraries_in = {})
      : directory(std::move(programs_in)), libraries(std::move(libraries_in)) {}
  std::string directory;  // with `postgres` and `initdb`
  std::string libraries;  // for LD_LIBRARY_PATH; empty where the programs find theirs by themselves
};

/// The place that the options or a variable name is searched alone.
/// Errors  ServerSetupError::not_installed, naming the places that were searched.
Task<ServerPrograms> find_server_programs(const ThrowawayServerOptions& options,
                                          const ServerAccount& account);

/// One of the programs, as run_as() has it. Its libraries reach it and its children alone.
net::ChildOptions run_program(const ServerAccount& account, const ServerPrograms& programs,
                              std::string_view name);

}  // namespace pgreactor::testing
