#include "src/connection/options_service.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "src/connection/options_environment.hpp"
#include "src/connection/options_file.hpp"
#include "src/connection/options_reader.hpp"

namespace pgreactor::conninfo {
namespace {

// With its end: libpq reads a line into 1024 bytes, and a file that works here shall work there.
constexpr std::size_t longest_line = 1022;

constexpr std::string_view service_file = "the service file";  // as the origin of a value

class ServiceReader {
 public:
  ServiceReader(std::string_view content, std::string_view service, const ServiceSource& source)
      : rest_(content), service_(service), source_(source) {}

  bool read(Parameters& parameters) {
    bool within = false;
    while (!rest_.empty()) {
      const auto line = take_line();
      if (line.empty() || line.starts_with('#')) continue;
      if (line.starts_with('[')) {
        if (within) break;
        within = is_wanted(line);
      } else if (within) {
        read_parameter(line, parameters);
      }
    }
    return within;
  }

 private:
  std::string_view take_line() {
    ++number_;
    const auto end = rest_.find('\n');
    const auto line = rest_.substr(0, end == std::string_view::npos ? end : end + 1);
    if (line.size() > longest_line) fail("is longer than 1022 bytes");
    rest_.remove_prefix(line.size());
    return trimmed(line);
  }

  /// What follows the ']' is not looked at: libpq's rule.
  bool is_wanted(std::string_view header) const {
    header.remove_prefix(1);
    return header.starts_with(service_) && header.substr(service_.size()).starts_with(']');
  }

  void read_parameter(std::string_view line, Parameters& parameters) const {
    if (line.starts_with("ldap")) fail("asks an LDAP server, which is not supported");
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) fail("has no \"=\"");
    const auto name = line.substr(0, equals);
    if (name == "service" || name == "servicefile") fail("a service cannot refer to another");
    if (find_keyword(name) == nullptr) fail_unknown(name);
    // What was given already wins, be it by an earlier line.
    if (parameters.find(name) == nullptr)
      static_cast<void>(
          parameters.assign(name, std::string{line.substr(equals + 1)}, service_file));
  }

  [[noreturn]] void fail_unknown(std::string_view name) const {
    std::string reason = "its parameter is unknown";
    if (name.find_first_of(" \t") != std::string_view::npos)
      reason += "; no white space may stand before the \"=\"";
    else if (const auto suggestion = suggest_keyword(name); !suggestion.empty())
      reason.append("; did you mean \"").append(suggestion).append("\"?");
    fail(reason);
  }

  [[noreturn]] void fail(const std::string& reason) const {
    refuse("service", source_.origin,
           "\"" + source_.path + "\", line " + std::to_string(number_) + ": " + reason);
  }

  std::string_view rest_;  // what is still to be read
  std::string_view service_;
  const ServiceSource& source_;
  std::size_t number_ = 0;  // of the line
};

/// Where services are looked for that no file was named for.
std::vector<std::string> usual_files(const Environment& environment) {
  constexpr auto system_directories =
      std::to_array<std::string_view>({"/etc/postgresql-common", "/usr/local/pgsql/etc"});
  std::vector<std::string> files;
  if (const auto home = environment.home_directory(); !home.empty())
    files.push_back(home + "/.pg_service.conf");
  if (const auto directory = variable(environment, "PGSYSCONFDIR")) {
    files.push_back(*directory + "/pg_service.conf");
  } else {
    for (const auto place : system_directories)
      files.push_back(std::string{place} + "/pg_service.conf");
  }
  std::erase_if(files, [&](const std::string& path) { return !environment.exists(path); });
  return files;
}

/// Whether the file has the service. One that is missing has none, unless it was named.
bool read_file(const ServiceSource& source, std::string_view service, Parameters& parameters) {
  const TextFile file = read_text_file(source.path, Readers::anybody);
  if (!file.problem.empty())
    refuse("service", source.origin, "\"" + source.path + "\" " + file.problem);
  return read_service(file.content.reveal(), service, source, parameters);
}

/// A value that was written, or that of the variable.
struct Named {
  std::string text;
  std::string_view origin;
};
std::optional<Named> named(const Parameters& parameters, std::string_view keyword,
                           std::string_view variable_name, const Environment& environment) {
  if (const auto* entry = parameters.find(keyword))
    return Named{std::string{entry->value.reveal()}, entry->origin};
  if (auto value = variable(environment, variable_name))
    return Named{std::move(*value), variable_name};
  return std::nullopt;
}

}  // namespace

bool read_service(std::string_view content, std::string_view service, const ServiceSource& source,
                  Parameters& parameters) {
  return ServiceReader{content, service, source}.read(parameters);
}

void fill_from_service(Parameters& parameters, const Environment& environment) {
  const auto service = named(parameters, "service", "PGSERVICE", environment);
  if (!service || service->text.empty()) return;
  auto files = usual_files(environment);
  const auto file = named(parameters, "servicefile", "PGSERVICEFILE", environment);
  if (file && !file->text.empty()) {
    // A name that leads nowhere is not repeated: it may be anything.
    if (!environment.exists(file->text))
      refuse("servicefile", file->origin, "names a file that does not exist");
    // It stands in for the user's own.
    const auto home = environment.home_directory();
    std::erase(files, home + "/.pg_service.conf");
    files.insert(files.begin(), file->text);
  }
  for (const std::string& path : files)
    if (read_file({service->origin, path}, service->text, parameters)) return;
  refuse(
      "service", service->origin,
      files.empty() ? "there is no service file" : "no section of this name in any service file");
}

}  // namespace pgreactor::conninfo
