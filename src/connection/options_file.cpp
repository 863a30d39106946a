#include "src/connection/options_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <utility>

#include "src/reactor/file_descriptor.hpp"
#include "src/reactor/system_error_text.hpp"

namespace pgreactor::conninfo {
namespace {

constexpr std::size_t max_file = std::size_t{1} << 20;  // bytes, and so of lines

TextFile unusable(std::string problem) { return {{}, std::move(problem), false}; }

std::string read_all(int descriptor, std::size_t size) {
  std::string content(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const auto count = read(descriptor, content.data() + filled, size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return content;
}

}  // namespace

TextFile read_text_file(const std::string& path, Readers readers) {
  // Not blocking: opening a FIFO would wait for its writer.
  const net::FileDescriptor file{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
  if (!file && (errno == ENOENT || errno == ENOTDIR)) return {{}, {}, true};
  if (!file) return unusable("cannot be opened: " + net::system_error_text(errno));
  // The opened file is examined, not the path: it cannot be exchanged between check and use.
  struct stat status{};
  if (fstat(file.get(), &status) != 0)
    return unusable("cannot be examined: " + net::system_error_text(errno));
  if (!S_ISREG(status.st_mode)) return unusable("is not a regular file");
  if (readers == Readers::owner_alone && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return unusable("is open to its group or to others; its mode should be 0600 or less");
  if (status.st_size < 0 || std::cmp_greater(status.st_size, max_file))
    return unusable("is larger than 1 MiB");
  Secret content{read_all(file.get(), static_cast<std::size_t>(status.st_size))};
  if (content.reveal().find('\0') != std::string_view::npos) return unusable("contains a NUL byte");
  return {std::move(content), {}, false};
}

}  // namespace pgreactor::conninfo
