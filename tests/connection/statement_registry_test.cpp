#include "src/connection/statement_registry.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pgreactor::connection {
namespace {

TEST(StatementRegistry, TheSameTextIsTheSameEntry) {
  StatementRegistry registry;
  const auto one = registry.find_or_add("SELECT 1");
  EXPECT_EQ(registry.find_or_add(std::string("SELECT 1")), one);
  EXPECT_NE(registry.find_or_add("SELECT 2"), one);
  EXPECT_NE(registry.find_or_add("SELECT 1 "), one);
  EXPECT_EQ(registry.size(), 3u);
}

TEST(StatementRegistry, IdsAndNamesAreNeverUsedAgain) {
  StatementRegistry registry(1);
  const auto one = registry.find_or_add("SELECT 1");
  registry.find_or_add("SELECT 2");
  const auto again = registry.find_or_add("SELECT 1");
  EXPECT_NE(again, one);
  EXPECT_GT(again->id(), one->id());
  EXPECT_NE(again->name(), one->name());
}

TEST(StatementRegistry, TheOneNotUsedForLongestFallsOutAndLivesOnWithItsHolder) {
  StatementRegistry registry(2);
  const auto one = registry.find_or_add("SELECT 1");
  const auto two = registry.find_or_add("SELECT 2");
  registry.find_or_add("SELECT 1");
  registry.find_or_add("SELECT 3");
  EXPECT_EQ(registry.size(), 2u);
  EXPECT_EQ(registry.find_or_add("SELECT 1"), one);
  EXPECT_EQ(two->text(), "SELECT 2");
  EXPECT_NE(registry.find_or_add("SELECT 2"), two);
}

TEST(StatementRegistry, StaysBoundedWhateverIsAsked) {
  StatementRegistry registry(16);
  std::shared_ptr<detail::StatementEntry> last;
  for (int i = 0; i < 10'000; ++i) last = registry.find_or_add("SELECT " + std::to_string(i));
  EXPECT_EQ(registry.size(), 16u);
  EXPECT_EQ(registry.find_or_add("SELECT 9999"), last);
}

TEST(StatementRegistry, GivesIdsThatNoOtherRegistryGives) {
  StatementRegistry one, other;
  EXPECT_NE(one.find_or_add("SELECT 1")->id(), other.find_or_add("SELECT 1")->id());
}

// Requirement: P8
TEST(StatementEntry, ADescriptionAgreesUnlessNamesOrTypesDiffer) {
  Column id;
  id.name = "id";
  id.type = oid::int4;
  const detail::StatementDescription description("pgr_1", {oid::int8}, {id});
  Column text_format = id;
  text_format.format = FormatCode::text;
  EXPECT_TRUE(description.agrees({oid::int8}, {text_format})) << "formats are ours";
  EXPECT_EQ((*description.shape())[0].format, FormatCode::binary);
  Column other_type = id;
  other_type.type = oid::text;
  EXPECT_FALSE(description.agrees({oid::int8}, {other_type}));
  Column other_name = id;
  other_name.name = "key";
  EXPECT_FALSE(description.agrees({oid::int8}, {other_name}));
  EXPECT_FALSE(description.agrees({oid::int8}, {id, id}));
  EXPECT_FALSE(description.agrees({oid::int4}, {id}));
}

}  // namespace
}  // namespace pgreactor::connection
