#include "src/operator/sql_scan.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pgreactor::operators {
namespace {

/// The text with "_" in the place of every character that stands for itself: what is left is what
/// is taken as it is.
std::string taken(std::string_view sql) {
  std::string kept;
  for (std::size_t at = 0; at < sql.size();) {
    const std::size_t end = end_of_verbatim(sql, at);
    kept.append(end == at ? "_" : std::string(sql.substr(at, end - at)));
    at = end == at ? at + 1 : end;
  }
  return kept;
}

TEST(SqlScan, ALineCommentEndsWithItsLine) {
  EXPECT_EQ(taken("--$1\n$1"), "--$1___");
  EXPECT_EQ(taken("--$1\r$1"), "--$1___");
  EXPECT_EQ(taken("--$1\r\n$1"), "--$1____");
  EXPECT_EQ(taken("--$1\v$1"), "--$1\v$1") << "which ends no line";
  EXPECT_EQ(taken("+--$1"), "_--$1");
}

TEST(SqlScan, CommentsNest) {
  EXPECT_EQ(taken("/* $1 /* $1 */ $1 */$1"), "/* $1 /* $1 */ $1 */__");
  EXPECT_EQ(taken("/**/$1"), "/**/__");
  EXPECT_EQ(taken("/*/ $1 */$1"), "/*/ $1 */__");
  EXPECT_EQ(taken("/* '$1 */$1"), "/* '$1 */__");
  EXPECT_EQ(taken("/* -- */$1"), "/* -- */__");
  EXPECT_EQ(taken("/* $1"), "/* $1");
}

TEST(SqlScan, QuotesAreDoubledAndEscaped) {
  EXPECT_EQ(taken("'a''$1'$1"), "'a''$1'__");
  EXPECT_EQ(taken(R"('\'$1)"), R"('\'__)");
  EXPECT_EQ(taken(R"(E'\'$1'$1)"), R"(E'\'$1'__)");
  EXPECT_EQ(taken(R"("a""$1"$1)"), R"("a""$1"__)");
  EXPECT_EQ(taken(R"("\"$1)"), R"("\"__)");
  EXPECT_EQ(taken(R"(U&'\'$1)"), R"(U_'\'__)");
  EXPECT_EQ(taken(R"(U&"\"$1)"), R"(U_"\"__)");
  EXPECT_EQ(taken("N'$1'X'$1'$1"), "N'$1'X'$1'__");
}

TEST(SqlScan, AnEThatEndsANameBeginsNoLiteral) {
  EXPECT_EQ(taken(R"(date'\'$1)"), R"(date'\'__)");
  EXPECT_EQ(taken(R"(a$e'\'$1)"), R"(a$e'\'__)");
  EXPECT_EQ(taken(R"((e'\'$1')$1)"), R"(_e'\'$1'___)");
}

TEST(SqlScan, ALiteralGoesOnInTheNextLine) {
  EXPECT_EQ(taken("E'a'\n'\\'$1'$1"), "E'a'\n'\\'$1'__") << "with escapes, as it began";
  EXPECT_EQ(taken("E'a' -- '\r\t'\\'$1'$1"), "E'a' -- '\r\t'\\'$1'__");
  EXPECT_EQ(taken("E'a' '\\'$1"), "E'a'_'\\'__") << "which is in the same line";
  EXPECT_EQ(taken("E'a'\n+'\\'$1"), "E'a'__'\\'__");
  EXPECT_EQ(taken("'a'\n'\\'$1"), "'a'_'\\'__");
}

TEST(SqlScan, DollarQuotesHaveTags) {
  EXPECT_EQ(taken("$$ $1 $$$1"), "$$ $1 $$__");
  EXPECT_EQ(taken("$a$ $1 $b$ $$ $1 $a$$1"), "$a$ $1 $b$ $$ $1 $a$__");
  EXPECT_EQ(taken("$\xc3\xa4"
                  "1$ $1 $\xc3\xa4"
                  "1$$1"),
            "$\xc3\xa4"
            "1$ $1 $\xc3\xa4"
            "1$__");
  EXPECT_EQ(taken("$1$a$ $1 $a$"), "__$a$ $1 $a$") << "a parameter is no tag";
  EXPECT_EQ(taken("1$a$ $1 $a$"), "_$a$ $1 $a$");
}

TEST(SqlScan, ADollarMayStandInAName) {
  EXPECT_EQ(taken("a$1 = $1"), "a$1_____");
  EXPECT_EQ(taken("_$a$b$1"), "_$a$b$1");
  EXPECT_EQ(taken("\xc3\xa4$1$1"), "\xc3\xa4$1$1");
  EXPECT_EQ(taken("$1abc"), "__abc");
  EXPECT_EQ(taken("$1$2"), "____");
  EXPECT_EQ(taken("1$1"), "___");
}

}  // namespace
}  // namespace pgreactor::operators
