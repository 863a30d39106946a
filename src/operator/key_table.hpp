#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgreactor::operators {

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

  /// Adds every column of that key that is not there yet to `columns`.
  void collect(std::string_view key, std::vector<std::uint32_t>& columns) const;

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
