#pragma once
#include <pgreactor/connection_options.hpp>
#include <pgreactor/vocabulary/transaction_status.hpp>
#include <string>
#include <string_view>

#include "tests/support/script.hpp"

// What a backend says to the statements of these tests: none has parameters, and its answer is
// one row of one int4 that holds 1, or no row.
namespace pgreactor::pool_testing {

inline protocol::RowDescription one_int_column() {
  Column column;
  column.name = "value";
  column.type = oid::int4;
  column.type_size = 4;
  protocol::RowDescription description;
  description.columns.push_back(column);
  return description;
}

/// A statement that nobody knows yet: Parse Describe Sync.
inline void answer_prepare(testing_support::Script& script, bool returns_rows,
                           TransactionStatus status = TransactionStatus::idle) {
  using protocol::FrontendTag;
  script.expect(FrontendTag::parse).expect(FrontendTag::describe).expect(FrontendTag::sync);
  const std::string columns = returns_rows ? testing_support::wire_bytes(one_int_column())
                                           : testing_support::wire_bytes(protocol::NoData{});
  script.send_raw(
      testing_support::wire_bytes(protocol::ParseComplete{}, protocol::ParameterDescription{}) +
      columns + testing_support::wire_bytes(protocol::ReadyForQuery{status}));
}

/// Bind Execute Sync of a prepared one. An empty `tag` stands for one row.
inline void answer_run(testing_support::Script& script, std::string_view tag = {},
                       TransactionStatus status = TransactionStatus::idle) {
  using protocol::FrontendTag;
  script.expect(FrontendTag::bind).expect(FrontendTag::execute).expect(FrontendTag::sync);
  const std::string one("\0\0\0\1", 4);
  const NullableBytes value = as_bytes(one);
  const std::string row =
      tag.empty() ? testing_support::wire_bytes(protocol::DataRow{{&value, 1}}) : std::string();
  script.send_raw(
      testing_support::wire_bytes(protocol::BindComplete{}) + row +
      testing_support::wire_bytes(protocol::CommandComplete{tag.empty() ? "SELECT 1" : tag},
                                  protocol::ReadyForQuery{status}));
}

/// Parse Describe Bind Execute Sync of one that the pool knows, and this connection not yet.
inline void answer_prepare_and_run(testing_support::Script& script,
                                   TransactionStatus status = TransactionStatus::idle) {
  using protocol::FrontendTag;
  script.expect(FrontendTag::parse).expect(FrontendTag::describe);
  script.send(protocol::ParseComplete{}, protocol::ParameterDescription{}, one_int_column());
  answer_run(script, {}, status);
}

/// A pool of at most `connections`, which opens no more than it needs, to a backend of the tests.
template <class Backend>
ConnectionOptions options_for(const Backend& backend, std::uint32_t connections) {
  ConnectionOptions options;
  options.servers.emplace_back(backend.host(), backend.port());
  options.user = "tester";
  options.database = "shop";
  options.pool_min_conns = 1;
  options.pool_max_conns = connections;
  return options;
}

}  // namespace pgreactor::pool_testing
