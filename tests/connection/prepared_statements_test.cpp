#include "src/connection/prepared_statements.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pgreactor::connection {
namespace {

using State = PreparedStatements::State;
using detail::StatementEntry;

StatementEntry entry(std::uint64_t id) { return {id, "SELECT " + std::to_string(id), id}; }

void prepare(PreparedStatements& statements, const StatementEntry& one) {
  statements.add(one);
  statements.set_prepared(one, one.description());
}

TEST(PreparedStatements, OneIsAbsentThenPreparingThenPrepared) {
  PreparedStatements statements(4);
  const StatementEntry one = entry(1);
  EXPECT_EQ(statements.use(one), State::absent);
  statements.add(one);
  EXPECT_EQ(statements.use(one), State::preparing);
  statements.set_prepared(one, one.description());
  EXPECT_EQ(statements.use(one), State::prepared);
  EXPECT_EQ(statements.use(one), State::prepared) << "by the short way of the one used last";
  statements.remove(one);
  EXPECT_EQ(statements.use(one), State::absent);
}

TEST(PreparedStatements, TheOneNotUsedForLongestGoesFirst) {
  PreparedStatements statements(2);
  const StatementEntry one = entry(1), two = entry(2), three = entry(3);
  prepare(statements, one);
  EXPECT_EQ(statements.next_to_go(), nullptr) << "there is room";
  prepare(statements, two);
  EXPECT_EQ(statements.use(one), State::prepared);
  ASSERT_NE(statements.next_to_go(), nullptr);
  EXPECT_EQ(*statements.next_to_go(), two.name());
  prepare(statements, three);
  EXPECT_EQ(statements.use(two), State::absent);
  EXPECT_EQ(statements.use(one), State::prepared);
  EXPECT_EQ(statements.use(three), State::prepared);
  EXPECT_EQ(statements.size(), 2u);
}

TEST(PreparedStatements, ManyUsesOfOneInARowCountForTheOrder) {
  PreparedStatements statements(2);
  const StatementEntry one = entry(1), two = entry(2);
  prepare(statements, one);
  prepare(statements, two);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(statements.use(one), State::prepared);
  EXPECT_EQ(*statements.next_to_go(), two.name());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(statements.use(two), State::prepared);
  EXPECT_EQ(*statements.next_to_go(), one.name());
}

TEST(PreparedStatements, OneThatIsBeingPreparedNeverGoes) {
  PreparedStatements statements(2);
  const StatementEntry one = entry(1), two = entry(2), three = entry(3);
  statements.add(one);
  statements.add(two);
  EXPECT_EQ(statements.next_to_go(), nullptr);
  statements.add(three);
  EXPECT_EQ(statements.size(), 3u) << "rather exceed the capacity";
  EXPECT_EQ(statements.use(one), State::preparing);
}

TEST(PreparedStatements, RemovingOrSettlingWhatIsNotThereDoesNothing) {
  PreparedStatements statements(2);
  statements.remove(entry(1));
  statements.set_prepared(entry(1), nullptr);
  EXPECT_EQ(statements.size(), 0u);
}

TEST(PreparedStatements, ACapacityOfNothingHoldsOne) {
  PreparedStatements statements(0);
  const StatementEntry one = entry(1), two = entry(2);
  prepare(statements, one);
  EXPECT_EQ(*statements.next_to_go(), one.name());
  prepare(statements, two);
  EXPECT_EQ(statements.size(), 1u);
}

TEST(PreparedStatements, OneThatIsDescribedOtherwiseByNowIsOutdated) {
  PreparedStatements statements(4);
  detail::StatementEntry one(1, "SELECT 1", 0);
  one.describe(std::make_shared<const detail::StatementDescription>("pgr_1", std::vector<Oid>{},
                                                                    std::vector<Column>{}));
  statements.add(one);
  statements.set_prepared(one, one.description());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(statements.use(one), PreparedStatements::State::prepared);
  one.describe(std::make_shared<const detail::StatementDescription>(
      "pgr_1", std::vector<Oid>{oid::int8}, std::vector<Column>{}));
  EXPECT_EQ(statements.use(one), PreparedStatements::State::outdated);
  one.describe(nullptr);
  EXPECT_EQ(statements.use(one), PreparedStatements::State::outdated);
}

}  // namespace
}  // namespace pgreactor::connection
