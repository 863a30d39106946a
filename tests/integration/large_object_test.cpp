#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <pgreactor/pgreactor.hpp>
#include <vector>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

class LargeObjects : public DatabaseTest {};

std::vector<std::byte> pattern(std::size_t size, unsigned seed) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>((i * 7 + seed + i / 251) & 0xff);
  return bytes;
}

TEST_F(LargeObjects, AreReadAndWrittenAtAnyPlace) {
  run([](DBConnector& db) -> Task<void> {
    LargeObject object = co_await LargeObject::create(db);
    EXPECT_NE(object.id(), 0u);
    EXPECT_EQ(co_await object.size(), 0u);
    const auto large = pattern(3'000'000, 1);
    co_await object.write(0, large);
    EXPECT_EQ(co_await object.size(), large.size());
    EXPECT_EQ(co_await object.read(0, large.size() + 10), large);
    co_await object.write(1'000'000, pattern(10, 77));
    EXPECT_EQ(co_await object.read(1'000'000, 10), pattern(10, 77));
    EXPECT_EQ(co_await object.read(4'000'000, 10), std::vector<std::byte>());
    EXPECT_EQ(co_await object.read(5, 0), std::vector<std::byte>());
    co_await object.write(3'000'002, pattern(1, 9));
    EXPECT_EQ(co_await object.read(3'000'000, 2), std::vector<std::byte>(2));
    co_await object.remove();
    const auto gone = co_await as_attempt(object.read(0, 1));
    EXPECT_EQ(error_of<QueryError>(gone).sqlstate(), "42704");
  });
}

TEST_F(LargeObjects, AreCutAndExtended) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.transaction([](Transaction& tx) -> Task<void> {
      LargeObject object = co_await LargeObject::create(tx);
      co_await object.write(0, pattern(100, 1));
      co_await object.truncate(10);
      EXPECT_EQ(co_await object.size(), 10u);
      co_await object.truncate(12);
      EXPECT_EQ(co_await object.read(10, 5), std::vector<std::byte>(2));
      co_await object.remove();
    });
  });
}

TEST_F(LargeObjects, BelongToTheirTransaction) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    const LargeObject object = co_await LargeObject::create(tx);
    co_await tx.rollback();
    const auto gone = co_await as_attempt(LargeObject(db, object.id()).size());
    EXPECT_EQ(error_of<QueryError>(gone).sqlstate(), "42704");
  });
}

TEST_F(LargeObjects, WhatCannotBeIsRefusedBeforeItIsSent) {
  run([](DBConnector& db) -> Task<void> {
    LargeObject object(db, 1);
    const auto far = co_await as_attempt(object.read((std::uint64_t{4} << 40) + 1, 1));
    EXPECT_EQ(error_of<QueryError>(far).outcome(), Outcome::not_sent);
    const auto much = co_await as_attempt(object.read(0, LargeObject::most_at_once + 1));
    EXPECT_EQ(error_of<QueryError>(much).outcome(), Outcome::not_sent);
    const auto negative = co_await as_attempt(object.truncate(~std::uint64_t{0}));
    EXPECT_EQ(error_of<QueryError>(negative).outcome(), Outcome::not_sent);
  });
}

}  // namespace
}  // namespace pgreactor::integration
