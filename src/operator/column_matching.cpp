#include "src/operator/column_matching.hpp"

#include <algorithm>
#include <unordered_map>

#include "src/operator/name_style.hpp"

namespace pgreactor::operators {
namespace {

/// Style keys of the name with its last word in the singular, one for each form of that.
std::vector<std::string> number_keys(std::string_view name, const Inflections& inflections) {
  const std::string_view word = last_word(name);
  if (word.empty()) return {};
  const auto before = static_cast<std::size_t>(word.data() - name.data());
  const std::string start = style_key(name.substr(0, before));
  std::vector<std::string> keys;
  for (const std::string& form : inflections.singular_forms(lower_case(word)))
    keys.push_back(start + form);
  return keys;
}

/// The keys that `name` has in a tier. A name of separators alone has none where these do not
/// count.
std::vector<std::string> keys_of(std::string_view name, MatchTier tier,
                                 const Inflections& inflections) {
  switch (tier) {
    case MatchTier::letter_case:
      return {lower_case(name)};
    case MatchTier::style:
      if (std::string key = style_key(name); !key.empty()) return {std::move(key)};
      return {};
    case MatchTier::number:
      return number_keys(name, inflections);
    case MatchTier::exact:
    case MatchTier::alias:
      break;
  }
  return {std::string(name)};
}

KeyTable table_of(std::span<const std::string> names, MatchTier tier,
                  const Inflections& inflections) {
  std::vector<KeyTable::Entry> entries;
  for (std::uint32_t column = 0; column < names.size(); ++column)
    for (std::string& key : keys_of(names[column], tier, inflections))
      entries.push_back({std::move(key), column});
  return KeyTable(std::move(entries));
}

std::vector<std::string> style_keys_of(std::span<const std::string> names) {
  std::vector<std::string> keys;
  keys.reserve(names.size());
  for (const std::string& name : names) keys.push_back(style_key(name));
  return keys;
}

ColumnMatch decide(std::vector<std::uint32_t> hits, MatchTier tier) {
  if (hits.size() == 1) return {hits.front(), tier};
  return {std::move(hits), tier};
}

ColumnMatch match_alias(std::string_view wanted, const ColumnIndex& columns,
                        std::span<const ColumnAlias> aliases) {
  std::vector<std::uint32_t> hits;
  for (const ColumnAlias& alias : aliases) {
    if (alias.name != wanted) continue;
    const auto column = columns.exact(alias.column);
    if (column && std::ranges::find(hits, *column) == hits.end()) hits.push_back(*column);
  }
  std::ranges::sort(hits);
  return decide(std::move(hits), MatchTier::alias);
}

}  // namespace

ColumnIndex::ColumnIndex(std::span<const std::string_view> names, Inflections inflections)
    : names_(names.begin(), names.end()),
      style_keys_(style_keys_of(names_)),
      inflections_(std::move(inflections)),
      exact_(table_of(names_, MatchTier::exact, inflections_)),
      letter_case_(table_of(names_, MatchTier::letter_case, inflections_)),
      style_(table_of(names_, MatchTier::style, inflections_)),
      number_(table_of(names_, MatchTier::number, inflections_)) {}

std::vector<std::uint32_t> ColumnIndex::hits(std::string_view wanted, MatchTier tier) const {
  const KeyTable& table = tier == MatchTier::letter_case ? letter_case_
                          : tier == MatchTier::style     ? style_
                                                         : number_;
  std::vector<std::uint32_t> found;
  for (const std::string& key : keys_of(wanted, tier, inflections_)) table.collect(key, found);
  std::ranges::sort(found);
  return found;
}

ColumnMatch match_column(std::string_view wanted, const ColumnIndex& columns,
                         const MatchOptions& options) {
  if (const auto column = columns.exact(wanted)) return {*column, MatchTier::exact};
  if (options.strict) return {};
  if (wanted.size() <= longest_name) {
    for (const MatchTier tier : {MatchTier::letter_case, MatchTier::style, MatchTier::number})
      if (auto hits = columns.hits(wanted, tier); !hits.empty())
        return decide(std::move(hits), tier);
  }
  return match_alias(wanted, columns, options.aliases);
}

std::optional<SharedColumn> find_shared_column(std::span<const std::uint32_t> matched) {
  std::unordered_map<std::uint32_t, std::size_t> position_of;
  for (std::size_t at = 0; at < matched.size(); ++at) {
    const auto [earlier, is_new] = position_of.emplace(matched[at], at);
    if (!is_new) return SharedColumn{earlier->second, at, matched[at]};
  }
  return std::nullopt;
}

}  // namespace pgreactor::operators
