#pragma once
#include <string>

#include "bench/short/workloads.hpp"

/// The workloads that are counted by rows: W4, W5 and W7.
namespace pgreactor::bench {

ShortResult stream_bulk(const ShortWorkload& workload, const std::string& host);
ShortResult stream_wide(const ShortWorkload& workload, const std::string& host);
ShortResult copy_rows_in(const ShortWorkload& workload, const std::string& host);
/// A turn is a batch of rows.
ShortResult insert_rows(const ShortWorkload& workload, const std::string& host);

}  // namespace pgreactor::bench
