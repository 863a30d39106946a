#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <pgreactor/values/all.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {

enum class Mood : std::uint8_t { sad, happy, unnamed };

struct Place {
  int id = 0;
  std::optional<std::string> name;
  friend bool operator==(const Place&, const Place&) = default;
};

struct PlaceView {
  int id = 0;
  std::optional<std::string_view> name;
};

}  // namespace pgreactor::testing

template <>
inline constexpr std::array pgreactor::labels<pgreactor::testing::Mood>{
    pgreactor::Label(pgreactor::testing::Mood::sad, "sad"),
    pgreactor::Label(pgreactor::testing::Mood::happy, "happy")};

template <>
inline constexpr auto pgreactor::mapping<pgreactor::testing::Place> =
    pgreactor::members(pgreactor::member("id", &pgreactor::testing::Place::id),
                       pgreactor::member("name", &pgreactor::testing::Place::name));

template <>
inline constexpr auto pgreactor::mapping<pgreactor::testing::PlaceView> =
    pgreactor::members(pgreactor::member("id", &pgreactor::testing::PlaceView::id),
                       pgreactor::member("name", &pgreactor::testing::PlaceView::name));

namespace pgreactor::testing {
namespace {

using ::testing::ElementsAre;
using Pair = std::tuple<int, std::optional<std::string>>;
constexpr Oid application_type = 16'400;

TEST(Enumeration, IsItsLabel) {
  EXPECT_EQ(parameter(Mood::happy, application_type), "text happy");
  EXPECT_EQ(parameter(Mood::sad, oid::text), "binary 736164");
  EXPECT_EQ(parameter(Mood::sad, oid::int4), mismatch);
  EXPECT_EQ(parameter(Mood::unnamed, application_type), out_of_range);
  EXPECT_EQ(value_of(text_column<Mood>("happy", application_type)), Mood::happy);
  EXPECT_EQ(value_of(binary_column<Mood>("736164", oid::text)), Mood::sad);
  EXPECT_EQ(text_column<Mood>("glad", application_type), DecodeError::out_of_range);
  EXPECT_EQ(text_column<Mood>("", application_type), DecodeError::out_of_range);
  EXPECT_EQ(text_column<Mood>("1", oid::int4), DecodeError::type_mismatch);
  static_assert(!Value<TsPosition::Weight>, "it has no labels");
}

TEST(Enumeration, IsAnElementToo) {
  EXPECT_THAT(value_of(text_column<std::vector<Mood>>("{sad,happy}", application_type)),
              ElementsAre(Mood::sad, Mood::happy));
  EXPECT_EQ(parameter(std::vector<Mood>{Mood::sad}, application_type), "text {\"sad\"}");
}

TEST(Composite, GoesAsTextInTheOrderOfItsMembers) {
  EXPECT_EQ(parameter(Pair(1, "a"), application_type), "text (1,a)");
  EXPECT_EQ(parameter(Pair(1, std::nullopt), application_type), "text (1,)");
  EXPECT_EQ(parameter(Pair(-1, ""), application_type), "text (-1,\"\")");
  EXPECT_EQ(parameter(Pair(1, "q\"b\\ ,()"), application_type), "text (1,\"q\"\"b\\\\ ,()\")");
  EXPECT_EQ(parameter(Place{7, "x"}, application_type), "text (7,x)");
  EXPECT_EQ(parameter(Pair(1, "a"), oid::text), mismatch);
  EXPECT_EQ(parameter(std::tuple(std::string("\xff")), application_type),
            name_of(EncodeError::invalid_text));
}

TEST(Composite, ComesAsText) {
  EXPECT_EQ(value_of(text_column<Pair>("(1,a)", oid::record)), Pair(1, "a"));
  EXPECT_EQ(value_of(text_column<Pair>("(1,)", application_type)), Pair(1, std::nullopt));
  EXPECT_EQ(value_of(text_column<Pair>("(1,\"\")", application_type)), Pair(1, ""));
  EXPECT_EQ(value_of(text_column<Pair>("(1,\"q\"\"b\\\\ ,()\")", oid::record)),
            Pair(1, "q\"b\\ ,()"));
  EXPECT_EQ(value_of(text_column<Pair>("(1,a]b[)", oid::record)), Pair(1, "a]b["));
  EXPECT_EQ(value_of(text_column<Place>("(7,x)", application_type)), (Place{7, "x"}));
  EXPECT_EQ(value_of(text_column<std::vector<Place>>("{\"(7,x)\",\"(8,)\"}", application_type)),
            (std::vector<Place>{{7, "x"}, {8, std::nullopt}}));
  EXPECT_EQ(value_of(text_column<std::tuple<Pair>>("(\"(1,\"\"a b\"\")\")", oid::record)),
            std::make_tuple(Pair(1, "a b")));
}

TEST(Composite, RefusesTextThatIsNone) {
  for (const std::string_view text :
       {"", "(", "(1", "(1,", "(1,a", "1,a)", "(1,a)x", "(1,(a)", "(1,\"a)", "(1,a\\"})
    EXPECT_FALSE(text_column<Pair>(text, oid::record)) << text;
  EXPECT_EQ(text_column<Pair>("(1)", oid::record), DecodeError::out_of_range);
  EXPECT_EQ(text_column<Pair>("(1,a,b)", oid::record), DecodeError::out_of_range);
  EXPECT_EQ(text_column<Pair>("(,a)", oid::record), DecodeError::null_value);
  EXPECT_EQ(text_column<Pair>("(x,a)", oid::record), DecodeError::invalid);
  EXPECT_EQ(text_column<Pair>("(1,a)", oid::int4), DecodeError::type_mismatch);
}

// What was escaped is in memory of its own while it is read, and gone afterwards.
TEST(Views, AreNoMembersOfWhatComesAsText) {
  using View = std::string_view;
  using Either = std::variant<int, View>;
  EXPECT_EQ((text_column<std::tuple<int, View>>("(1,a)", oid::record)), DecodeError::type_mismatch);
  EXPECT_EQ((text_column<std::tuple<std::optional<View>>>("(a)", oid::record)),
            DecodeError::type_mismatch);
  EXPECT_EQ(text_column<std::tuple<Either>>("(a)", oid::record), DecodeError::type_mismatch);
  EXPECT_EQ(text_column<std::tuple<std::vector<View>>>("({a})", oid::record),
            DecodeError::type_mismatch);
  EXPECT_EQ(text_column<PlaceView>("(7,x)", application_type), DecodeError::type_mismatch);
  EXPECT_EQ(text_column<std::tuple<PlaceView>>("(\"(7,x)\")", application_type),
            DecodeError::type_mismatch);
  EXPECT_EQ(text_column<Range<View>>("[a,b]", application_type), DecodeError::type_mismatch);
  EXPECT_EQ(text_column<Multirange<View>>("{[a,b]}", application_type), DecodeError::type_mismatch);
  EXPECT_EQ(text_column<std::vector<Either>>("{a}", oid::text_array), DecodeError::type_mismatch);
  EXPECT_EQ(text_column<std::vector<std::vector<View>>>("{{a}}", oid::text_array),
            DecodeError::type_mismatch);
}

TEST(Views, PointIntoWhatComesAsBinary) {
  const auto bytes = bytes_of_hex("00000002 00000015 00000002 0007 00000019 00000001 78");
  const auto place = value_of(column<PlaceView>(Bytes{bytes}, oid::record, FormatCode::binary));
  EXPECT_EQ(place.name, "x");
  EXPECT_EQ(static_cast<const void*>(place.name->data()), &bytes.back());
  static_assert(keeps_view<PlaceView> && !keeps_view<Place> && !keeps_view<Pair>);
}

TEST(Composite, InBinaryTellsTheTypesOfItsMembers) {
  constexpr std::string_view hex =
      "00000002 00000015 00000002 0007 00000019 00000001 78";  // an int2 and a text
  EXPECT_EQ(value_of(binary_column<Pair>(hex, oid::record)), Pair(7, "x"));
  EXPECT_EQ(value_of(binary_column<Place>(hex, oid::record)), (Place{7, "x"}));
  const auto bytes = bytes_of_hex(hex);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_EQ(column<Pair>(Bytes{bytes}.first(length), oid::record, FormatCode::binary),
              DecodeError::truncated);
  EXPECT_EQ(binary_column<Pair>(std::string(hex) + "00", oid::record), DecodeError::trailing);
  EXPECT_EQ(binary_column<Pair>("00000003", oid::record), DecodeError::out_of_range);
  EXPECT_EQ(binary_column<Pair>("ffffffff", oid::record), DecodeError::out_of_range);
  EXPECT_EQ(binary_column<Pair>("00000002 00000017 7fffffff 00", oid::record),
            DecodeError::truncated);
  EXPECT_EQ(binary_column<Pair>("00000002 00000017 fffffffe", oid::record), DecodeError::invalid);
}

TEST(Variant, IsTheFirstAlternativeThatTakesTheType) {
  using Any = std::variant<bool, std::int64_t, Uuid, std::string>;
  EXPECT_EQ(value_of(binary_column<Any>("01", oid::boolean)), Any(true));
  EXPECT_EQ(value_of(binary_column<Any>("00000007", oid::int4)), Any(std::int64_t{7}));
  EXPECT_EQ(value_of(text_column<Any>("$1", oid::money)), Any("$1"));
  EXPECT_EQ(binary_column<Any>("02", oid::boolean), DecodeError::invalid)
      << "and no other is tried";
  EXPECT_EQ((binary_column<std::variant<bool, Uuid>>("00000007", oid::int4)),
            DecodeError::type_mismatch);
  EXPECT_EQ(parameter(Any(std::int64_t{7}), oid::int4), "text 7");
  EXPECT_EQ(parameter(Any(true), oid::boolean), "text t");
}

TEST(Hstore, IsReadFromItsText) {
  const Hstore store({{"a", "1"}, {"b \"\\", std::nullopt}, {"c", "NULL"}});
  constexpr std::string_view text = R"("a"=>"1", "b \"\\"=>NULL, "c"=>"NULL")";
  EXPECT_EQ(parameter(store, application_type), "text " + std::string(text));
  EXPECT_EQ(value_of(text_column<Hstore>(text, application_type)), store);
  EXPECT_TRUE(value_of(text_column<Hstore>("", application_type)).entries().empty());
  EXPECT_EQ(parameter(store, oid::text), mismatch);
  for (const std::string_view broken :
       {"a", "\"a\"", "\"a\"=>", "\"a\"=>1", "\"a\"=>\"1", "\"a\"=>\"1\",", "\"a\"=>\"1\" ",
        "\"a\"=>NULL, \"a\"=>NULL", "\"a\"=>null"})
    EXPECT_EQ(text_column<Hstore>(broken, application_type), DecodeError::invalid) << broken;
}

}  // namespace
}  // namespace pgreactor::testing
