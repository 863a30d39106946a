#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <pgreactor/values/all.hpp>
#include <string>
#include <string_view>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

using Ints = Range<int>;

TEST(Range, IsHalfOpenUnlessAskedOtherwise) {
  EXPECT_EQ(parameter(Ints(1, 5), oid::int4range),
            "binary " + packed("02 0000000400000001 0000000400000005"));
  EXPECT_EQ(parameter(Ints(1, 5), oid::int8range),
            "binary " + packed("02 000000080000000000000001 000000080000000000000005"));
  EXPECT_EQ(parameter(Ints(), oid::int4range), "binary 01");
  EXPECT_EQ(parameter(Ints(std::nullopt, std::nullopt), oid::int4range), "binary 18");
  EXPECT_EQ(parameter(Ints(1, 5), oid::int4), mismatch);
  EXPECT_EQ(parameter(Ints(1, 5), oid::daterange), mismatch);
  EXPECT_EQ(parameter(Range<std::int64_t>(1, 5'000'000'000), oid::int4range), out_of_range);
}

TEST(Range, HoldsWhatIsBetweenItsBounds) {
  EXPECT_TRUE(Ints(1, 5).contains(1));
  EXPECT_FALSE(Ints(1, 5).contains(5));
  EXPECT_TRUE(Ints(1, 5, Bound::exclusive, Bound::inclusive).contains(5));
  EXPECT_FALSE(Ints(1, 5, Bound::exclusive, Bound::inclusive).contains(1));
  EXPECT_TRUE(Ints(std::nullopt, 5).contains(-9));
  EXPECT_FALSE(Ints().contains(0));
  EXPECT_FALSE(Ints(std::nullopt, 5).lower_inclusive()) << "there is none";
  EXPECT_TRUE(Multirange<int>({Ints(1, 2), Ints(4, 5)}).contains(4));
  EXPECT_FALSE(Multirange<int>({Ints(1, 2), Ints(4, 5)}).contains(3));
}

TEST(Range, OfTheApplicationGoesAndComesAsText) {
  using Texts = Range<std::string>;
  EXPECT_EQ(parameter(Texts("a\"b\\", ""), 16'400), R"(text ["a""b\\",""))");
  EXPECT_EQ(value_of(text_column<Texts>(R"(["a""b\\",""))", 16'400)), Texts("a\"b\\", ""));
  EXPECT_EQ(value_of(text_column<Texts>(R"([a\,b,c])", 16'400)),
            Texts("a,b", "c", Bound::inclusive, Bound::inclusive));
  EXPECT_EQ(value_of(text_column<Range<double>>("[1.5,2)", 16'400)), Range<double>(1.5, 2.0));
  EXPECT_EQ(parameter(Multirange<int>({Ints(1, 2), Ints()}), 16'400), "text {[1,2),empty}");
}

TEST(Range, RefusesTextThatIsNone) {
  for (const std::string_view text :
       {"", "[", "[1", "[1,", "[1,2", "1,2", "[1)", "[1,2,3)", "[1;2)", "{1,2}", "empt", "[(1,2)",
        "[\"1,2)", "[1,2\\", "[1,x)"})
    EXPECT_FALSE(text_column<Ints>(text, oid::int4range)) << text;
  EXPECT_EQ(text_column<Ints>("[1,2) ", oid::int4range), DecodeError::trailing);
  EXPECT_EQ(text_column<Ints>("emptyx", oid::int4range), DecodeError::trailing);
  for (const std::string_view text :
       {"", "{", "{[1,2)", "{[1,2),}", "[1,2)", "{,}", "{}}", "{[1,2)}x"})
    EXPECT_FALSE(text_column<Multirange<int>>(text, oid::int4multirange)) << text;
}

TEST(Range, RefusesBytesThatAreNone) {
  const auto refused = [](std::string_view hex) {
    const DecodeError error = binary_column<Ints>(hex, oid::int4range).error();
    EXPECT_EQ(binary_column<std::string>(hex, oid::int4range), error) << hex;
    return error;
  };
  EXPECT_EQ(refused("20"), DecodeError::invalid) << "a flag nobody sends";
  EXPECT_EQ(refused("0100"), DecodeError::trailing);
  EXPECT_EQ(refused("10 ffffffff"), DecodeError::invalid) << "a bound that is NULL";
  EXPECT_EQ(refused("10 80000000"), DecodeError::invalid);
  EXPECT_EQ(refused("10 7fffffff 00000001"), DecodeError::truncated);
  EXPECT_EQ(refused("10 00000003 000001"), DecodeError::truncated);
}

TEST(Multirange, BoundsItsCountByItsBytes) {
  const auto refused = [](std::string_view hex) {
    const DecodeError error = binary_column<Multirange<int>>(hex, oid::int4multirange).error();
    EXPECT_EQ(binary_column<std::string>(hex, oid::int4multirange), error) << hex;
    return error;
  };
  EXPECT_EQ(refused("7fffffff 00000001 01"), DecodeError::truncated);
  EXPECT_EQ(refused("ffffffff"), DecodeError::invalid);
  EXPECT_EQ(refused("00000001 ffffffff 00"), DecodeError::invalid);
  EXPECT_EQ(refused("00000001 00000001 01 00"), DecodeError::trailing);
  EXPECT_EQ(parameter(Multirange<int>(), oid::int4multirange), "binary 00000000");
  EXPECT_EQ(parameter(Multirange<int>(), oid::int4range), mismatch);
}

}  // namespace
}  // namespace pgreactor::testing
