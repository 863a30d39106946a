#pragma once
#include <cstdint>
#include <pgreactor/table_store.hpp>
#include <vector>

#include "src/store_memory/database.hpp"

namespace pgreactor::store_memory {

/// Each runs one statement on the rows as they are now, all of it or nothing.
/// Errors  QueryError as the server would report it; MockModeError for what cannot be evaluated.
std::vector<Record> run(Database& database, const Selection& selection);
std::uint64_t count(Database& database, const Selection& selection);
Written run(Database& database, const Insertion& insertion);
Written run(Database& database, const Alteration& alteration);
Written run(Database& database, const Removal& removal);

}  // namespace pgreactor::store_memory
