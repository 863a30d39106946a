#include "src/store_memory/predicate.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace pgreactor::store_memory {
namespace {

MemoryTables& tables() {
  static MemoryTables tables;
  return tables;
}

const MemoryTable& table() {
  static const MemoryTable& table = tables()
                                        .table("public", "t")
                                        .column("n", "int")
                                        .column("s", "text")
                                        .column("c", "char(3)")
                                        .column("d", "numeric")
                                        .column("f", "float8")
                                        .column("a", "int[]")
                                        .column("j", "jsonb")
                                        .enum_column("e", "mood", {"sad", "happy"})
                                        .column("k", "text")
                                        .collated();
  return table;
}

void resolve(Condition& condition) {
  if (condition.kind() == Condition::Kind::comparison)
    condition.set_column(*table().table().find(condition.text()));
  for (Condition& part : condition.parts()) resolve(part);
}

/// "true", "false", "unknown" or the error, for a row with this value in the column.
std::string answer(Condition condition, const char* column = nullptr, const Datum& value = {}) {
  std::vector<Datum> row(table().table().columns.size());
  if (column != nullptr) {
    const std::uint32_t at = *table().table().find(column);
    row[at] = coerced(value, type_of(table(), at));
  }
  resolve(condition);
  try {
    const auto truth = Predicate(condition, table()).truth(row);
    return !truth ? "unknown" : *truth ? "true" : "false";
  } catch (const MockModeError&) {
    return "MockModeError";
  } catch (const QueryError& error) {
    return std::string(error.sqlstate().view());
  }
}
template <class Value>
std::string answer(const char* column, const Datum& held, Value&& test) {
  return answer(where(column, std::forward<Value>(test)), column, held);
}

TEST(Predicate, AColumnWithACollationOfItsOwnIsComparedWithNullAlone) {
  for (const pgreactor::Test& test :
       {eq("a"), ne("a"), gt("a"), in("a", "b"), like("a%"), is_distinct_from("a")})
    EXPECT_EQ(answer(where("k", pgreactor::Test(test)), "k", "a"), "MockModeError");
  EXPECT_EQ(answer("k", "a", is_null()), "false");
  EXPECT_EQ(answer("k", "a", ne(nullptr)), "true");
}

TEST(Predicate, AValueInAListIsTakenAsOneByItselfIs) {
  for (const Datum& value : {Datum(1), Datum(3'000'000'000), Datum(1.0), Datum(1.5), Datum("x")})
    EXPECT_EQ(answer("n", 1, in(value)), answer("n", 1, eq(value))) << value.to_string();
  EXPECT_EQ(answer("n", 1, in(1, 3'000'000'000)), "XXXXX");
  EXPECT_EQ(answer("j", "true", in(true)), "true");
}

TEST(Predicate, NullIsUnknownUnlessItIsAskedFor) {
  EXPECT_EQ(answer("n", nullptr, gt(1)), "unknown");
  EXPECT_EQ(answer("n", nullptr, eq(1)), "unknown");
  EXPECT_EQ(answer("n", 1, gt(nullptr)), "unknown");
  EXPECT_EQ(answer("n", nullptr, nullptr), "true");
  EXPECT_EQ(answer("n", 1, ne(nullptr)), "true");
  EXPECT_EQ(answer("n", nullptr, is_distinct_from(1)), "true");
  EXPECT_EQ(answer("n", nullptr, is_not_distinct_from(nullptr)), "true");
  EXPECT_EQ(answer("n", nullptr, is_null()), "true");
  EXPECT_EQ(answer("n", 5, between(7, nullptr)), "false");
  EXPECT_EQ(answer("n", 9, between(7, nullptr)), "unknown");
}

TEST(Predicate, AndOrAndNotFollowThreeValuedLogic) {
  const Condition unknown = where("n", gt(1)), yes = where("s", "x"), no = where("s", "y");
  EXPECT_EQ(answer(unknown && no, "s", "x"), "false");
  EXPECT_EQ(answer(unknown && yes, "s", "x"), "unknown");
  EXPECT_EQ(answer(unknown || yes, "s", "x"), "true");
  EXPECT_EQ(answer(unknown || no, "s", "x"), "unknown");
  EXPECT_EQ(answer(!unknown, "s", "x"), "unknown");
  EXPECT_EQ(answer(Condition()), "true");
  EXPECT_EQ(answer(Condition::any({})), "false");
}

TEST(Predicate, ListsWithNullAndEmptyListsAreAsOnTheServer) {
  EXPECT_EQ(answer("n", 1, in(1, nullptr)), "true");
  EXPECT_EQ(answer("n", 2, in(1, nullptr)), "unknown");
  EXPECT_EQ(answer("n", 2, not_in(1, nullptr)), "unknown");
  EXPECT_EQ(answer("n", 1, not_in(1, nullptr)), "false");
  EXPECT_EQ(answer("n", nullptr, in()), "false");
  EXPECT_EQ(answer("n", nullptr, not_in()), "true");
  EXPECT_EQ(answer("n", 2, array(1, 2)), "true");
}

TEST(Predicate, NumbersAreComparedExactly) {
  EXPECT_EQ(answer("d", "1.00", 1), "true");
  EXPECT_EQ(answer("d", "NaN", gt("Infinity")), "true");
  EXPECT_EQ(answer("f", NAN, eq(NAN)), "true");
  EXPECT_EQ(answer("f", NAN, gt(INFINITY)), "true");
  EXPECT_EQ(answer("n", 1, "x"), "22P02");
  EXPECT_EQ(answer("n", 1, std::int64_t{1} << 40), "XXXXX");
}

TEST(Predicate, LikeKnowsCharactersAndEscapes) {
  EXPECT_EQ(answer("s", "äb", like("_b")), "true");
  EXPECT_EQ(answer("s", "a%b", like("a\\%b")), "true");
  EXPECT_EQ(answer("s", "axb", like("a\\%b")), "false");
  EXPECT_EQ(answer("s", "xaabab", like("%ab")), "true");
  EXPECT_EQ(answer("s", "abc", like("%_c%_")), "false");
  EXPECT_EQ(answer("s", "", like("%")), "true");
  EXPECT_EQ(answer("s", "ab", like("a\\")), "22025");
  EXPECT_EQ(answer("s", "b", like("a\\")), "false");
  EXPECT_EQ(answer("s", "", like("\\")), "false");
  EXPECT_EQ(answer("s", "", like("%\\")), "false");
  EXPECT_EQ(answer("s", "x", like("%\\")), "22025");
  EXPECT_EQ(answer("s", nullptr, not_like("a")), "unknown");
  EXPECT_EQ(answer("s", "ABC", ilike("a_c")), "true");
  EXPECT_EQ(answer("s", "Ä", ilike("ä")), "MockModeError");
  EXPECT_EQ(answer("s", "50%", ends_with("%")), "true");
  EXPECT_EQ(answer("s", "a_b", contains("_")), "true");
}

TEST(Predicate, BlanksAtTheEndOfCharacterDoNotCountButForLike) {
  EXPECT_EQ(answer("c", "a", "a"), "true");
  EXPECT_EQ(answer("c", "a", eq("a      ")), "true");
  EXPECT_EQ(answer("c", "a", like("a")), "false");
  EXPECT_EQ(answer("c", "a", like("a  ")), "true");
}

TEST(Predicate, TextIsOrderedByBytesAndEnumsByTheirLabels) {
  EXPECT_EQ(answer("s", "a", gt("B")), "true");
  EXPECT_EQ(answer("s", "\xc3\xa4", gt("z")), "true");
  EXPECT_EQ(answer("e", "happy", gt("sad")), "true");
  EXPECT_EQ(answer("e", "happy", "glad"), "22P02");
}

TEST(Predicate, ArrayOperatorsKnowNoNull) {
  EXPECT_EQ(answer("a", array(1, 2, nullptr), array_contains(array(2, 1, 1))), "true");
  EXPECT_EQ(answer("a", array(1, nullptr), array_contains(array(nullptr))), "false");
  EXPECT_EQ(answer("a", array(1), array_contains(array())), "true");
  EXPECT_EQ(answer("a", array(1), array_contained_by(array(1, 2))), "true");
  EXPECT_EQ(answer("a", array(1, nullptr), array_overlaps(array(nullptr))), "false");
  EXPECT_EQ(answer("a", array(1, 2), array(1, 2)), "true");
  EXPECT_EQ(answer("a", array(1, 2), ne(array(2, 1))), "true");
}

TEST(Predicate, JsonPathsAndKeys) {
  const char* const document = R"({"a": {"b": [1, "x"]}, "n": null})";
  EXPECT_EQ(answer(where("j->a->b->>1", "x"), "j", document), "true");
  EXPECT_EQ(answer(where("j->a->b->>-2", "1"), "j", document), "true");
  EXPECT_EQ(answer(where("j->>n", is_null()), "j", document), "true");
  EXPECT_EQ(answer(where("j->n", is_null()), "j", document), "false");
  EXPECT_EQ(answer(where("j->a->>c", "x"), "j", document), "unknown");
  EXPECT_EQ(answer("j", document, json_contains(Json(R"({"a":{"b":["x"]}})"))), "true");
  EXPECT_EQ(answer("j", document, has_key("a")), "true");
  EXPECT_EQ(answer("j", document, has_any_key({"x", "n"})), "true");
  EXPECT_EQ(answer("j", document, has_all_keys({"x", "n"})), "false");
  EXPECT_EQ(answer("j", "{\"a\":1.0}", eq(Json("{\"a\":1}"))), "true");
}

TEST(Predicate, WhatCannotBeEvaluatedIsRefusedWithoutAnyRow) {
  EXPECT_EQ(answer(where("s", regex("a"))), "MockModeError");
  EXPECT_EQ(answer(where("s", full_text("a"))), "MockModeError");
  EXPECT_EQ(answer(where("j", gt(Json("1")))), "MockModeError");
  EXPECT_EQ(answer(where("n", like("1"))), "MockModeError");
  EXPECT_EQ(answer(raw_condition("n = $1", 1)), "MockModeError");
}

TEST(Predicate, SqlWithAValueThatItDoesNotUseIsWrongAnywhere) {
  const auto said = [](const Condition& condition) -> std::string {
    try {
      static_cast<void>(Predicate(condition, table()));
    } catch (const QueryError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(said(raw_condition("n = $1", 1, 2)),
            "a raw condition has 2 values and no parameter $2");
  EXPECT_EQ(said(raw_condition("n IN ($1, $21, $3)", 1, 2, 3)),
            "a raw condition has 3 values and no parameter $2");
  EXPECT_EQ(said(raw_condition("n = $2 OR n = $1", 1, 2)),
            "mock mode cannot answer this: SQL: n = $2 OR n = $1");
}

}  // namespace
}  // namespace pgreactor::store_memory
