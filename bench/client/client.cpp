#include "bench/client/client.hpp"

#include <array>

namespace pgreactor::bench {

ConnectionOptions options_for(std::size_t connections) {
  ConnectionOptions options = ConnectionOptions::from_environment();
  options.pool_min_conns = options.pool_max_conns = static_cast<std::uint32_t>(connections);
  return options;
}

namespace {

constexpr auto variants = std::to_array<Variant>({
    {"W1", "query", echo},
    {"W1", "spin", echo_spinning},
    {"W2", "each", each},
    {"W2", "batch", batches},
    {"W3", "pipe", pipe},
    {"W3", "pipe1", pipe_over_one},
    {"W3", "pipe100", pipe_over_hundred},
    {"W4", "stream", stream_bulk},
    {"W4", "whole", whole_bulk},
    {"W4", "copy", copy_bulk},
    {"W5", "copy", copy_in},
    {"W5", "insert", insert},
    {"W6", "connect", connect},
    {"W6", "idle", idle},
    {"W7", "stream", stream_wide},
    {"W7", "whole", whole_wide},
});

}  // namespace
}  // namespace pgreactor::bench

int main(int count, char** arguments) {
  return pgreactor::bench::run_variant(count, arguments, pgreactor::bench::variants);
}
