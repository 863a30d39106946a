#pragma once
#include "bench/measured_program.hpp"

/// The workloads through libpq; README.md says how.
namespace pgreactor::bench {

void echo_query(const Command& command);        // W1 query
void world_each(const Command& command);        // W2 each
void world_batch(const Command& command);       // W2 batch
void world_pipelined(const Command& command);   // W3 pipe
void world_pooled(const Command& command);      // W3 pool
void result_whole(const Command& command);      // W4, W7 whole
void result_single(const Command& command);     // W4, W7 single
void copy_out(const Command& command);          // W4 copy
void copy_in(const Command& command);           // W5 copy
void insert_pipelined(const Command& command);  // W5 insert
void connect_close(const Command& command);     // W6 connect

}  // namespace pgreactor::bench
