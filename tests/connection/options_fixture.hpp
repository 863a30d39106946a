#pragma once
#include <map>
#include <pgreactor/connection_options.hpp>
#include <set>
#include <string>
#include <string_view>

#include "src/connection/options_parameters.hpp"

namespace pgreactor {

/// An environment of plain data. Nothing exists in it unless a test says so, and there is no home,
/// so that no file of the machine's own can be read.
class FakeEnvironment : public Environment {
 public:
  FakeEnvironment() = default;
  explicit FakeEnvironment(std::map<std::string, std::string> set) : variables(std::move(set)) {}

  std::optional<std::string> variable(const std::string& name) const override {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional{found->second};
  }
  std::string user_name() const override { return user; }
  std::string home_directory() const override { return home; }
  bool exists(const std::string& path) const override { return paths.contains(path); }

  std::map<std::string, std::string> variables;
  std::set<std::string> paths;
  std::string user = "login";
  std::string home;
};

using WrittenOptions = std::map<std::string, std::string>;

/// What a connection string assigns, before any default.
inline WrittenOptions written(std::string_view text) {
  WrittenOptions result;
  const auto parameters = conninfo::parse_text(text, "the test");
  for (const auto& entry : parameters.entries())
    result.emplace(entry.keyword->name, entry.value.reveal());
  return result;
}

/// The message of the error that the call throws; "no error" when it throws none.
template <class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "no error";
}

inline std::string parse_error(std::string_view text,
                               const FakeEnvironment& environment = FakeEnvironment{}) {
  return error_of([&] { static_cast<void>(ConnectionOptions::parse(text, environment)); });
}

}  // namespace pgreactor
