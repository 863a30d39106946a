// The least that a client can do for each workload.
#include "bench/floors/floors.hpp"

namespace pgreactor::bench {
namespace {

constexpr Variant variants[] = {
    {"W1", "query", echo_sleeping},     {"W1", "spin", echo_spinning},
    {"W2", "each", world_each},         {"W2", "batch", world_batch},
    {"W3", "pipe", world_pipelined},    {"W4", "stream", result_walked},
    {"W4", "recv", result_received},    {"W5", "copy", copy_in},
    {"W6", "connect", connect_trusted}, {"W7", "stream", result_walked},
    {"W7", "recv", result_received},
};

}  // namespace
}  // namespace pgreactor::bench

int main(int count, char** arguments) {
  return pgreactor::bench::run_variant(count, arguments, pgreactor::bench::variants);
}
