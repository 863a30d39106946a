#include "src/operator/column_matching.hpp"

#include <algorithm>
#include <unordered_map>

#include "src/operator/name_style.hpp"

namespace pgreactor::operators {
namespace {

/// Calls use(key) for each key that `name` has in a tier. A name of separators alone has none where
/// these do not count.
template <class Use>
void for_each_key(std::string_view name, MatchTier tier, const Inflections& inflections, Use use) {
  switch (tier) {
    case MatchTier::exact:
    case MatchTier::alias:
      return use(std::string(name));
    case MatchTier::letter_case:
      return use(lower_case(name));
    case MatchTier::style:
      if (std::string key = style_key(name); !key.empty()) use(std::move(key));
      return;
    case MatchTier::number:
      break;
  }
  const std::string_view word = last_word(name);
  if (word.empty()) return;
  const std::string start =
      style_key(name.substr(0, static_cast<std::size_t>(word.data() - name.data())));
  for (const std::string& form : inflections.singular_forms(lower_case(word))) use(start + form);
}

KeyTable table_of(std::span<const std::string> names, MatchTier tier,
                  const Inflections& inflections) {
  std::vector<KeyTable::Entry> entries;
  entries.reserve(names.size());
  for (std::uint32_t column = 0; column < names.size(); ++column)
    for_each_key(names[column], tier, inflections,
                 [&](std::string key) { entries.push_back({std::move(key), column}); });
  return KeyTable(std::move(entries));
}

ColumnMatch decide(const ColumnSet& hits, MatchTier tier) {
  if (const auto only = hits.only()) return {*only, tier};
  return {hits.sorted(), tier};
}

ColumnMatch match_alias(std::string_view wanted, const ColumnIndex& columns,
                        std::span<const ColumnAlias> aliases) {
  ColumnSet hits;
  for (const ColumnAlias& alias : aliases) {
    if (alias.name != wanted) continue;
    if (const auto column = columns.exact(alias.column)) hits.add(*column);
  }
  return decide(hits, MatchTier::alias);
}

/// By all tiers but the first. Apart, so that the usual case stays small.
[[gnu::noinline]] ColumnMatch match_loosely(std::string_view wanted, const ColumnIndex& columns,
                                            std::span<const ColumnAlias> aliases) {
  if (wanted.size() <= longest_name) {
    for (const MatchTier tier : {MatchTier::letter_case, MatchTier::style, MatchTier::number})
      if (const ColumnSet hits = columns.hits(wanted, tier); !hits.empty())
        return decide(hits, tier);
  }
  return match_alias(wanted, columns, aliases);
}

}  // namespace

ColumnIndex::ColumnIndex(std::span<const std::string_view> names, Inflections inflections)
    : names_(names.begin(), names.end()),
      inflections_(std::move(inflections)),
      exact_(table_of(names_, MatchTier::exact, inflections_)),
      letter_case_(table_of(names_, MatchTier::letter_case, inflections_)),
      style_(table_of(names_, MatchTier::style, inflections_)),
      number_(table_of(names_, MatchTier::number, inflections_)) {}

ColumnSet ColumnIndex::hits(std::string_view wanted, MatchTier tier) const {
  const KeyTable& table = tier == MatchTier::letter_case ? letter_case_
                          : tier == MatchTier::style     ? style_
                                                         : number_;
  ColumnSet found;
  for_each_key(wanted, tier, inflections_,
               [&](const std::string& key) { table.collect(key, found); });
  return found;
}

ColumnMatch match_column(std::string_view wanted, const ColumnIndex& columns,
                         const MatchOptions& options) {
  if (const auto column = columns.exact(wanted)) [[likely]]
    return {*column, MatchTier::exact};
  return options.strict ? ColumnMatch() : match_loosely(wanted, columns, options.aliases);
}

std::optional<SharedColumn> find_shared_column(std::span<const std::uint32_t> matched) {
  constexpr std::size_t few = 16;
  if (matched.size() <= few) {
    for (std::size_t at = 1; at < matched.size(); ++at)
      for (std::size_t earlier = 0; earlier < at; ++earlier)
        if (matched[earlier] == matched[at]) return SharedColumn{earlier, at, matched[at]};
    return std::nullopt;
  }
  std::unordered_map<std::uint32_t, std::size_t> position_of;
  for (std::size_t at = 0; at < matched.size(); ++at) {
    const auto [earlier, is_new] = position_of.emplace(matched[at], at);
    if (!is_new) return SharedColumn{earlier->second, at, matched[at]};
  }
  return std::nullopt;
}

}  // namespace pgreactor::operators
