#include <memory>
#include <pgreactor/memory_store.hpp>
#include <pgreactor/values/utf8.hpp>
#include <string>
#include <utility>

#include "src/store_memory/level.hpp"
#include "src/store_memory/memory_catalogue.hpp"
#include "src/store_memory/statements.hpp"
#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

/// What no schema can be called, before a server is asked. Errors  SchemaError.
void check_schema_name(const std::string& name) {
  constexpr std::size_t longest = 63;  // bytes that a server keeps of a name
  std::string why;
  if (name.empty())
    why = "is empty";
  else if (const EncodeError error = check_text(name); error != EncodeError::none)
    why = "is not possible: " + std::string(name_of(error));
  else if (name.size() > longest)
    why = "has " + std::to_string(name.size()) + " bytes, more than the 63 that the server keeps";
  if (!why.empty()) throw SchemaError("the name of a schema " + why);
}

bool is_reserved(const std::string& name) noexcept { return name.starts_with("pg_"); }

[[noreturn]] void refuse_reserved(const std::string& name) {
  ServerReport report = report_of("42939", "unacceptable schema name \"" + name + "\"");
  report.detail = "The prefix \"pg_\" is reserved for system schemas.";
  raise(std::move(report));
}

/// The tables as a transaction sees them.
class TablesWithin final : public TableStore {
 public:
  explicit TablesWithin(std::shared_ptr<Level> level)
      : level_(std::move(level)), catalogue_(level_->database(), &level_->work()) {}

  Catalogue& catalogue() noexcept override { return catalogue_; }

  Task<std::vector<Record>> select(const Selection& selection) override {
    check_lock(selection.lock);
    co_return level_->run([&](Database& database) { return run(database, selection); });
  }
  Task<std::uint64_t> count(const Selection& selection) override {
    co_return level_->run(
        [&](Database& database) { return store_memory::count(database, selection); });
  }
  Task<Written> insert(const Insertion& insertion) override {
    co_return write("INSERT", insertion);
  }
  Task<Written> update(const Alteration& alteration) override {
    co_return write("UPDATE", alteration);
  }
  Task<Written> remove(const Removal& removal) override { co_return write("DELETE", removal); }
  Task<void> create_schema(std::string name) override {
    check_schema_name(name);
    level_->check_statement();
    level_->check_write("CREATE SCHEMA");
    if (is_reserved(name)) level_->run([&](Database&) { refuse_reserved(name); });
    level_->work().schemas.push_back(std::move(name));
    co_return;
  }

 private:
  void check_lock(RowLock lock) {
    level_->check_statement();
    switch (lock) {
      case RowLock::none:
        return;
      case RowLock::update:
        return level_->check_write("SELECT FOR UPDATE");
      case RowLock::no_key_update:
        return level_->check_write("SELECT FOR NO KEY UPDATE");
      case RowLock::share:
        return level_->check_write("SELECT FOR SHARE");
      case RowLock::key_share:
        return level_->check_write("SELECT FOR KEY SHARE");
    }
  }
  template <class Statement>
  Written write(const char* command, const Statement& statement) {
    level_->check_statement();
    level_->check_write(command);
    return level_->run([&](Database& database) { return run(database, statement); });
  }

  std::shared_ptr<Level> level_;
  MemoryCatalogue catalogue_;
};

class Within final : public MemoryTransaction {
 public:
  explicit Within(std::shared_ptr<Level> level) noexcept : level_(std::move(level)) {}
  ~Within() override { level_->abandon(); }

  bool is_open() const noexcept override { return level_->is_open(); }
  int depth() const noexcept override { return level_->depth(); }
  std::unique_ptr<MemoryTransaction> begin() override {
    return std::make_unique<Within>(std::make_shared<Level>(level_));
  }
  void commit() override { level_->commit(); }
  void rollback() override { level_->rollback(); }
  std::unique_ptr<TableStore> tables() override { return std::make_unique<TablesWithin>(level_); }
  bool has_begun_on(const TableStore& store) const noexcept override;

 private:
  std::shared_ptr<Level> level_;
};

class Store final : public MemoryStore {
 public:
  explicit Store(MemoryTables tables)
      : database_(std::make_shared<Database>(std::move(tables))), catalogue_(*database_, nullptr) {}

  Catalogue& catalogue() noexcept override { return catalogue_; }

  Task<std::vector<Record>> select(const Selection& selection) override {
    co_return run(*database_, selection);
  }
  Task<std::uint64_t> count(const Selection& selection) override {
    co_return store_memory::count(*database_, selection);
  }
  Task<Written> insert(const Insertion& insertion) override {
    co_return run(*database_, insertion);
  }
  Task<Written> update(const Alteration& alteration) override {
    co_return run(*database_, alteration);
  }
  Task<Written> remove(const Removal& removal) override { co_return run(*database_, removal); }
  Task<void> create_schema(std::string name) override {
    check_schema_name(name);
    if (is_reserved(name)) refuse_reserved(name);
    database_->schemas().insert(std::move(name));
    co_return;
  }

  std::unique_ptr<MemoryTransaction> begin(const TransactionOptions& options) override {
    return std::make_unique<Within>(std::make_shared<Level>(database_, options));
  }
  bool is_of(const Database& database) const noexcept { return database_.get() == &database; }

 private:
  std::shared_ptr<Database> database_;
  MemoryCatalogue catalogue_;
};

bool Within::has_begun_on(const TableStore& store) const noexcept {
  const auto* const own = dynamic_cast<const Store*>(&store);
  return own != nullptr && own->is_of(std::as_const(*level_).database());
}

}  // namespace
}  // namespace pgreactor::store_memory

namespace pgreactor {

std::unique_ptr<MemoryStore> make_memory_store(MemoryTables tables) {
  return std::make_unique<store_memory::Store>(std::move(tables));
}

}  // namespace pgreactor
