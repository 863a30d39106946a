// What one prepared one-row query costs: allocations, system calls, instructions.
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <pgreactor/error.hpp>
#include <pgreactor/testing/throwaway_server.hpp>
#include <string>
#include <string_view>

#include "bench/client.hpp"
#include "bench/instructions.hpp"
#include "tests/support/answering_backend.hpp"

namespace pgreactor::bench {
namespace {

/// The answering backend in a process of its own, so that its cost is not counted as ours.
class CannedServer {
 public:
  CannedServer() {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe failed");
    process_ = fork();
    if (process_ < 0) throw std::runtime_error("fork failed");
    if (process_ == 0) serve(ends[1]);
    close(ends[1]);
    std::string text(256, '\0');
    const ssize_t got = read(ends[0], text.data(), text.size());
    close(ends[0]);
    if (got <= 0) throw std::runtime_error("the canned server did not start");
    text.resize(static_cast<std::size_t>(got));
    uri_ = text;
  }
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;
  ~CannedServer() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  const std::string& uri() const noexcept { return uri_; }

 private:
  [[noreturn]] static void serve(int announce) {
    Reactor reactor;
    testing_support::AnsweringBackend backend(
        reactor, testing_support::CannedResult({oid::int4}, {1}, 1, "SELECT 1"),
        testing_support::Where::tcp);
    const std::string uri = fmt::format("postgresql://bench@{}:{}/bench?sslmode=disable",
                                        backend.host(), backend.port());
    if (write(announce, uri.data(), uri.size()) < 0) _exit(1);
    close(announce);
    for (;;) reactor.run([]() -> Task<void> { co_await sleep_for(std::chrono::hours(1)); }());
  }

  pid_t process_ = 0;
  std::string uri_;
};

double per_query(std::uint64_t count, const Cost& cost) {
  return static_cast<double>(count) / static_cast<double>(cost.queries);
}

void print_row(std::string_view server, std::string_view program, const Workload& workload) {
  const Cost cost = run_client(workload);
  Workload shorter = workload;
  shorter.queries = 20'000;
  const std::optional<double> instructions = instructions_per_query(std::string(program), shorter);
  fmt::print("{:<10} {:>5} {:>12} {:>12.4f} {:>8.4f} {:>8.4f} {:>8.4f} {:>14} {:>12.0f}\n", server,
             workload.depth, cost.queries, per_query(cost.allocations, cost),
             per_query(cost.calls.sends, cost), per_query(cost.calls.receives, cost),
             per_query(cost.calls.waits, cost),
             instructions ? fmt::format("{:.0f}", *instructions) : "no valgrind",
             static_cast<double>(cost.queries) / cost.seconds);
}

void print_all(std::string_view program) {
  fmt::print(
      "A prepared one-row query through a held Statement, one connection; figures per query\n\n"
      "{:<10} {:>5} {:>12} {:>12} {:>8} {:>8} {:>8} {:>14} {:>12}\n",
      "server", "depth", "queries", "allocations", "sends", "receives", "waits", "instructions",
      "queries/s");
  {
    const CannedServer canned;
    print_row("canned", program, {canned.uri(), 50'000, 1});
    print_row("canned", program, {canned.uri(), 1'000'000, 64});
  }
  std::optional<testing::ThrowawayServer> own;
  const char* url = std::getenv("DATABASE_URL");
  if (url == nullptr || *url == '\0') own.emplace();
  const std::string uri = own ? own->uri() : url;
  print_row("postgresql", program, {uri, 50'000, 1});
  print_row("postgresql", program, {uri, 500'000, 64});
}

// harness client URI DEPTH QUERIES: what valgrind looks at.
int run_as_client(char** arguments) {
  Workload workload;
  workload.uri = arguments[0];
  const std::string_view depth = arguments[1], queries = arguments[2];
  std::from_chars(depth.data(), depth.data() + depth.size(), workload.depth);
  std::from_chars(queries.data(), queries.data() + queries.size(), workload.queries);
  static_cast<void>(run_client(workload));
  return 0;
}

}  // namespace
}  // namespace pgreactor::bench

int main(int count, char** arguments) {
  try {
    if (count == 5 && std::string_view(arguments[1]) == "client")
      return pgreactor::bench::run_as_client(arguments + 2);
    if (count != 1) {
      fmt::print(stderr, "usage: harness\n");
      return 2;
    }
    pgreactor::bench::print_all(std::filesystem::read_symlink("/proc/self/exe").string());
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "harness: {}\n", error.what());
    return 1;
  }
}
