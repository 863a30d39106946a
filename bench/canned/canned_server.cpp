// canned_server SOCKET_DIRECTORY PORT [--until-stdin-closes]   a PostgreSQL without a database
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <exception>
#include <string_view>

#include "bench/canned/server_loop.hpp"

int main(int count, char** arguments) {
  const bool until_stdin_closes =
      count == 4 && std::string_view(arguments[3]) == "--until-stdin-closes";
  const std::string_view text = count > 2 ? arguments[2] : "";
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if ((count != 3 && !until_stdin_closes) || read.ec != std::errc{} ||
      read.ptr != text.data() + text.size()) {
    fmt::print(stderr, "usage: canned_server SOCKET_DIRECTORY PORT [--until-stdin-closes]\n");
    return 2;
  }
  try {
    pgreactor::bench::ServerLoop server(arguments[1], port);
    if (until_stdin_closes) server.end_with_stdin();
    fmt::print("listening {}\n", server.port());
    std::fflush(stdout);
    server.run();
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "canned_server: {}\n", error.what());
    return 1;
  }
}
