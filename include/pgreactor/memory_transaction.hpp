#pragma once
#include <memory>
#include <pgreactor/export.hpp>
#include <pgreactor/memory_tables.hpp>
#include <pgreactor/table_store.hpp>
#include <string_view>

namespace pgreactor {

/// A transaction on tables in memory, or a savepoint within one: what a Transaction of mock mode
/// stands on. Others see what it does once it has been committed. One that is dropped open is
/// rolled back; a savepoint takes the transaction with it, which then can only be rolled back.
/// Errors  as Transaction: 25P02 after a statement that failed, 25006 for a write if it is
///         read_only(). MockModeError where a server would make the statement wait for another
///         transaction, or where its answer depends on how both run at the same time.
class PGREACTOR_API MemoryTransaction {
 public:
  MemoryTransaction() = default;
  MemoryTransaction(const MemoryTransaction&) = delete;
  MemoryTransaction& operator=(const MemoryTransaction&) = delete;
  virtual ~MemoryTransaction() = default;

  virtual bool is_open() const noexcept = 0;
  /// As Transaction::depth.
  virtual int depth() const noexcept = 0;
  /// A savepoint within.
  virtual std::unique_ptr<MemoryTransaction> begin() = 0;
  virtual void commit() = 0;
  virtual void rollback() = 0;
  /// The tables as they are within. Owner  refuses work once this has ended, and may outlive it.
  virtual std::unique_ptr<TableStore> tables() = 0;
  /// Did it, or the one around it, begin on that store?
  virtual bool has_begun_on(const TableStore& store) const noexcept = 0;
};

/// What mock mode says of SQL. Errors  MockModeError, always.
[[noreturn]] PGREACTOR_API void refuse_sql(std::string_view sql);

}  // namespace pgreactor
