#pragma once
#include "bench/measured_program.hpp"

/// The least that a client can do for each workload: blocking sockets, requests encoded beforehand,
/// answers of which only the ends are looked for. README.md says what each mode leaves out.
namespace pgreactor::bench {

void echo_sleeping(const Command& command);    // W1 query
void echo_spinning(const Command& command);    // W1 spin
void world_each(const Command& command);       // W2 each
void world_batch(const Command& command);      // W2 batch
void world_pipelined(const Command& command);  // W3 pipe
void result_walked(const Command& command);    // W4, W7 stream
void result_received(const Command& command);  // W4, W7 recv
void copy_in(const Command& command);          // W5 copy
void connect_trusted(const Command& command);  // W6 connect

}  // namespace pgreactor::bench
