#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/condition.hpp>
#include <pgreactor/error.hpp>
#include <string>
#include <utility>
#include <vector>

namespace pgreactor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Condition term(int number) { return where("c" + std::to_string(number), number); }

std::vector<std::string> names_in(const Condition& condition) {
  std::vector<std::string> names;
  for (const Condition& part : condition.parts()) names.push_back(part.parts().front().text());
  return names;
}

/// Each alternates with the one around it, so that none is part of a chain.
Condition nested(std::uint32_t levels) {
  Condition condition("c", eq(1));
  for (std::uint32_t level = 0; level < levels; ++level) condition = !std::move(condition);
  return condition;
}

TEST(Condition, AChainOfOrIsOneListInTheOrderInWhichItWasWritten) {
  const Condition left = (term(1) || term(2)) || term(3);
  EXPECT_EQ(left.kind(), Condition::Kind::any);
  EXPECT_THAT(names_in(left), ElementsAre("c1", "c2", "c3"));
  EXPECT_THAT(names_in(term(1) || (term(2) || term(3))), ElementsAre("c1", "c2", "c3"));
  EXPECT_THAT(names_in((term(1) || term(2)) || (term(3) || term(4))),
              ElementsAre("c1", "c2", "c3", "c4"));
}

TEST(Condition, AChainOfAndIsOneListInTheOrderInWhichItWasWritten) {
  const Condition a("a", eq(1));
  const Condition b("b", eq(1));
  const Condition c("c", eq(1));
  for (const Condition& all : {(a && b) && c, a && (b && c)}) {
    std::vector<std::string> names;
    for (const Condition& part : all.parts()) names.push_back(part.text());
    EXPECT_THAT(names, ElementsAre("a", "b", "c"));
  }
}

TEST(Condition, AnAndWithinAnOrStaysApart) {
  const Condition mixed = (term(1) && where("b", 1)) || term(2);
  EXPECT_EQ(mixed.kind(), Condition::Kind::any);
  EXPECT_EQ(mixed.parts().size(), 2u);
  EXPECT_EQ(mixed.parts().front().kind(), Condition::Kind::all);
}

TEST(Condition, AnOrWithWhatHoldsForEveryRowKeepsIt) {
  const Condition any = (term(1) || Condition()) || term(2);
  EXPECT_EQ(any.parts().size(), 3u);
  EXPECT_TRUE(any.parts()[1].is_empty());
}

TEST(Condition, ALongChainIsAsLongAsItsTerms) {
  constexpr int terms = 50'000;
  Condition any = term(0);
  Condition all = term(0);
  Condition backwards = term(0);
  for (int i = 1; i < terms; ++i) {
    any = std::move(any) || term(i);
    all = std::move(all) && term(i);
    if (i < terms / 10) backwards = term(i) || std::move(backwards);
  }
  EXPECT_EQ(any.parts().size(), 50'000u);
  EXPECT_EQ(all.parts().size(), 50'000u);
  EXPECT_EQ(backwards.parts().size(), 5'000u);
  const Condition copy = any;  // and all are destroyed
  EXPECT_EQ(copy.parts().size(), any.parts().size());
}

TEST(Condition, WhatIsNestedTooDeepIsRefusedWhenItIsMade) {
  Condition deepest = nested(Condition::deepest);
  const Condition copy = deepest;
  try {
    deepest = !std::move(deepest);
    ADD_FAILURE() << "one level more was taken";
  } catch (const QueryError& error) {
    EXPECT_THAT(error.what(), HasSubstr("nested too deep: more than 1000 levels"));
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
  }
  EXPECT_THROW(copy || term(1), QueryError);
  EXPECT_THROW(term(1) && copy, QueryError);
  EXPECT_THROW(all_of(copy), QueryError);
  EXPECT_THROW((term(1) || term(2)) || copy, QueryError);
  EXPECT_THROW(copy || (term(1) || term(2)), QueryError);
  EXPECT_NO_THROW(nested(Condition::deepest - 1) || term(1));
}

}  // namespace
}  // namespace pgreactor
