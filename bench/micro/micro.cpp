// micro [--counted=N] [OPTION...]   what single parts of the client cost; OPTION as google
// benchmark
//                                   has them
// With --counted each benchmark has exactly N iterations, and its name ends with
// /iterations:N; under callgrind the instructions of these are collected, and of nothing else.
#include <benchmark/benchmark.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <string_view>

#include "bench/micro/micro_benchmark.hpp"

namespace pgreactor::bench {
namespace {

constexpr std::string_view counted_option = "--counted=";
constexpr std::int64_t most_iterations = 1'000'000'000;

/// How many iterations the option asks for; nothing when it is not a number from 1 on.
std::optional<std::int64_t> iterations_of(std::string_view option) {
  const std::string_view digits = option.substr(counted_option.size());
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (count < 1 || count > most_iterations) return std::nullopt;
  return count;
}

MicroBenchmarks all_benchmarks() {
  MicroBenchmarks all;
  add_framing(all);
  add_values(all);
  add_statements(all);
  add_tasks(all);
  add_pool(all);
  add_sql(all);
  add_columns(all);
  return all;
}

bool failed = false;

void run(benchmark::State& state, const MicroBenchmark& what) {
  try {
    Loop loop(state);
    what.run(loop);
  } catch (const std::exception& error) {
    failed = true;
    state.SkipWithError(error.what());
  }
}

int run_all(int count, char** arguments) {
  std::optional<std::int64_t> iterations;
  if (count > 1 && std::string_view(arguments[1]).starts_with(counted_option)) {
    iterations = iterations_of(arguments[1]);
    if (!iterations) {
      std::fprintf(stderr, "micro: %s: not a number of iterations\n", arguments[1]);
      return 2;
    }
    arguments[1] = arguments[0];  // google benchmark does not know it
    ++arguments;
    --count;
  }
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
  for (const MicroBenchmark& each : all_benchmarks()) {
    auto* registered = benchmark::RegisterBenchmark(
        each.name.c_str(), [each](benchmark::State& state) { run(state, each); });
    if (iterations) registered->Iterations(*iterations);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace pgreactor::bench

int main(int count, char** arguments) {
  try {
    return pgreactor::bench::run_all(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "micro: %s\n", error.what());
    return 1;
  }
}
