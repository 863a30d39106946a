#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace pgreactor::operators {

/// Edits between two texts: a byte put in, left out or replaced, or two neighbours swapped; no byte
/// is edited twice (restricted Damerau-Levenshtein). More than `limit` is said as `limit` + 1.
/// Texts of more than longest_name bytes are further apart than any limit.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) noexcept;

/// Which of `names`, columns or tables, may have been meant by a name that is none of them:
/// positions, the nearest first and else in their order.
///   spelling  style keys with at most a third of their letters edited   emial    email
///   order     the same words in another order, which is one slip        id_user  user_id
///   part      one style key begins with the other or contains it        address  home_address
/// Parts are guessed at only when the others find nothing.
/// Shape  three at most; none for a name that is too long to be one.
std::vector<std::uint32_t> suggest(std::string_view wanted,
                                   std::span<const std::string_view> names);

}  // namespace pgreactor::operators
