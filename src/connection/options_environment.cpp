#include "src/connection/options_environment.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace pgreactor {
namespace conninfo {

std::optional<std::string> variable(const Environment& environment, std::string_view name) {
  auto value = environment.variable(std::string{name});
  if (value && value->empty()) value.reset();
  if (value && value->size() > max_text) refuse("", name, "longer than 64 KiB");
  if (value && value->find('\0') != std::string::npos) refuse("", name, "contains a NUL byte");
  return value;
}

void fill_from_variables(Parameters& parameters, const Environment& environment) {
  const auto fill = [&](std::string_view keyword, std::string value, std::string_view origin) {
    [[maybe_unused]] const bool known = parameters.assign(keyword, std::move(value), origin);
    assert(known);
  };
  for (const Keyword& keyword : all_keywords()) {
    if (keyword.variable.empty() || parameters.find(keyword.name) != nullptr) continue;
    if (auto value = variable(environment, keyword.variable))
      fill(keyword.name, std::move(*value), keyword.variable);
  }
  // The older switch still counts where nothing newer speaks: ignoring it would drop encryption.
  if (parameters.find("sslmode") == nullptr) {
    const auto required = variable(environment, "PGREQUIRESSL");
    if (required && required->starts_with('1')) fill("sslmode", "require", "PGREQUIRESSL");
  }
}

namespace {

/// A user's entry in the password database, which may be on another machine.
struct Account {
  std::string name;
  std::string home;
};
Account account_of(uid_t user) {
  constexpr std::size_t largest_entry = std::size_t{1} << 20;
  std::string buffer(1024, '\0');
  passwd entry{};
  passwd* found = nullptr;
  while (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == ERANGE &&
         buffer.size() < largest_entry)
    buffer.resize(buffer.size() * 2);
  if (found == nullptr) return {};
  return {found->pw_name, found->pw_dir};
}

class ProcessEnvironment final : public Environment {
 public:
  std::optional<std::string> variable(const std::string& name) const override {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  }
  std::string user_name() const override { return account_of(geteuid()).name; }
  std::string home_directory() const override {
    const char* home = std::getenv("HOME");
    return home != nullptr && *home != '\0' ? home : account_of(geteuid()).home;
  }
  bool exists(const std::string& path) const override { return access(path.c_str(), F_OK) == 0; }
};

}  // namespace

std::string login_name(std::uint32_t user) { return account_of(user).name; }

}  // namespace conninfo

Environment::~Environment() = default;

const Environment& process_environment() noexcept {
  static const conninfo::ProcessEnvironment environment;
  return environment;
}

}  // namespace pgreactor
