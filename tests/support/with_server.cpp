// with_server COMMAND ARGUMENTS...
// Runs the command while a throw-away server lives, and ends as it does: with its exit status, or
// 128 + the signal that ended it; 125 when the server, 127 when the command cannot be started.
//   DATABASE_URL                  by the Unix socket
//   PGREACTOR_TEST_SERVER_TCP     the same server by its port (trust, as superuser)
//   PGREACTOR_TEST_SERVER_PID     its postmaster
//   PGREACTOR_TEST_SERVER_DATA    its data directory
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <pgreactor/testing/throwaway_server.hpp>
#include <string>

namespace {

constexpr int no_server = 125;
constexpr int no_command = 127;

int run(char** command) {
  // On Ctrl-C the command decides; the terminal has signalled it too.
  struct sigaction ignore{};
  struct sigaction before{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGINT, &ignore, &before);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGINT);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t child = 0;
  const int error = posix_spawnp(&child, command[0], nullptr, &attributes, command, environ);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    std::fprintf(stderr, "with_server: %s: %s\n", command[0], std::strerror(error));
    return no_command;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return no_command;
  }
  sigaction(SIGINT, &before, nullptr);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: with_server COMMAND ARGUMENTS...\n");
    return no_server;
  }
  try {
    pgreactor::testing::ThrowawayServerOptions options;
    options.tcp();
    pgreactor::testing::ThrowawayServer server(options);
    setenv("DATABASE_URL", server.uri().c_str(), 1);
    setenv("PGREACTOR_TEST_SERVER_TCP", server.uri_tcp().c_str(), 1);
    setenv("PGREACTOR_TEST_SERVER_PID", std::to_string(server.pid()).c_str(), 1);
    setenv("PGREACTOR_TEST_SERVER_DATA", server.data_directory().c_str(), 1);
    return run(argv + 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "with_server: %s\n", error.what());
    return no_server;
  }
}
