#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <pgreactor/reactor.hpp>
#include <pgreactor/vocabulary/column.hpp>
#include <pgreactor/vocabulary/oid.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/acceptor.hpp"

namespace pgreactor::testing_support {

/// What a statement is answered with: a ready result of int4 columns.
class CannedResult {
 public:
  /// One row of one column "value" that holds 1.
  CannedResult() = default;
  CannedResult(std::vector<Oid> types_of_parameters, std::vector<std::int32_t> values_of_row,
               std::size_t number_of_rows, std::string tag)
      : parameter_types(std::move(types_of_parameters)),
        row(std::move(values_of_row)),
        rows(number_of_rows),
        command_tag(std::move(tag)) {}

  std::vector<Oid> parameter_types;
  std::vector<std::int32_t> row{1};  // empty: the statement returns no rows (NoData)
  std::size_t rows = 1;
  std::string command_tag = "SELECT 1";
};

/// A PostgreSQL backend that costs next to nothing: admits everybody, and answers every statement
/// with the same result. All requests that one read brings are answered in one write, so that the
/// system calls of the other side can be counted. BEGIN, COMMIT and ROLLBACK move the transaction
/// status, and nothing else is understood.
/// Owner   ends before its reactor, on the loop thread; BackendThread gives it one of its own.
class AnsweringBackend {
 public:
  explicit AnsweringBackend(Reactor& reactor, CannedResult result = {},
                            Where where = Where::unix_socket);
  AnsweringBackend(const AnsweringBackend&) = delete;
  AnsweringBackend& operator=(const AnsweringBackend&) = delete;
  ~AnsweringBackend();

  /// Answers this very SQL text with another result, from the next Parse on.
  void answer(std::string sql, CannedResult result) {
    other_.insert_or_assign(std::move(sql), result);
  }

  /// Closes the connection of that number in the order of their coming, from 1, if it is there.
  void drop(std::size_t number);
  /// From now on, whoever connects is closed at once, or not any more.
  void refuse_connections(bool refuse) noexcept { refuses_ = refuse; }

  const net::Endpoint& endpoint() const noexcept { return acceptor_.endpoint(); }
  /// As PGHOST and PGPORT.
  std::string host() const { return acceptor_.host(); }
  std::uint16_t port() const noexcept { return acceptor_.port(); }

  /// So far, on all connections.
  struct Counts {
    std::size_t connections = 0;
    std::size_t parses = 0;
    std::size_t executes = 0;
    std::size_t syncs = 0;
    std::size_t reads = 0;  // that brought bytes
    std::size_t writes = 0;
    std::size_t cancel_requests = 0;
    std::size_t violations = 0;  // connections closed for what the frontend sent
  };
  const Counts& counts() const noexcept { return counts_; }

 private:
  class Session;
  const CannedResult& result_of(std::string_view sql) const;

  CannedResult result_;
  std::map<std::string, CannedResult, std::less<>> other_;
  Counts counts_;
  bool refuses_ = false;
  std::vector<std::unique_ptr<Session>> sessions_;
  Acceptor acceptor_;
};

}  // namespace pgreactor::testing_support
