#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <pgreactor/error.hpp>
#include <string>
#include <vector>

#include "src/operator/sql_text.hpp"

namespace pgreactor::operators {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Rows of a table with the columns "a" and "doc".
Selection selection_of(Condition where) {
  auto table = std::make_shared<Table>();
  table->name = QualifiedName("public", "t");
  table->columns.resize(2);
  table->columns[0].name = "a";
  table->columns[0].type = oid::int4;
  table->columns[1].name = "doc";
  table->columns[1].type = oid::jsonb;
  Selection selection;
  selection.table = std::move(table);
  selection.where = std::move(where);
  return selection;
}

Condition on(std::uint32_t column, const char* name, Test test) {
  Condition condition(name, std::move(test));
  condition.set_column(column);
  return condition;
}

/// What becomes of a raw condition behind another that has the first parameter.
std::string second(const char* raw, std::size_t values = 1) {
  std::vector<Datum> data(values, Datum(2));
  const std::string sql =
      text_of(selection_of(on(0, "a", eq(1)) && Condition::raw(raw, std::move(data))));
  constexpr std::string_view before = R"(WHERE ("a" = $1 AND ()";
  const std::size_t begin = sql.find(before) + before.size();
  return sql.substr(begin, sql.rfind("\n))") - begin);
}

std::string refusal(const char* raw, std::size_t values = 1) {
  try {
    return second(raw, values);
  } catch (const QueryError& error) {
    return error.what();
  }
}

TEST(RawCondition, ItsParametersCountFromItsOwnFirst) {
  EXPECT_EQ(second("a = $1"), "a = $2");
  EXPECT_EQ(second("a = $2 OR a = $1", 2), "a = $3 OR a = $2");
  EXPECT_EQ(second("a = $1 --x\r OR a = $1"), "a = $2 --x\r OR a = $2");
  EXPECT_EQ(second("a$1 = $1 OR '$1' = \"$1\""), "a$1 = $2 OR '$1' = \"$1\"");
  EXPECT_EQ(second("a = $01"), "a = $2") << "as the server reads it";
  EXPECT_EQ(second("a = $1abc"), "a = $2abc");
  EXPECT_EQ(second("a = 1$1"), "a = 1$2");
  EXPECT_EQ(second("$1$2", 2), "$2$3");
}

TEST(RawCondition, AParameterWithoutAValueIsRefused) {
  EXPECT_THAT(refusal("a = $1 OR a = $2"), HasSubstr("the parameter $2 and 1 values"));
  EXPECT_THAT(refusal("a = $1 OR a = $0"), HasSubstr("the parameter $0 and 1 values"));
  EXPECT_THAT(refusal("a = $1 OR a = $4294967297"), HasSubstr("and 1 values"));
  EXPECT_THAT(refusal("a$1 = 2"), HasSubstr("1 values and no parameter $1"));
}

std::vector<std::string> elements_for(Condition condition) {
  const Selection selection = selection_of(std::move(condition));
  const Shape shape(selection);
  const Datum& list = *shape.parameters(*selection.table).values.front();
  std::vector<std::string> texts;
  for (const Datum& each : *list.if_is<Datum::Array>()) texts.push_back(each.to_string());
  return texts;
}

TEST(ListOfDocuments, AnArrayInItIsADocument) {
  EXPECT_THAT(elements_for(on(1, "doc", in(array(array(1, "x"), 2, nullptr)))),
              ElementsAre("[1,\"x\"]", "2", "NULL"));
  EXPECT_THAT(elements_for(on(0, "a", in(array(array(1, 2), array(3, 4))))),
              ElementsAre("{1,2}", "{3,4}"));
}

}  // namespace
}  // namespace pgreactor::operators
