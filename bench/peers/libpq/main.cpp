// The workloads through libpq.
#include "bench/peers/libpq/modes.hpp"

namespace pgreactor::bench {
namespace {

constexpr Variant variants[] = {
    {"W1", "query", echo_query},      {"W2", "each", world_each},
    {"W2", "batch", world_batch},     {"W3", "pipe", world_pipelined},
    {"W3", "pool", world_pooled},     {"W4", "whole", result_whole},
    {"W4", "single", result_single},  {"W4", "copy", copy_out},
    {"W5", "copy", copy_in},          {"W5", "insert", insert_pipelined},
    {"W6", "connect", connect_close}, {"W7", "whole", result_whole},
    {"W7", "single", result_single},
};

}  // namespace
}  // namespace pgreactor::bench

int main(int count, char** arguments) {
  return pgreactor::bench::run_variant(count, arguments, pgreactor::bench::variants);
}
