#include "src/connection/options_passfile.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "src/connection/options_servers.hpp"

namespace pgreactor::conninfo {
namespace {

constexpr std::size_t max_file = std::size_t{1} << 20;  // bytes, and so of lines

/// Removes and gives the next line, without its end.
std::string_view take_line(std::string_view& rest) {
  auto line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  while (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Removes a field and its ':' if it matches; otherwise the line is of no more use.
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

std::string unescaped_password(std::string_view field) {
  std::string password;
  password.reserve(field.size());  // no reallocation leaves a copy behind
  for (std::size_t i = 0; i < field.size() && field[i] != ':'; ++i) {
    if (field[i] == '\\' && i + 1 < field.size()) ++i;
    password += field[i];
  }
  return password;
}

/// Owns a file descriptor.
class File {
 public:
  /// Not blocking: opening a FIFO would wait for its writer.
  explicit File(const std::string& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

std::string read_all(const File& file, std::size_t size) {
  std::string content(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const auto count = read(file.descriptor(), content.data() + filled, size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return content;
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
    if (take_matching(line, query.host) && take_matching(line, query.port) &&
        take_matching(line, query.database) && take_matching(line, query.user))
      return Secret{unescaped_password(line)};
  }
  return std::nullopt;
}

Passfile read_passfile(const std::string& path) {
  const File file{path};
  if (file.descriptor() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return {{}, "cannot be opened: " + std::system_category().message(errno)};
  }
  // The opened file is examined, not the path: it cannot be exchanged between check and use.
  struct stat status{};
  if (fstat(file.descriptor(), &status) != 0)
    return {{}, "cannot be examined: " + std::system_category().message(errno)};
  if (!S_ISREG(status.st_mode)) return {{}, "is not a regular file"};
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return {{}, "is open to its group or to others; its mode should be 0600 or less"};
  if (status.st_size < 0 || std::cmp_greater(status.st_size, max_file))
    return {{}, "is larger than 1 MiB"};
  return {Secret{read_all(file, static_cast<std::size_t>(status.st_size))}, {}};
}

}  // namespace pgreactor::conninfo
