#pragma once
#include <string>

#include "bench/short/workloads.hpp"

/// What an operation costs beside the same statement through a held handle: O1 reads a row, O2
/// inserts one. The catalogue is in memory, as it is after a table's first use.
namespace pgreactor::bench {

ShortResult read_held(const ShortWorkload& workload, const std::string& host);
ShortResult read_by_operator(const ShortWorkload& workload, const std::string& host);
ShortResult insert_held(const ShortWorkload& workload, const std::string& host);
ShortResult insert_by_operator(const ShortWorkload& workload, const std::string& host);

}  // namespace pgreactor::bench
