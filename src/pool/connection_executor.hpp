#pragma once
#include <memory>
#include <pgreactor/error.hpp>
#include <pgreactor/executor.hpp>

#include "src/connection/connection.hpp"
#include "src/connection/statement_registry.hpp"

namespace pgreactor::pool {

/// What an executor lends that has its connection to itself already: there is nothing to give back.
class OwnLease final : public detail::Lease {
 public:
  explicit OwnLease(Executor& executor) noexcept : executor_(executor) {}
  void submit(detail::Request& request) override { executor_.submit(request); }

 private:
  Executor& executor_;
};

/// Statements on one connection, whoever it is lent to.
class ConnectionExecutor final : public Executor {
 public:
  ConnectionExecutor(connection::Connection& connection,
                     connection::StatementRegistry& statements) noexcept
      : connection_(connection), statements_(statements) {}

  void submit(detail::Request& request) override {
    connection_.refuse_unusable();
    connection_.submit(request);
  }
  std::shared_ptr<detail::StatementEntry> statement_for(std::string_view text) override {
    return statements_.find_or_add(text);
  }
  Task<std::unique_ptr<detail::Lease>> lease() override {
    std::unique_ptr<detail::Lease> own = std::make_unique<OwnLease>(*this);
    co_return own;
  }

 private:
  connection::Connection& connection_;
  connection::StatementRegistry& statements_;
};

}  // namespace pgreactor::pool
