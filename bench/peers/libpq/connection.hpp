#pragma once
#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "bench/binary_row.hpp"

namespace pgreactor::bench {

struct ClearResult {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ClearResult>;

/// A connection as PGHOST and its kin say. All throw std::runtime_error with libpq's message.
class Connection {
 public:
  Connection();

  PGconn* get() const noexcept { return connection_.get(); }
  [[noreturn]] void fail() const;
  /// The result, if it is of this status.
  Result expect(ExecStatusType status, PGresult* result) const;
  void execute(std::string_view sql) const;
  /// The connection's one statement.
  void prepare(std::string_view sql) const;
  /// Runs it with one int4 and waits. All values go and come in binary.
  Result run(std::int32_t parameter) const;
  void send(std::int32_t parameter) const;

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
};

inline std::int32_t int4_at(const Result& result, int row, int column) noexcept {
  return load_int4(PQgetvalue(result.get(), row, column));
}
/// The randomnumber of a row of `world`; its id is decoded too.
std::int32_t randomnumber_of(const Result& result) noexcept;

}  // namespace pgreactor::bench
