#pragma once
#include <limits>

#include "src/operator/formatting_tree.hpp"

namespace pgreactor::operators {

/// How a tree is made fit for storage.
struct StorageRules {
  std::size_t max_length = std::numeric_limits<std::size_t>::max();
  bool sorted = false;
};

/// Makes a tree what text and jsonb columns take: no NUL, UTF-8, each name once, no number beyond
/// those of a numeric.
void settle(JsonTree& tree, const StorageRules& rules, StorageLosses& losses);

}  // namespace pgreactor::operators
