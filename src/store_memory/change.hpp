#pragma once
#include <vector>

#include "src/store_memory/database.hpp"

namespace pgreactor::store_memory {

/// The changes of one statement: all of them, or, unless keep() was called, none.
/// Owner  the database outlives it.
class Change {
 public:
  explicit Change(Database& database) : database_(database), before_(database) {}

  /// Each checks the new row against all but foreign keys. Errors  as check_row, check_unique.
  StoredRow insert(StoredTable& table, std::vector<Datum> row);
  StoredRow replace(StoredTable& table, const StoredRow& old, std::vector<Datum> row);
  void erase(StoredTable& table, const StoredRow& old);
  /// Carries out the actions of foreign keys and checks them. Errors  23503; MockModeError as
  /// check_apart().
  void settle();
  /// Keeps it all, once it has been settled.
  void keep();

 private:
  struct Reference {
    StoredTable* referencing;
    const ForeignKey* key;
    StoredTable* target;
    std::vector<Datum> values;
  };
  void act_on(const RowChange& event);
  void act(const Reference& reference, const RowChange& event);
  void check_reference(const Reference& reference) const;
  void check_targets(const RowChange& event) const;

  Database& database_;
  SavedRows before_;
  std::vector<RowChange> events_;
  std::vector<Reference> references_;  ///< to be checked when all actions are done
};

}  // namespace pgreactor::store_memory
