#include "src/connection/options_passfile.hpp"

#include <algorithm>
#include <utility>

#include "src/connection/options_file.hpp"
#include "src/connection/options_servers.hpp"

namespace pgreactor::conninfo {
namespace {

/// Removes and gives the next line, without its end.
std::string_view take_line(std::string_view& rest) {
  auto line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  while (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Removes a field and its ':' if it matches; otherwise the line stays as it is.
bool take_matching(std::string_view& line, std::string_view wanted) {
  if (line.starts_with("*:")) {
    line.remove_prefix(2);
    return true;
  }
  std::size_t matched = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == ':' && matched == wanted.size()) {
      line.remove_prefix(i + 1);
      return true;
    }
    if (line[i] == '\\') ++i;
    if (i == line.size() || matched == wanted.size() || line[i] != wanted[matched]) return false;
    ++matched;
  }
  return false;  // four fields, each ended by a ':', come before the password
}

bool take_host(std::string_view& line, const PassfileQuery& query) {
  return take_matching(line, query.host) ||
         (!query.socket_directory.empty() && take_matching(line, query.socket_directory));
}

std::string unescaped_password(std::string_view field) {
  std::string password;
  password.reserve(field.size());  // no reallocation leaves a copy behind
  for (std::size_t i = 0; i < field.size() && field[i] != ':'; ++i) {
    if (field[i] == '\\' && i + 1 < field.size()) ++i;
    password += field[i];
  }
  return password;
}

}  // namespace

std::string_view passfile_host(const ServerAddress& server) noexcept {
  const std::string_view host = server.host.empty() ? server.hostaddr : server.host;
  return host.empty() || is_default_socket_directory(host) ? "localhost" : host;
}

std::optional<Secret> find_password(std::string_view content, const PassfileQuery& query) {
  while (!content.empty()) {
    auto line = take_line(content);
    if (line.starts_with('#')) continue;
    if (take_host(line, query) && take_matching(line, query.port) &&
        take_matching(line, query.database) && take_matching(line, query.user))
      return Secret{unescaped_password(line)};
  }
  return std::nullopt;
}

Passfile read_passfile(const std::string& path) {
  TextFile file = read_text_file(path, Readers::owner_alone);
  return {std::move(file.content), std::move(file.problem)};
}

}  // namespace pgreactor::conninfo
