#pragma once
#include <functional>
#include <string>
#include <vector>

#include "bench/micro/loop.hpp"

namespace pgreactor::bench {

/// What one part of the client costs.
struct MicroBenchmark {
  std::string name;  ///< "concept/what", of letters, digits, '_' and '/'
  /// Errors  std::exception, also when a result is wrong.
  std::function<void(Loop& loop)> run;
};
using MicroBenchmarks = std::vector<MicroBenchmark>;

void add_framing(MicroBenchmarks& all);
void add_values(MicroBenchmarks& all);
void add_statements(MicroBenchmarks& all);
void add_tasks(MicroBenchmarks& all);
void add_pool(MicroBenchmarks& all);
void add_sql(MicroBenchmarks& all);
void add_columns(MicroBenchmarks& all);

}  // namespace pgreactor::bench
