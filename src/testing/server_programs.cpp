#include "src/testing/server_programs.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

namespace pgreactor::testing {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool is_program(const std::string& path) {
  struct stat file{};
  return ::stat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

bool has_programs(const std::string& directory) {
  return directory.starts_with('/') && is_program(directory + "/postgres") &&
         is_program(directory + "/initdb");
}

Task<std::string> ask_pg_config(const ServerAccount& account) {
  const std::string program = find_in_path("pg_config");
  if (program.empty()) co_return std::string();
  net::ChildOptions options = run_as(account, program);
  options.argument("--bindir").directory("/");
  const net::ChildResult result = co_await net::run_child(options);
  co_return result.output.substr(0, result.output.find('\n'));
}

// Debian installs each major version in a directory of its own and none of them in PATH.
std::string highest_debian_version() {
  std::map<int, std::string> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored)) {
    const std::string name = entry.path().filename().string();
    int version = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
    const std::string directory = entry.path().string() + "/bin";
    if (error == std::errc{} && end == name.data() + name.size() && has_programs(directory))
      found.emplace(version, directory);
  }
  return found.empty() ? std::string() : found.rbegin()->second;
}

// An unpacked PostgreSQL, which is anywhere: its libraries are not among the system's.
ServerPrograms programs_in(const std::string& installation) {
  return ServerPrograms(installation + "/bin", installation + "/lib");
}

[[noreturn]] void not_installed(const std::string& searched) {
  throw ServerSetupError(ServerSetupError::Reason::not_installed,
                         "PostgreSQL's programs \"postgres\" and \"initdb\" are not in " +
                             searched + "; on Debian install the package postgresql");
}

// What somebody has named, the options before the variables; nothing else is looked at then.
std::optional<ServerPrograms> named_programs(const ThrowawayServerOptions& options) {
  struct Name {
    std::string said_by;
    std::string path;
    bool installation;
  };
  const Name names[] = {
      {"the given directory ", options.installation(), true},
      {"the given directory ", options.program_directory(), false},
      {"$PGREACTOR_PG_INSTALLATION ", variable("PGREACTOR_PG_INSTALLATION"), true},
      {"$PGREACTOR_PG_BINDIR ", variable("PGREACTOR_PG_BINDIR"), false},
  };
  for (const auto& [said_by, path, installation] : names) {
    if (path.empty()) continue;
    ServerPrograms found = installation ? programs_in(path) : ServerPrograms(path);
    if (!has_programs(found.directory)) not_installed(said_by + found.directory);
    return found;
  }
  return std::nullopt;
}

}  // namespace

std::string find_in_path(const std::string& name) {
  const std::string path = variable("PATH");
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const std::string candidate = path.substr(begin, end - begin) + "/" + name;
    if (candidate.starts_with('/') && end > begin && is_program(candidate)) return candidate;
    begin = end + 1;
  }
  return {};
}

Task<ServerPrograms> find_server_programs(const ThrowawayServerOptions& options,
                                          const ServerAccount& account) {
  if (const auto named = named_programs(options)) co_return *named;
  // pg_config comes with the client library too and may name a directory without a server
  const std::string configured = co_await ask_pg_config(account);
  if (has_programs(configured)) co_return ServerPrograms(configured);
  const std::string debian = highest_debian_version();
  if (!debian.empty()) co_return ServerPrograms(debian);
  const std::string postgres = find_in_path("postgres");
  const std::string directory = postgres.substr(0, postgres.rfind('/'));
  if (has_programs(directory)) co_return ServerPrograms(directory);
  not_installed(
      "$PGREACTOR_PG_INSTALLATION or $PGREACTOR_PG_BINDIR (not set), the directory of pg_config (" +
      (configured.empty() ? "no pg_config" : configured) + "), /usr/lib/postgresql/*/bin or PATH");
}

net::ChildOptions run_program(const ServerAccount& account, const ServerPrograms& programs,
                              std::string_view name) {
  net::ChildOptions options = run_as(account, programs.directory + "/" + std::string(name));
  if (!programs.libraries.empty()) options.variable("LD_LIBRARY_PATH", programs.libraries);
  return options;
}

}  // namespace pgreactor::testing
