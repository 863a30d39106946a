#include "src/operator/suggestions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "src/operator/name_style.hpp"
#include "tests/operator/tables.hpp"

namespace pgreactor::operators {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> suggested(std::string_view wanted,
                                   const std::vector<std::string_view>& names) {
  std::vector<std::string> texts;
  for (const std::uint32_t at : suggest(wanted, names)) texts.emplace_back(names[at]);
  return texts;
}

TEST(EditDistance, CountsWhatATypistGetsWrong) {
  EXPECT_EQ(edit_distance("email", "email", 9), 0u);
  EXPECT_EQ(edit_distance("email", "emial", 9), 1u);
  EXPECT_EQ(edit_distance("email", "mail", 9), 1u);
  EXPECT_EQ(edit_distance("email", "emailx", 9), 1u);
  EXPECT_EQ(edit_distance("email", "emajl", 9), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 9), 3u);
  EXPECT_EQ(edit_distance("", "abc", 9), 3u);
  EXPECT_EQ(edit_distance("", "", 0), 0u);
}

TEST(EditDistance, NoByteIsEditedTwice) { EXPECT_EQ(edit_distance("ca", "abc", 9), 3u); }

TEST(EditDistance, EndsAtItsLimit) {
  EXPECT_EQ(edit_distance("kitten", "sitting", 3), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 2), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 0), 1u);
  EXPECT_EQ(edit_distance(std::string(64, 'a'), std::string(64, 'a'), 5), 6u);
  EXPECT_EQ(edit_distance(std::string(63, 'a'), std::string(63, 'a'), 5), 0u);
}

// By recursion and without any table: another way to the same number.
std::size_t plain_distance(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  const auto shorter = [](std::string_view text, std::size_t by) {
    return text.substr(0, text.size() - by);
  };
  std::size_t least =
      std::min({plain_distance(shorter(a, 1), b) + 1, plain_distance(a, shorter(b, 1)) + 1,
                plain_distance(shorter(a, 1), shorter(b, 1)) + (a.back() == b.back() ? 0 : 1)});
  if (a.size() > 1 && b.size() > 1 && a.back() == b[b.size() - 2] && b.back() == a[a.size() - 2])
    least = std::min(least, plain_distance(shorter(a, 2), shorter(b, 2)) + 1);
  return least;
}

TEST(EditDistance, AgreesWithItsDefinition) {
  std::mt19937 random(20);
  const auto word = [&] {
    std::string text(random() % 6, ' ');
    for (char& c : text) c = static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    const std::string a = word(), b = word();
    const std::size_t limit = random() % 6;
    EXPECT_EQ(edit_distance(a, b, limit), std::min(plain_distance(a, b), limit + 1))
        << a << " " << b;
    EXPECT_EQ(edit_distance(a, b, limit), edit_distance(b, a, limit));
  }
}

TEST(Suggestions, AMisspeltNameIsNearest) {
  const std::vector<std::string_view> names = {"id", "name", "email", "created_at", "updated_at"};
  EXPECT_THAT(suggested("emial", names), ElementsAre("email"));
  EXPECT_THAT(suggested("creatdAt", names), ElementsAre("created_at"));
  EXPECT_THAT(suggested("updatedAt", names), ElementsAre("updated_at", "created_at"));
  EXPECT_THAT(suggested("nmae", names), ElementsAre("name"));
  EXPECT_THAT(suggested("zebra", names), IsEmpty());
}

TEST(Suggestions, TheNearestAreFirstAndTheRestInTheOrderOfTheTable) {
  EXPECT_THAT(suggested("itemb", {"itemx", "items", "item_b", "itemy", "itemz"}),
              ElementsAre("item_b", "itemx", "items"));
}

TEST(Suggestions, AThirdOfTheLettersMayBeWrong) {
  EXPECT_THAT(suggested("abcdef", {"abcdxy"}), ElementsAre("abcdxy"));
  EXPECT_THAT(suggested("abcdef", {"abcxyz"}), IsEmpty());
  EXPECT_THAT(suggested("uid", {"id"}), ElementsAre("id"));
  EXPECT_THAT(suggested("x", {"y"}), IsEmpty());
}

TEST(Suggestions, WordsInAnotherOrderAreFound) {
  EXPECT_THAT(suggested("id_user", {"id", "name", "user_id"}), ElementsAre("user_id"));
  EXPECT_THAT(suggested("atCreated", {"created_at", "at"}), ElementsAre("created_at"));
}

TEST(Suggestions, APartOfANameIsFoundAndBeginningsFirst) {
  EXPECT_THAT(suggested("address", {"billing_address", "address_line_1", "id"}),
              ElementsAre("address_line_1", "billing_address"));
  EXPECT_THAT(suggested("customer_phone", {"id", "phone"}), ElementsAre("phone"));
  EXPECT_THAT(suggested("tot", {"grand_total_sum"}), IsEmpty());
}

TEST(Suggestions, ThreeAtMost) {
  EXPECT_THAT(suggested("line", {"line1", "line2", "line3", "line4"}),
              ElementsAre("line1", "line2", "line3"));
}

TEST(Suggestions, AbsurdNamesHaveNone) {
  const std::vector<std::string_view> names = {"id", "_", "", "aaaaaaaa"};
  EXPECT_THAT(suggested(std::string(1'000'000, 'a'), names), IsEmpty());
  EXPECT_THAT(suggested("", names), IsEmpty());
  EXPECT_THAT(suggested("___", names), IsEmpty());
  const std::string long_name(100'000, 'a');
  EXPECT_THAT(suggested("aaaaaaa", {long_name}), IsEmpty());
  EXPECT_THAT(suggested("id", {}), IsEmpty());
}

TEST(Suggestions, EveryColumnIsSuggestedForASlipInItsName) {
  for (const RealisticTable& table : realistic_tables()) {
    const std::vector<std::string_view> names = table.views();
    for (const std::string& column : table.columns) {
      const std::string key = style_key(column);
      if (key.size() < 5) continue;
      std::string slip = column;
      std::swap(slip[1], slip[2]);
      if (style_key(slip) == key) continue;
      EXPECT_THAT(suggested(slip, names), testing::Contains(column)) << slip;
    }
  }
}

}  // namespace
}  // namespace pgreactor::operators
