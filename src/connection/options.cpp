#include <algorithm>
#include <pgreactor/connection_options.hpp>

namespace pgreactor {
namespace {

/// Kept on one line, and free of what the tail of an unencoded password would contain.
std::string shown(const std::string& name) {
  const auto doubtful = [](char c) {
    return (c >= '\0' && c < ' ') || c == '\x7f' || c == '@' || c == '/';
  };
  return std::ranges::any_of(name, doubtful) ? "(name not shown)" : name;
}

}  // namespace

ConnectionOptions::ConnectionOptions() = default;

const Secret& ConnectionOptions::password_for(const ServerAddress& server) const noexcept {
  return password.empty() ? server.passfile_password : password;
}

std::string ConnectionOptions::describe() const {
  std::string text;
  for (const ServerAddress& server : servers) {
    if (!text.empty()) text += ',';
    text += server.describe();
  }
  return text + "/" + shown(database) + " as " + shown(user);
}

}  // namespace pgreactor
