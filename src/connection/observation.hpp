#pragma once
#include <cstdint>
#include <exception>
#include <memory>
#include <pgreactor/query_observer.hpp>
#include <string_view>
#include <utility>

#include "src/connection/statement_entry.hpp"

namespace pgreactor::detail {

/// The observer of a pool, and what there is to count. Shared by the pool and what is observed.
class QueryWatch {
 public:
  explicit QueryWatch(QueryObserver observer) : observer_(std::move(observer)) {}

  std::uint64_t next_query() noexcept { return ++queries_; }
  void began(const QueryBegin& query) noexcept;
  void ended(const QueryEnd& query) noexcept;
  /// Calls that threw.
  std::uint64_t failures() const noexcept { return failures_; }

 private:
  const QueryObserver observer_;
  std::uint64_t queries_ = 0;
  std::uint64_t failures_ = 0;
};

/// A query between its begin and its end.
class Observation {
 public:
  Observation(std::shared_ptr<QueryWatch> watch, std::shared_ptr<StatementEntry> statement,
              QueryBegin begin)
      : watch_(std::move(watch)), statement_(std::move(statement)), begin_(begin) {
    watch_->began(begin_);
  }
  /// `failure` is null on success.
  void end(std::string_view command_tag, std::uint64_t rows,
           const std::exception_ptr& failure) noexcept;

 private:
  std::shared_ptr<QueryWatch> watch_;
  std::shared_ptr<StatementEntry> statement_;  // keeps the text
  QueryBegin begin_;
};

}  // namespace pgreactor::detail
