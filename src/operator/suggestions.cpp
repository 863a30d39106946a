#include "src/operator/suggestions.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "src/operator/name_style.hpp"

namespace pgreactor::operators {
namespace {

constexpr std::size_t most_suggestions = 3;
constexpr std::size_t one_slip = 1;       // what words in another order count as
constexpr std::size_t shortest_part = 4;  // less is part of too many names

std::vector<std::string> sorted_words(std::string_view name) {
  std::vector<std::string> words;
  while (true) {
    const std::string_view word = last_word(name);
    if (word.empty()) break;
    words.push_back(lower_case(word));
    name = name.substr(0, static_cast<std::size_t>(word.data() - name.data()));
  }
  std::ranges::sort(words);
  return words;
}

/// The positions of those with a rank, the lowest first; equal ones in their order.
template <class RankOf>
std::vector<std::uint32_t> nearest(std::size_t count, RankOf rank_of) {
  std::vector<std::pair<std::size_t, std::uint32_t>> ranked;
  for (std::uint32_t at = 0; at < count; ++at)
    if (const std::optional<std::size_t> rank = rank_of(at)) ranked.emplace_back(*rank, at);
  const std::size_t kept = std::min(ranked.size(), most_suggestions);
  std::ranges::partial_sort(ranked, ranked.begin() + static_cast<std::ptrdiff_t>(kept));
  std::vector<std::uint32_t> positions;
  for (std::size_t at = 0; at < kept; ++at) positions.push_back(ranked[at].second);
  return positions;
}

std::optional<std::size_t> rank_by_spelling(std::string_view wanted, std::string_view key) {
  const std::size_t limit = std::max<std::size_t>(wanted.size(), 3) / 3;
  const std::size_t distance = edit_distance(wanted, key, limit);
  // Of very short names every two are near each other: half of the letters have to be there.
  if (distance > limit || 2 * distance > std::max(wanted.size(), key.size())) return std::nullopt;
  return distance;
}

std::optional<std::size_t> rank_by_part(std::string_view wanted, std::string_view key) {
  const auto [part, whole] = std::minmax(
      wanted, key, [](std::string_view a, std::string_view b) { return a.size() < b.size(); });
  if (part.size() < shortest_part) return std::nullopt;
  const std::size_t at = whole.find(part);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t missing = whole.size() - part.size();
  return at == 0 ? missing : longest_name + missing;  // beginnings before any other part
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) noexcept {
  const std::size_t too_far = limit + 1;
  if (std::max(a.size(), b.size()) > longest_name) return too_far;
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return too_far;

  // Three rows of the table: the one being filled, that above, and that above it for the swaps.
  using Row = std::array<std::size_t, longest_name + 1>;
  std::array<Row, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    Row& row = rows[i % 3];
    const Row& above = rows[(i + 2) % 3];
    const Row& before_above = rows[(i + 1) % 3];
    row[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_above[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    // No later row has less: a swap starts a row further back, but costs an edit more than that
    // row, and this row's least is no more than that either.
    if (least > limit) return too_far;
  }
  return std::min(rows[a.size() % 3][b.size()], too_far);
}

std::vector<std::uint32_t> suggest(std::string_view wanted,
                                   std::span<const std::string_view> names) {
  if (wanted.size() > longest_name) return {};
  const std::string wanted_key = style_key(wanted);
  if (wanted_key.empty()) return {};
  std::vector<std::string> keys;
  keys.reserve(names.size());
  for (const std::string_view name : names)
    keys.push_back(name.size() > longest_name ? std::string() : style_key(name));

  const std::vector<std::string> words = sorted_words(wanted);
  auto found = nearest(names.size(), [&](std::uint32_t at) -> std::optional<std::size_t> {
    if (keys[at].empty()) return std::nullopt;
    const auto rank = rank_by_spelling(wanted_key, keys[at]);
    // Equal words make keys of equal length, which are quicker to tell apart.
    const bool same_words =
        keys[at].size() == wanted_key.size() && sorted_words(names[at]) == words;
    return same_words ? std::min(rank.value_or(one_slip), one_slip) : rank;
  });
  if (!found.empty()) return found;

  return nearest(names.size(),
                 [&](std::uint32_t at) { return rank_by_part(wanted_key, keys[at]); });
}

}  // namespace pgreactor::operators
