#include "src/testing/postmaster_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>
#include <system_error>

#include "src/reactor/file_descriptor.hpp"

namespace pgreactor::testing {
namespace {

// The line with this number, from 1 on; empty when the file is shorter.
std::string_view line_of(std::string_view text, int number) {
  for (; number > 1; --number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// Takes the number that `text` begins with, after spaces.
template <class Number>
bool take_number(std::string_view& text, Number& number) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc{};
}

}  // namespace

std::optional<PostmasterFile> read_postmaster_file(const std::string& data_directory) {
  const net::FileDescriptor file(::open((data_directory + "/postmaster.pid").c_str(),
                                        O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::array<char, 4096> block;
  const ssize_t count = ::read(file.get(), block.data(), block.size());
  if (count <= 0) return std::nullopt;
  const std::string_view text(block.data(), static_cast<std::size_t>(count));

  PostmasterFile result;
  std::string_view process = line_of(text, 1);
  if (!take_number(process, result.pid) || result.pid <= 1) return std::nullopt;
  std::string_view memory = line_of(text, 7);
  if (!take_number(memory, result.shared_memory_key) ||
      !take_number(memory, result.shared_memory_id))
    result.shared_memory_key = 0;
  result.ready = line_of(text, 8).starts_with("ready");
  return result;
}

}  // namespace pgreactor::testing
