#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "src/connection/statement_entry.hpp"

namespace pgreactor::connection {

/// The statements of a pool by their text: the most recently used, bounded. An entry that falls out
/// lives on while a Statement or a request holds it.
class StatementRegistry {
 public:
  explicit StatementRegistry(std::size_t capacity = default_capacity) : capacity_(capacity) {}

  /// The entry of that text, made if there is none. An equal hash is not enough: texts are
  /// compared.
  std::shared_ptr<detail::StatementEntry> find_or_add(std::string_view text);
  std::size_t size() const noexcept { return recent_.size(); }

  static constexpr std::size_t default_capacity = 1024;

 private:
  using Recent = std::list<std::shared_ptr<detail::StatementEntry>>;  // most recent first
  void drop_oldest();

  std::size_t capacity_;
  Recent recent_;
  std::unordered_multimap<std::uint64_t, Recent::iterator> by_hash_;
};

}  // namespace pgreactor::connection
