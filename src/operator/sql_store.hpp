#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <pgreactor/executor.hpp>
#include <pgreactor/table_store.hpp>
#include <pgreactor/transaction.hpp>
#include <string_view>

#include "src/operator/core.hpp"
#include "src/operator/sql_text.hpp"
#include "src/operator/statement_texts.hpp"

namespace pgreactor::operators {

/// Tables in a database, by SQL through an executor.
/// Errors  a server's error says the operation and the table first; one that a changed table
///         explains makes the catalogue forget it.
/// Owner   executor and catalogue outlive it.
class SqlStore final : public TableStore {
 public:
  SqlStore(Executor& executor, Catalogue& catalogue, std::shared_ptr<StatementTexts> texts,
           BeginTransaction begin)
      : executor_(executor),
        catalogue_(catalogue),
        texts_(std::move(texts)),
        begin_(std::move(begin)) {}

  /// Shared by the stores of one pool's transactions.
  const std::shared_ptr<StatementTexts>& texts() const noexcept { return texts_; }

  Catalogue& catalogue() noexcept override { return catalogue_; }
  Task<std::vector<Record>> select(const Selection& selection) override;
  Task<std::optional<Record>> select_first(const Selection& selection) override;
  Task<std::uint64_t> count(const Selection& selection) override;
  Task<Written> insert(const Insertion& insertion) override;
  Task<Written> update(const Alteration& alteration) override;
  Task<Written> remove(const Removal& removal) override;
  Task<void> create_schema(std::string name) override;

 private:
  template <class Request>
  Task<Written> write_guarded(const char* operation, const Request& request);
  template <class Request>
  Task<Written> write(Executor& executor, const char* operation, const Request& request);
  Task<Written> insert_by_copy(const Insertion& insertion);
  Task<Written> insert_by_statements(const Insertion& insertion);
  Task<Written> insert_in_parts(const Insertion& insertion, std::size_t rows_each);
  Task<Written> insert_part(Executor& executor, const Insertion& part);
  Task<Written> insert_one_or_find(Executor& executor, const Insertion& insertion);
  [[noreturn]] void rethrow(const char* operation, const Table& table,
                            const std::optional<Shape>& shape, const Error& error);

  Executor& executor_;
  Catalogue& catalogue_;
  std::shared_ptr<StatementTexts> texts_;
  BeginTransaction begin_;
};

}  // namespace pgreactor::operators
