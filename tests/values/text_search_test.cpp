#include <gtest/gtest.h>

#include <pgreactor/values/all.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
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

}  // namespace
}  // namespace pgreactor::testing
