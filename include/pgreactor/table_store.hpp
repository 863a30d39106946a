#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/condition.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/record.hpp>
#include <pgreactor/table.hpp>
#include <pgreactor/task.hpp>
#include <string>
#include <utility>
#include <vector>

// What the operator asks of where its tables are: data, not SQL. Names are matched and guards have
// been passed before; columns are positions in the table.
namespace pgreactor {

/// Where NULL goes in an order. PostgreSQL's own rule: last when ascending, first when descending.
enum class Nulls : std::uint8_t { by_direction, first, last };
/// A lock on the rows read, until the transaction ends.
enum class RowLock : std::uint8_t { none, update, no_key_update, share, key_share };
enum class LockWait : std::uint8_t { wait, no_wait, skip_locked };

struct OrderKey {
  std::uint32_t column = 0;
  bool descending = false;
  Nulls nulls = Nulls::by_direction;
};

/// SELECT columns FROM table WHERE where ORDER BY order LIMIT limit OFFSET offset FOR lock
struct Selection {
  std::shared_ptr<const Table> table;
  std::vector<std::uint32_t> columns;  ///< in the order wanted; empty for all that may be read
  Condition where;
  std::vector<OrderKey> order;
  std::optional<std::int64_t> limit;  ///< 0 or more
  std::int64_t offset = 0;
  RowLock lock = RowLock::none;
  LockWait lock_wait = LockWait::wait;
};

/// What an insert does when a row of the same key is there.
enum class OnConflict : std::uint8_t {
  fail,     ///< UniqueViolation
  nothing,  ///< leaves that row as it is, and gives it back
  update,   ///< sets `update_columns` of it to the new values
};

/// INSERT INTO table (columns) VALUES (rows) ON CONFLICT (key) DO ... RETURNING returning
struct Insertion {
  std::shared_ptr<const Table> table;
  std::vector<std::uint32_t> columns;
  std::vector<std::vector<Datum>> rows;  ///< each a value per column; one may be column_default
  OnConflict on_conflict = OnConflict::fail;
  std::vector<std::uint32_t> key;             ///< of a unique key, for on_conflict
  std::vector<std::uint32_t> update_columns;  ///< some of `columns`, for OnConflict::update
  bool overriding_identity = false;           ///< OVERRIDING SYSTEM VALUE
  bool wants_records = true;
  std::vector<std::uint32_t> returning;  ///< empty for all that may be read
};

/// UPDATE table SET columns = values WHERE where RETURNING returning
struct Alteration {
  std::shared_ptr<const Table> table;
  std::vector<std::uint32_t> columns;
  std::vector<Datum> values;
  Condition where;
  std::optional<std::uint32_t> version_column;  ///< set to one more than it is
  std::optional<std::uint64_t> max_affected;    ///< more rows: ConflictError, and nothing is done
  bool wants_records = true;
  std::vector<std::uint32_t> returning;
};

/// DELETE FROM table WHERE where RETURNING returning
struct Removal {
  std::shared_ptr<const Table> table;
  Condition where;
  std::optional<std::uint64_t> max_affected;
  bool wants_records = false;
  std::vector<std::uint32_t> returning;
};

/// What a write did.
class Written {
 public:
  Written() = default;
  Written(std::vector<Record> records, std::uint64_t affected)
      : records_(std::move(records)), affected_(affected) {}

  /// In the order of an insertion's rows; empty unless they were wanted.
  const std::vector<Record>& records() const& noexcept { return records_; }
  std::vector<Record> records() && noexcept { return std::move(records_); }
  std::uint64_t affected() const noexcept { return affected_; }
  /// Of an insertion with a conflict clause, beside records(): was it new? nullopt where the server
  /// cannot say.
  const std::vector<std::optional<bool>>& inserted() const noexcept { return inserted_; }
  void set_inserted(std::vector<std::optional<bool>> inserted) { inserted_ = std::move(inserted); }

 private:
  std::vector<Record> records_;
  std::uint64_t affected_ = 0;
  std::vector<std::optional<bool>> inserted_;
};

/// Where tables are: a database, or memory (mock mode).
/// Owner   what is passed by reference lives until the task has ended.
/// Errors  those of the server, or what the server would have said, with its SQLSTATE.
class PGREACTOR_API TableStore {
 public:
  TableStore() = default;
  TableStore(const TableStore&) = delete;
  TableStore& operator=(const TableStore&) = delete;
  virtual ~TableStore() = default;

  virtual Catalogue& catalogue() noexcept = 0;
  virtual Task<std::vector<Record>> select(const Selection& selection) = 0;
  /// The first row of a selection of at most one.
  virtual Task<std::optional<Record>> select_first(const Selection& selection) {
    std::vector<Record> records = co_await select(selection);
    if (records.empty()) co_return std::nullopt;
    co_return std::move(records.front());
  }
  virtual Task<std::uint64_t> count(const Selection& selection) = 0;
  virtual Task<Written> insert(const Insertion& insertion) = 0;
  virtual Task<Written> update(const Alteration& alteration) = 0;
  virtual Task<Written> remove(const Removal& removal) = 0;
  /// Does nothing when it is there.
  virtual Task<void> create_schema(std::string name) = 0;
};

}  // namespace pgreactor
