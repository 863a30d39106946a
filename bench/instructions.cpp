#include "bench/instructions.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <pgreactor/reactor.hpp>
#include <stdexcept>

#include "src/reactor/child_process.hpp"
#include "src/reactor/event_loop.hpp"

namespace pgreactor::bench {
namespace {

constexpr const char* valgrind = "/usr/bin/valgrind";

// callgrind ends with a line "==PID== Collected : N".
std::uint64_t collected(const std::string& output) {
  constexpr std::string_view label = "Collected : ";
  const auto at = output.rfind(label);
  std::uint64_t count = 0;
  if (at == std::string::npos ||
      std::from_chars(output.data() + at + label.size(), output.data() + output.size(), count).ec !=
          std::errc{})
    throw std::runtime_error("valgrind did not say how many instructions it saw:\n" + output);
  return count;
}

std::uint64_t instructions(Reactor& reactor, const std::string& program, const Workload& workload) {
  net::ChildOptions options(valgrind);
  options.arguments("--tool=callgrind", "--callgrind-out-file=/dev/null", program, "client",
                    workload.uri, fmt::format("{}", workload.depth),
                    fmt::format("{}", workload.queries));
  const net::ChildResult result = reactor.run(net::run_child(std::move(options)));
  if (!result.exit.succeeded()) throw std::runtime_error("valgrind failed: " + result.error_output);
  return collected(result.error_output);
}

}  // namespace

std::optional<double> instructions_per_query(const std::string& program, const Workload& workload) {
  if (access(valgrind, X_OK) != 0) return std::nullopt;
  Reactor reactor;
  Workload shorter = workload;
  shorter.queries = workload.queries / 2 / workload.depth * workload.depth;
  const std::uint64_t many = instructions(reactor, program, workload);
  const std::uint64_t few = instructions(reactor, program, shorter);
  return static_cast<double>(many - few) /
         static_cast<double>(workload.queries / workload.depth * workload.depth - shorter.queries);
}

}  // namespace pgreactor::bench
