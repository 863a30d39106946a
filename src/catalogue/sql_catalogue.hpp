#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <pgreactor/executor.hpp>
#include <pgreactor/table.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pgreactor::catalogue {

/// The catalogue of a database, read from pg_catalog: a table in one round trip, and kept until it
/// is old, is forgotten, `schema_changes` goes on, or a reader wants it anew.
/// Owner   executor and `schema_changes` outlive it.
class SqlCatalogue final : public Catalogue {
 public:
  using Clock = std::chrono::steady_clock;
  /// How long a table is believed to be as it was.
  static constexpr std::chrono::seconds usual_age{60};
  /// What is kept at most; an application has fewer tables, and an attacker more names.
  static constexpr std::size_t most_tables = 10'000;

  SqlCatalogue(Executor& executor, const std::uint64_t& schema_changes,
               Clock::duration oldest = usual_age) noexcept
      : executor_(executor), schema_changes_(schema_changes), oldest_(oldest) {}
  /// For a transaction: what it reads itself, and else what `outer` knows, as long as it has not
  /// changed the schema. Tables that it creates are not seen outside, and are gone with it.
  /// Owner  `outer` outlives it.
  SqlCatalogue(Executor& executor, SqlCatalogue& outer) noexcept
      : executor_(executor),
        outer_(&outer),
        schema_changes_(outer.schema_changes_),
        oldest_(outer.oldest_) {}

  std::shared_ptr<const Table> known(const QualifiedName& name) const noexcept override;
  Task<std::shared_ptr<const Table>> find(QualifiedName name) override;
  Task<std::shared_ptr<const Table>> read_again(QualifiedName name) override;
  Task<std::vector<std::string>> tables_of(std::string schema) override;
  Task<bool> has_schema(std::string schema) override;
  void forget(const QualifiedName& name) noexcept override;
  void forget_all() noexcept override;

 private:
  struct Known {
    std::shared_ptr<const Table> table;
    Clock::time_point read_at;
    std::uint64_t changes_before = 0;  // schema_changes_ when reading began
  };
  struct Hash {
    std::size_t operator()(const QualifiedName& name) const noexcept {
      const std::hash<std::string_view> hash;
      return hash(name.table()) * 31 + hash(name.schema());
    }
  };

  bool may_ask_outer() const noexcept;
  /// As it was when it was last read, here or else outside, however long ago; or null.
  std::shared_ptr<const Table> read_before(const QualifiedName& name) const noexcept;

  Executor& executor_;
  SqlCatalogue* outer_ = nullptr;
  const std::uint64_t& schema_changes_;
  Clock::duration oldest_;
  std::unordered_map<QualifiedName, Known, Hash> tables_;
};

}  // namespace pgreactor::catalogue
