#include "src/operator/column_matching.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "src/operator/name_style.hpp"
#include "tests/operator/tables.hpp"

namespace pgreactor::operators {
namespace {

ColumnIndex index_of(std::initializer_list<std::string_view> names) {
  return ColumnIndex(std::vector<std::string_view>(names));
}

/// What a match says, as a word: the column's name, "?" and the candidates, or "-".
std::string said(const ColumnMatch& match, const ColumnIndex& columns) {
  if (match.found()) return columns.name(match.column());
  if (!match.ambiguous()) return "-";
  std::string text = "?";
  for (const std::uint32_t candidate : match.candidates()) text += " " + columns.name(candidate);
  return text;
}

std::string matched(std::string_view wanted, const ColumnIndex& columns,
                    const MatchOptions& options = {}) {
  return said(match_column(wanted, columns, options), columns);
}

// Checklist: C59, C60, C62
TEST(ColumnMatching, TheFirstTierThatFindsAnythingDecides) {
  const auto columns = index_of({"userid", "USERID", "user_id", "user_ids", "UserId"});
  EXPECT_EQ(match_column("user_id", columns).tier(), MatchTier::exact);
  EXPECT_EQ(matched("user_id", columns), "user_id");
  EXPECT_EQ(match_column("USER_ID", columns).tier(), MatchTier::letter_case);
  EXPECT_EQ(matched("USER_ID", columns), "user_id");
  EXPECT_EQ(matched("userID", columns), "? userid USERID UserId");
  EXPECT_EQ(match_column("user-Id", columns).tier(), MatchTier::style);
  EXPECT_EQ(matched("user-Id", columns), "? userid USERID user_id UserId");
}

TEST(ColumnMatching, StyleComesBeforeNumber) {
  const auto columns = index_of({"user_id", "userids"});
  EXPECT_EQ(matched("userIds", columns), "userids");
  EXPECT_EQ(match_column("user_id_", columns).tier(), MatchTier::style);
}

// Checklist: C61
TEST(ColumnMatching, APluralMeansTheSingularAndTheOtherWayRound) {
  EXPECT_EQ(matched("userIds", index_of({"id", "user_id"})), "user_id");
  EXPECT_EQ(matched("userId", index_of({"id", "user_ids"})), "user_ids");
  EXPECT_EQ(matched("orderStatuses", index_of({"id", "order_status"})), "order_status");
  EXPECT_EQ(matched("orderStatuses", index_of({"id", "orderstatus"})), "orderstatus");
  EXPECT_EQ(matched("addresses", index_of({"id", "address"})), "address");
  EXPECT_EQ(matched("index", index_of({"id", "indices"})), "indices");
  EXPECT_EQ(match_column("people", index_of({"person"})).tier(), MatchTier::number);
}

TEST(ColumnMatching, AnAmbiguousPluralNamesBothColumns) {
  const auto columns = index_of({"base", "id", "basis"});
  EXPECT_EQ(matched("bases", columns), "? base basis");
  EXPECT_EQ(matched("base", columns), "base");
  EXPECT_EQ(matched("Basis", columns), "basis");
  EXPECT_EQ(matched("bases", index_of({"basis"})), "basis");
}

TEST(ColumnMatching, OnlyTheLastWordHasANumber) {
  EXPECT_EQ(matched("users_id", index_of({"user_id"})), "-");
  EXPECT_EQ(matched("address_lines_1", index_of({"address_line_1"})), "-");
}

TEST(ColumnMatching, StrictMeansTheBytesAlone) {
  const auto columns = index_of({"user_id"});
  const std::vector<ColumnAlias> aliases = {{"uid", "user_id"}};
  EXPECT_EQ(matched("user_id", columns, {.strict = true}), "user_id");
  for (const std::string_view wanted : {"userId", "USER_ID", "user_ids", "uid"})
    EXPECT_EQ(matched(wanted, columns, {.strict = true, .aliases = aliases}), "-") << wanted;
}

TEST(ColumnMatching, AliasesAreAskedLastAndOnlyWhenGiven) {
  const auto columns = index_of({"user_id", "uuid"});
  const std::vector<ColumnAlias> aliases = {{"uid", "user_id"},  {"uid", "user_id"},
                                            {"both", "uuid"},    {"both", "user_id"},
                                            {"gone", "dropped"}, {"UUID", "user_id"}};
  EXPECT_EQ(matched("uid", columns), "-");
  EXPECT_EQ(match_column("uid", columns, {.aliases = aliases}).tier(), MatchTier::alias);
  EXPECT_EQ(matched("uid", columns, {.aliases = aliases}), "user_id");
  EXPECT_EQ(matched("both", columns, {.aliases = aliases}), "? user_id uuid");
  EXPECT_EQ(matched("gone", columns, {.aliases = aliases}), "-");
  EXPECT_EQ(matched("UUID", columns, {.aliases = aliases}), "uuid");
}

TEST(ColumnMatching, AnApplicationsOwnPluralsCount) {
  Inflections own;
  own.add("corpus", "corpora");
  const std::vector<std::string_view> names = {"text_corpus"};
  EXPECT_EQ(matched("textCorpora", ColumnIndex(names, own)), "text_corpus");
  EXPECT_EQ(matched("textCorpora", ColumnIndex(names)), "-");
}

TEST(ColumnMatching, NamesWithoutALetterMatchThemselvesAlone) {
  const auto columns = index_of({"_", "--", "", "a"});
  EXPECT_EQ(matched("_", columns), "_");
  EXPECT_EQ(matched("", columns), "");
  EXPECT_EQ(matched("__", columns), "-");
  EXPECT_EQ(matched(" ", columns), "-");
}

TEST(ColumnMatching, OtherLettersThanAsciiKeepTheirCase) {
  const auto columns =
      index_of({"\xc3\xbc"
                "ber_id"});
  EXPECT_EQ(matched("\xc3\xbc"
                    "berId",
                    columns),
            "\xc3\xbc"
            "ber_id");
  EXPECT_EQ(matched("\xc3\x9c"
                    "berId",
                    columns),
            "-");
}

TEST(ColumnMatching, ATableWithoutColumnsMatchesNothing) {
  const ColumnIndex columns(std::span<const std::string_view>{});
  for (const std::string_view wanted : {"", "id"}) EXPECT_EQ(matched(wanted, columns), "-");
}

TEST(ColumnMatching, ANameOfAMegabyteIsRefusedAtOnce) {
  EXPECT_EQ(matched(std::string(1'000'000, 'a'), index_of({"a", "b"})), "-");
  EXPECT_EQ(matched("a" + std::string(longest_name, '_'), index_of({"a", "b"})), "-");
}

TEST(ColumnMatching, AMatchDoesNotDependOnTheOrderOfTheColumns) {
  for (const RealisticTable& table : realistic_tables()) {
    const std::vector<std::string_view> names = table.views();
    const ColumnIndex forwards(names);
    const ColumnIndex backwards(std::vector<std::string_view>(names.rbegin(), names.rend()));
    for (const std::string_view column : names)
      EXPECT_EQ(matched(style_key(column), forwards), matched(style_key(column), backwards));
  }
}

TEST(ColumnMatching, AsManyColumnsAsATableCanHaveAreAllFound) {
  std::vector<std::string> names;
  for (int number = 0; number < 1600; ++number)
    names.push_back("column_no_" + std::to_string(number));
  const ColumnIndex columns(std::vector<std::string_view>(names.begin(), names.end()));
  for (std::uint32_t number = 0; number < names.size(); ++number) {
    EXPECT_EQ(match_column(names[number], columns).column(), number);
    EXPECT_EQ(matched("columnNo" + std::to_string(number), columns), names[number]);
  }
}

TEST(SharedColumns, TheFirstTwoKeysOfAColumnAreNamed) {
  const std::uint32_t matches[] = {4, 2, 7, 2, 4};
  const auto shared = find_shared_column(matches);
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared->first, 1u);
  EXPECT_EQ(shared->second, 3u);
  EXPECT_EQ(shared->column, 2u);
  EXPECT_FALSE(find_shared_column(std::span(matches).first(3)));
  EXPECT_FALSE(find_shared_column({}));
}

// The plural as a person would write it, by other rules than the matching's: an independent
// witness.
std::string plural_of(const std::string& word) {
  static const std::map<std::string, std::string> irregular = {
      {"person", "people"},      {"child", "children"},
      {"analysis", "analyses"},  {"basis", "bases"},
      {"axis", "axes"},          {"matrix", "matrices"},
      {"vertex", "vertices"},    {"index", "indices"},
      {"datum", "data"},         {"medium", "media"},
      {"criterion", "criteria"}, {"quiz", "quizzes"},
      {"leaf", "leaves"},        {"knife", "knives"},
      {"shelf", "shelves"},      {"hero", "heroes"},
      {"series", "series"},      {"metadata", "metadata"},
      {"settings", "settings"},  {"ms", "ms"},
  };
  if (const auto found = irregular.find(word); found != irregular.end()) return found->second;
  const auto ends = [&](std::string_view ending) { return word.ends_with(ending); };
  if (ends("s") || ends("x") || ends("sh") || ends("ch")) return word + "es";
  if (ends("y") && !ends("ay") && !ends("ey") && !ends("oy"))
    return word.substr(0, word.size() - 1) + "ies";
  return word + "s";
}

std::string with_plural_word(std::string_view name) {
  const std::string_view word = last_word(name);
  const bool is_number = word.back() >= '0' && word.back() <= '9';
  std::string plural = plural_of(lower_case(word));
  if (is_number || plural == lower_case(word)) return std::string(name);
  if (is_upper(word.front())) plural.front() = static_cast<char>(plural.front() - 'a' + 'A');
  return std::string(name.substr(0, name.size() - word.size())) + plural;
}

std::string camel_case(std::string_view name) {
  std::string text;
  bool capital = false;
  for (const char c : name) {
    if (!is_separator(c)) text += capital && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    capital = is_separator(c);
  }
  return text;
}

std::string with_hyphens(std::string name) {
  for (char& c : name)
    if (c == '_') c = '-';
  return name;
}

TEST(ColumnMatching, EveryStyleAndNumberOfEveryColumnMeansThatColumn) {
  std::size_t names = 0;
  for (const RealisticTable& table : realistic_tables()) {
    const ColumnIndex columns(table.views());
    for (const std::string& column : table.columns) {
      ++names;
      for (const std::string& form : {column, with_plural_word(column)})
        for (const std::string& wanted :
             {form, camel_case(form), with_hyphens(form), style_key(form), lower_case(form)})
          EXPECT_EQ(matched(wanted, columns), column) << table.name << " " << wanted;
    }
  }
  EXPECT_GE(names, 200u);
}

}  // namespace
}  // namespace pgreactor::operators
