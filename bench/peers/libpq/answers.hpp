#pragma once
#include <cstdint>

#include "bench/peers/libpq/connection.hpp"

namespace pgreactor::bench {

/// Takes the answers of a connection in pipeline mode with a Sync after every query.
class Answers {
 public:
  /// How many queries have ended with what libpq has read by now; never waits.
  std::uint64_t ended_on(const Connection& connection) {
    std::uint64_t ended = 0;
    while (PQisBusy(connection.get()) == 0) {
      Result result(PQgetResult(connection.get()));
      if (!result) {
        // Between a query's result and its Sync; a second time in a row, nothing is left.
        if (!after_rows_) break;
        after_rows_ = false;
      } else if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
        ++ended;
      } else {
        result = connection.expect(PGRES_TUPLES_OK, result.release());
        sum_ += randomnumber_of(result);
        after_rows_ = true;
      }
    }
    return ended;
  }
  std::int64_t sum() const noexcept { return sum_; }

 private:
  std::int64_t sum_ = 0;
  bool after_rows_ = false;
};

}  // namespace pgreactor::bench
