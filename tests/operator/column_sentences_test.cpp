#include "src/operator/column_sentences.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <vector>

#include "src/operator/column_errors.hpp"
#include "src/operator/shown_name.hpp"

namespace pgreactor::operators {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

using Names = std::vector<std::string_view>;
constexpr TableName users{"public", "users"};

// Checklist: C63
TEST(ColumnSentences, AMissingColumnIsSaidAsTheSpecificationHasIt) {
  EXPECT_EQ(column_not_found(users, "userId", Names{"id", "name", "email", "created_at"},
                             Names{"user_id"}),
            "Column 'userId' not found in table 'users'. Available columns: id, name, email, "
            "created_at. Did you mean: user_id?");
}

TEST(ColumnSentences, WithoutSuggestionsTheLastSentenceIsDropped) {
  EXPECT_EQ(column_not_found(users, "x", Names{"id", "name"}, {}),
            "Column 'x' not found in table 'users'. Available columns: id, name.");
  EXPECT_EQ(column_not_found(users, "x", {}, {}),
            "Column 'x' not found in table 'users'. Available columns: none.");
}

TEST(ColumnSentences, SuggestionsAreJoinedByCommas) {
  EXPECT_THAT(column_not_found(users, "x", Names{"id"}, Names{"a", "b", "c"}),
              EndsWith(". Did you mean: a, b, c?"));
}

TEST(ColumnSentences, ATableOfAnotherSchemaIsQualified) {
  EXPECT_EQ(column_not_found({"b2b_saas", "content"}, "x", Names{"id"}, {}),
            "Column 'x' not found in table 'b2b_saas.content'. Available columns: id.");
}

TEST(ColumnSentences, FortyColumnsAreListedAndThenCounted) {
  Names names(40, "a");
  EXPECT_THAT(column_not_found(users, "x", names, {}), EndsWith(" a, a."));
  names.push_back("b");
  EXPECT_THAT(column_not_found(users, "x", names, {}), EndsWith(" a, a, … (+1 more)."));
  names.resize(1600, "b");
  EXPECT_THAT(column_not_found(users, "x", names, {}), EndsWith(" a, a, … (+1560 more)."));
}

TEST(ColumnSentences, AnAmbiguousColumnIsSaidAsTheSpecificationHasIt) {
  EXPECT_EQ(
      column_ambiguous(users, "user-id", Names{"user_id", "userId"}),
      "Column 'user-id' is ambiguous in table 'users': matches user_id, userId. Use the exact "
      "name.");
}

TEST(ColumnSentences, TwoKeysOfOneColumnAreBothNamed) {
  EXPECT_EQ(
      column_given_twice(users, "userId", "user_id", "user_id"),
      "Columns 'userId' and 'user_id' are both column 'user_id' of table 'users'. Give it once.");
}

TEST(ShownName, WhatAReaderCannotSeeIsEscaped) {
  EXPECT_EQ(shown_name("user_id"), "user_id");
  EXPECT_EQ(shown_name("größe 大きさ"), "größe 大きさ");
  EXPECT_EQ(shown_name(std::string_view("a\0b\n\x1b[31m\x7f", 10)), "a\\x00b\\x0a\\x1b[31m\\x7f");
  EXPECT_EQ(shown_name("\xff\xc3(\xc0\x80"), "\\xff\\xc3(\\xc0\\x80");
  EXPECT_EQ(shown_name("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(shown_name("\xc2\x9b"), "\\xc2\\x9b");           // a control of eight bits
  EXPECT_EQ(shown_name("a\xe2\x80\xae"
                       "b"),
            "a\\xe2\\x80\\xaeb");  // right to left from here
  EXPECT_EQ(shown_name("\xe2\x81\xa6\xef\xbb\xbf"), "\\xe2\\x81\\xa6\\xef\\xbb\\xbf");
  EXPECT_EQ(shown_name("\xc3"), "\\xc3");
  EXPECT_EQ(shown_name(""), "");
}

TEST(ShownName, NoMoreThanAColumnCanHaveIsShown) {
  EXPECT_EQ(shown_name(std::string(63, 'a')), std::string(63, 'a'));
  EXPECT_EQ(shown_name(std::string(64, 'a')), std::string(63, 'a') + "…");
  EXPECT_EQ(shown_name(std::string(62, 'a') + "ü"), std::string(62, 'a') + "…");
  EXPECT_LE(shown_name(std::string(1'000'000, '\0')).size(), 300u);
}

TEST(ColumnErrors, SchemaAndTableAreFieldsOfTheirOwn) {
  const ColumnIndex columns(Names{"id", "email"});
  try {
    required_column({"b2b_saas", "content"}, "emial", columns);
    FAIL() << "it was found";
  } catch (const ColumnMatchError& error) {
    EXPECT_STREQ(
        error.what(),
        "Column 'emial' not found in table 'b2b_saas.content'. Available columns: id, email. "
        "Did you mean: email?");
    ASSERT_NE(error.details(), nullptr);
    EXPECT_EQ(error.details()->schema, "b2b_saas");
    EXPECT_EQ(error.details()->table, "content");
    EXPECT_EQ(error.details()->column, "emial");
    EXPECT_THAT(error.details()->candidates, IsEmpty());
    EXPECT_THAT(error.details()->suggestions, ElementsAre("email"));
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    EXPECT_TRUE(error.connection_usable());
  }
}

TEST(ColumnErrors, AnAmbiguousNameHasItsCandidates) {
  const ColumnIndex columns(Names{"user_id", "id", "userId"});
  const auto match = match_column("user-id", columns);
  const ColumnMatchError error = column_match_error(users, "user-id", columns, match);
  EXPECT_STREQ(
      error.what(),
      "Column 'user-id' is ambiguous in table 'users': matches user_id, userId. Use the exact "
      "name.");
  EXPECT_THAT(error.details()->candidates, ElementsAre("user_id", "userId"));
  EXPECT_THAT(error.details()->suggestions, IsEmpty());
}

TEST(ColumnErrors, StrictMatchingSuggestsWhatItDoesNotTake) {
  const ColumnIndex columns(Names{"id", "name", "user_id"});
  const auto match = match_column("userId", columns, {.strict = true});
  EXPECT_STREQ(
      column_match_error(users, "userId", columns, match).what(),
      "Column 'userId' not found in table 'users'. Available columns: id, name, user_id. Did "
      "you mean: user_id?");
}

TEST(ColumnErrors, TwoKeysOfOneColumnAreAnError) {
  const ColumnMatchError error = shared_column_error(users, "userId", "user_id", "user_id");
  EXPECT_THAT(error.what(), HasSubstr("'userId' and 'user_id'"));
  EXPECT_EQ(error.details()->column, "user_id");
  EXPECT_THAT(error.details()->candidates, ElementsAre("user_id"));
}

TEST(ColumnErrors, CopyingThemCannotThrow) {
  EXPECT_TRUE(std::is_nothrow_copy_constructible_v<ColumnMatchError>);
  EXPECT_EQ(ColumnMatchError("a struct that does not fit").details(), nullptr);
}

TEST(ColumnErrors, ANameOfAMegabyteMakesAShortMessage) {
  const std::string wanted(1'000'000, '\x01');
  const ColumnIndex columns(Names{"id"});
  const auto match = match_column(wanted, columns);
  EXPECT_LE(std::string(column_match_error(users, wanted, columns, match).what()).size(), 500u);
}

}  // namespace
}  // namespace pgreactor::operators
