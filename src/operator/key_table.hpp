#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgreactor::operators {

/// Columns, each once. The first, which mostly is the only one, costs no allocation.
class ColumnSet {
 public:
  void add(std::uint32_t column) {
    if (empty_) {
      first_ = column;
      empty_ = false;
    } else if (column != first_ && std::ranges::find(others_, column) == others_.end()) {
      others_.push_back(column);
    }
  }
  bool empty() const noexcept { return empty_; }
  /// The one column; nothing when there is none or more.
  std::optional<std::uint32_t> only() const noexcept {
    return empty_ || !others_.empty() ? std::nullopt : std::optional(first_);
  }
  /// All of them, in the order of the table.
  std::vector<std::uint32_t> sorted() const;

 private:
  std::vector<std::uint32_t> others_;
  std::uint32_t first_ = 0;
  bool empty_ = true;
};

/// Column numbers by a key that several columns may share. Built once, then only read: open
/// addressing, at most half full.
class KeyTable {
 public:
  struct Entry {
    std::string key;
    std::uint32_t column = 0;
  };

  explicit KeyTable(std::vector<Entry> entries);

  /// The column of that key; of several, the one that was given first.
  std::optional<std::uint32_t> find(std::string_view key) const noexcept;

  /// Adds every column of that key to `columns`.
  void collect(std::string_view key, ColumnSet& columns) const;

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t entry = 0;  // its number plus one; 0 is an empty slot
  };
  static std::uint32_t hash_of(std::string_view key) noexcept;
  /// Calls visit(column) for each column of that key until it returns false.
  template <class Visit>
  void visit_all(std::string_view key, Visit visit) const;

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // a power of two of them
};

}  // namespace pgreactor::operators
