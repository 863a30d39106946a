#include <gtest/gtest.h>

#include <pgreactor/values/all.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

using Weight = TsPosition::Weight;

TEST(TsVector, HoldsLexemesWithTheirPlaces) {
  const TsVector document({Lexeme("a"), Lexeme("cat", {TsPosition(3, Weight::a), TsPosition(5)})});
  EXPECT_EQ(parameter(document, oid::tsvector),
            "binary " + packed("00000002 6100 0000 63617400 0002 c003 0005"));
  EXPECT_EQ(parameter(document, 16'400), "text 'a' 'cat':3A,5");
  EXPECT_EQ(value_of(text_column<TsVector>("'a' 'cat':3A,5", oid::tsvector)), document);
  EXPECT_EQ(parameter(document, oid::text), mismatch);
}

TEST(TsVector, DoublesQuotesAndBackslashesInItsText) {
  const TsVector document({Lexeme("it's"), Lexeme("\\")});
  EXPECT_EQ(parameter(document, 16'400), "text 'it''s' '\\\\'");
  EXPECT_EQ(value_of(text_column<TsVector>("'it''s' '\\\\'", oid::tsvector)), document);
}

TEST(TsVector, RefusesALexemeThatIsNoText) {
  EXPECT_EQ(parameter(TsVector({Lexeme(std::string("a\0b", 3))}), oid::tsvector),
            name_of(EncodeError::embedded_nul));
  EXPECT_EQ(parameter(TsVector({Lexeme("\xff")}), oid::tsvector),
            name_of(EncodeError::invalid_text));
  EXPECT_THROW(Lexeme("a", std::vector<TsPosition>(257)), std::length_error);
}

TEST(TsVector, BoundsItsCountsByItsBytes) {
  const auto refused = [](std::string_view hex) {
    return binary_column<TsVector>(hex, oid::tsvector).error();
  };
  EXPECT_EQ(refused("7fffffff 6100 0000"), DecodeError::truncated);
  EXPECT_EQ(refused("ffffffff"), DecodeError::invalid);
  EXPECT_EQ(refused("00000001 616161"), DecodeError::truncated) << "no NUL";
  EXPECT_EQ(refused("00000001 6100 ffff"), DecodeError::invalid);
  EXPECT_EQ(refused("00000001 6100 0002 0001"), DecodeError::truncated);
  EXPECT_EQ(refused("00000001 6100 0001 c000"), DecodeError::invalid) << "word 0";
  EXPECT_EQ(refused("00000000 00"), DecodeError::trailing);
}

TEST(TsVector, RefusesTextThatTheServerDoesNotWrite) {
  for (const std::string_view text :
       {"a", "'a", "'a''", "'a' ", " 'a'", "'a'  'b'", "'a':", "'a':0", "'a':16384", "'a':1E",
        "'a':1,", "'a':1 ", "'a\\b'", "'a'b"})
    EXPECT_EQ(text_column<TsVector>(text, oid::tsvector), DecodeError::invalid) << text;
}

std::string text_of(const TsQuery& query) {
  std::string text;
  query.append_to(text);
  return text;
}

const TsQuery a("a"), b("b"), c("c");

TEST(TsQuery, IsMadeOfWordsAndWhatJoinsThem) {
  const TsQuery query =
      (a & !b) | TsQuery(TsTerm("fat", TsWeights(Weight::a, Weight::b), TsTerm::Match::prefix));
  EXPECT_EQ(text_of(query), "'a' & !'b' | 'fat':*AB");
  EXPECT_EQ(parameter(query, oid::tsquery),
            "binary " + packed("00000006 0203 010c0166617400 0202 0201 010000 6200 010000 6100"));
  EXPECT_EQ(parameter(query, 16'400), "text 'a' & !'b' | 'fat':*AB");
  EXPECT_EQ(value_of(text_column<TsQuery>("'a' & !'b' | 'fat':*AB", oid::tsquery)), query);
  EXPECT_EQ(parameter(query, oid::text), mismatch);
}

TEST(TsQuery, PutsParenthesesWhereTheServerDoes) {
  EXPECT_EQ(text_of(a & (b | c)), "'a' & ( 'b' | 'c' )");
  EXPECT_EQ(text_of((a & b) | c), "'a' & 'b' | 'c'");
  EXPECT_EQ(text_of(!(a & b)), "!( 'a' & 'b' )");
  EXPECT_EQ(text_of(!!a), "!!'a'");
  EXPECT_EQ(text_of(a.followed_by(b).followed_by(c, 3)), "'a' <-> 'b' <3> 'c'");
  EXPECT_EQ(text_of(a.followed_by(b.followed_by(c, 0))), "'a' <-> ( 'b' <0> 'c' )");
  EXPECT_EQ(text_of((a | b).followed_by(!c)), "( 'a' | 'b' ) <-> !'c'");
}

TEST(TsQuery, ReadsAsLeftAssociativeWhatTheServerWritesWithoutParentheses) {
  EXPECT_EQ(text_of(a & (b & c)), text_of((a & b) & c));
  EXPECT_EQ(value_of(TsQuery::parse("'a' & 'b' & 'c'")), (a & b) & c);
  EXPECT_NE((a & b) & c, a & (b & c));
}

TEST(TsQuery, LeavesAnEmptyQueryOut) {
  const TsQuery none;
  EXPECT_EQ(text_of(none), "");
  EXPECT_EQ(none & a, a);
  EXPECT_EQ(a | none, a);
  EXPECT_EQ(a.followed_by(none), a);
  EXPECT_EQ(!none, none);
}

TEST(TsQuery, RefusesWhatTheServerWould) {
  EXPECT_THROW((void)a.followed_by(b, TsOperator::max_distance + 1), std::out_of_range);
  EXPECT_EQ(parameter(a & TsQuery(std::string("b\0", 2)), oid::tsquery),
            name_of(EncodeError::embedded_nul));
  EXPECT_EQ(parameter(TsQuery("\xff"), oid::tsquery), name_of(EncodeError::invalid_text));
}

TEST(TsQuery, IsATreeWithinItsBytes) {
  const auto refused = [](std::string_view hex) {
    return binary_column<TsQuery>(hex, oid::tsquery).error();
  };
  EXPECT_EQ(refused("7fffffff 010000 6100"), DecodeError::truncated);
  EXPECT_EQ(refused("ffffffff"), DecodeError::invalid);
  EXPECT_EQ(refused("00000001 010000 61"), DecodeError::truncated) << "no NUL";
  EXPECT_EQ(refused("00000001 0204 00"), DecodeError::truncated) << "half a distance";
  EXPECT_EQ(refused("00000001 0204 4001"), DecodeError::invalid) << "a distance too long";
  EXPECT_EQ(refused("00000001 0202"), DecodeError::invalid) << "no operands";
  EXPECT_EQ(refused("00000002 0202 010000 6100"), DecodeError::invalid) << "one operand";
  EXPECT_EQ(refused("00000002 010000 6100 010000 6100"), DecodeError::invalid) << "two roots";
  EXPECT_EQ(refused("00000001 0205"), DecodeError::invalid) << "no such operator";
  EXPECT_EQ(refused("00000001 0300 00"), DecodeError::invalid) << "no such item";
  EXPECT_EQ(refused("00000001 011000 6100"), DecodeError::invalid) << "a fifth weight";
  EXPECT_EQ(refused("00000001 010002 6100"), DecodeError::invalid) << "no truth value";
  EXPECT_EQ(refused("00000000 00"), DecodeError::trailing);
}

TEST(TsQuery, MayBeAsDeepAsItIsLong) {
  constexpr int depth = 200'000;
  std::vector<TsQuery::Item> items(depth, TsOperator(TsOperator::Kind::negation));
  items.emplace_back(TsTerm("a"));
  const TsQuery query = value_of(TsQuery::from_items(std::move(items)));
  EXPECT_EQ(text_of(query), std::string(depth, '!') + "'a'");
  EXPECT_EQ(value_of(TsQuery::parse(text_of(query))), query);
}

TEST(TsQuery, RefusesTextThatTheServerDoesNotWrite) {
  for (const std::string_view text : {"a",
                                      "'a",
                                      "'a' ",
                                      " 'a'",
                                      "'a'&'b'",
                                      "'a' &",
                                      "'a' & ",
                                      "& 'a'",
                                      "'a' 'b'",
                                      "( 'a' )",
                                      "'a' & ( 'b' & 'c' )",
                                      "( 'a' & 'b'",
                                      "'a' )",
                                      "!",
                                      "! 'a'",
                                      "'a':",
                                      "'a':A*",
                                      "'a':BA",
                                      "'a':E",
                                      "'a' <1> 'b'",
                                      "'a' <05> 'b'",
                                      "'a' <16385> 'b'",
                                      "'a' <> 'b'",
                                      "( )"})
    EXPECT_EQ(text_column<TsQuery>(text, oid::tsquery), DecodeError::invalid) << text;
}

}  // namespace
}  // namespace pgreactor::testing
