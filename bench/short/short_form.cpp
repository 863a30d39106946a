// short_form list | compiler | WORKLOAD MODE   what the client alone costs per query
// Answers come from memory. Under callgrind it collects the instructions of `operations` queries.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <string_view>

#include "bench/short/in_memory_server.hpp"
#include "bench/short/workloads.hpp"

namespace pgreactor::bench {
namespace {

void print_figure(const ShortWorkload& workload, std::string_view figure, double value,
                  std::string_view unit) {
  fmt::print(R"({{"workload":"{}","mode":"{}","figure":"{}","value":{:.6g},"unit":"{}"}})"
             "\n",
             workload.name, workload.mode, figure, value, unit);
}

// As the baselines are called.
int print_compiler() {
#ifdef __clang__
  fmt::print("clang-{}\n", __clang_major__);
#else
  fmt::print("gcc-{}\n", __GNUC__);
#endif
  return 0;
}

int list() {
  for (const ShortWorkload& workload : short_workloads())
    fmt::print("{} {}\n", workload.name, workload.mode);
  return 0;
}

int run(std::string_view name, std::string_view mode) {
  const auto workloads = short_workloads();
  const auto found = std::find_if(workloads.begin(), workloads.end(), [&](const auto& workload) {
    return workload.name == name && workload.mode == mode;
  });
  if (found == workloads.end()) {
    fmt::print(stderr, "short_form: no workload {} {}; see: short_form list\n", name, mode);
    return 2;
  }
  InMemoryServer server;
  const ShortResult result = found->run(*found, server.host());
  const auto operations = static_cast<double>(result.operations);
  print_figure(*found, "operations", operations, "queries");
  print_figure(*found, "syscalls", static_cast<double>(result.cost.system_calls) / operations,
               "per query");
  print_figure(*found, "allocations", static_cast<double>(result.cost.allocations) / operations,
               "per query");
  return 0;
}

}  // namespace
}  // namespace pgreactor::bench

int main(int count, char** arguments) {
  try {
    if (count == 2 && std::string_view(arguments[1]) == "list") return pgreactor::bench::list();
    if (count == 2 && std::string_view(arguments[1]) == "compiler")
      return pgreactor::bench::print_compiler();
    if (count == 3) return pgreactor::bench::run(arguments[1], arguments[2]);
    fmt::print(stderr, "usage: short_form list | compiler | WORKLOAD MODE\n");
    return 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "short_form: {}\n", error.what());
    return 1;
  }
}
