#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <pgreactor/executor.hpp>
#include <pgreactor/statement.hpp>
#include <pgreactor/table.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "src/operator/sql_text.hpp"

namespace pgreactor::operators {

/// The statements of each table by their shape, so that an operation that was done before is
/// neither written as SQL nor looked up by its text again. Shared by all stores of one pool.
class StatementTexts {
 public:
  // An application has some dozens of shapes. What exceeds these is not kept.
  static constexpr std::size_t most_tables = 1'000;
  static constexpr std::size_t most_shapes = 500;

  /// The statement of that shape; `write()` gives its text when there is none yet.
  template <class Write>
  const Statement& find(Executor& executor, const std::shared_ptr<const Table>& table,
                        const Shape& shape, const Write& write) {
    auto& statements = of_table(table).statements;
    if (const auto found = statements.find(shape.key()); found != statements.end())
      return found->second;
    if (statements.size() >= most_shapes) statements.clear();
    return statements.emplace(std::string(shape.key()), executor.prepare(Sql(write())))
        .first->second;
  }

 private:
  struct Hash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard's name
    std::size_t operator()(std::string_view key) const noexcept {
      return std::hash<std::string_view>()(key);
    }
  };
  struct OfTable {
    std::shared_ptr<const Table> table;  // so that its address is nobody else's
    std::unordered_map<std::string, Statement, Hash, std::equal_to<>> statements;
  };
  OfTable& of_table(const std::shared_ptr<const Table>& table);

  std::unordered_map<const Table*, OfTable> tables_;
};

}  // namespace pgreactor::operators
