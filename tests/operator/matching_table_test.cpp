#include "tests/operator/matching_table.hpp"

#include <gtest/gtest.h>

#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "src/operator/column_errors.hpp"

namespace pgreactor::operators {
namespace {

using Names = std::vector<std::string_view>;

struct Row {
  std::string line;
  std::string wanted;
  std::vector<std::string> columns;
  char outcome = ' ';
  std::vector<std::string> said;  // behind the outcome

  Names names() const { return {columns.begin(), columns.end()}; }
};

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::vector<Row> rows() {
  std::vector<Row> all;
  std::istringstream lines(matching_table);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    const std::size_t first = line.find('|'), second = line.find('|', first + 1);
    Row row;
    row.line = line;
    row.wanted = words_of(line.substr(0, first)).at(0);
    row.columns = words_of(line.substr(first + 1, second - first - 1));
    row.said = words_of(line.substr(second + 1));
    row.outcome = row.said.at(0).at(0);
    row.said.erase(row.said.begin());
    all.push_back(std::move(row));
  }
  return all;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string expected_sentence(const Row& row) {
  const std::string start = "Column '" + row.wanted + "' ";
  if (row.outcome == '?')
    return start + "is ambiguous in table 'things': matches " + joined(row.said) +
           ". Use the exact name.";
  const std::string end = row.said.empty() ? "" : " Did you mean: " + joined(row.said) + "?";
  return start + "not found in table 'things'. Available columns: " + joined(row.columns) + "." +
         end;
}

std::string name_of(MatchTier tier) {
  constexpr std::array<const char*, 5> tiers = {"exact", "letter_case", "style", "number", "alias"};
  return tiers.at(static_cast<std::size_t>(tier));
}

TEST(MatchingTable, EveryRowIsAsItSays) {
  EXPECT_GE(rows().size(), 120u);
  for (const Row& row : rows()) {
    SCOPED_TRACE(row.line);
    const ColumnIndex columns(row.names());
    const ColumnMatch match = match_column(row.wanted, columns);
    ASSERT_EQ(match.found(), row.outcome == '=');
    EXPECT_EQ(match.ambiguous(), row.outcome == '?');
    if (match.found()) {
      EXPECT_EQ(columns.name(match.column()), row.said.at(0));
      EXPECT_EQ(name_of(match.tier()), row.said.at(1));
      continue;
    }
    EXPECT_EQ(column_match_error({"public", "things"}, row.wanted, columns, match).what(),
              expected_sentence(row));
  }
}

TEST(MatchingTable, StrictlyOnlyTheRowsOfTheFirstTierMatch) {
  for (const Row& row : rows()) {
    const ColumnIndex columns(row.names());
    const bool exact = row.outcome == '=' && row.said.at(1) == "exact";
    EXPECT_EQ(match_column(row.wanted, columns, {.strict = true}).found(), exact) << row.line;
  }
}

}  // namespace
}  // namespace pgreactor::operators
