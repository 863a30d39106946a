#include "src/reactor/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "src/reactor/lookup_slots.hpp"

namespace pgreactor::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

std::string only_text(const std::vector<Endpoint>& endpoints) {
  return endpoints.size() == 1 ? endpoints.front().text() : "not one address";
}

TEST(Resolver, ANumericAddressIsTakenAsItIs) {
  Reactor reactor;
  EXPECT_EQ(only_text(reactor.run(resolve("192.0.2.7", 5432))), "192.0.2.7:5432");
  EXPECT_EQ(only_text(reactor.run(resolve("2001:db8::7", 1))), "[2001:db8::7]:1");
}

TEST(Resolver, LocalhostIsThisMachine) {
  Reactor reactor;
  const auto endpoints = reactor.run(resolve("localhost", 5432));
  ASSERT_FALSE(endpoints.empty());
  for (const Endpoint& endpoint : endpoints)
    EXPECT_THAT(endpoint.text(), testing::AnyOf("[::1]:5432", HasSubstr("127.")));
}

std::string failure_of(std::string host) {
  Reactor reactor;
  try {
    reactor.run(resolve(std::move(host), 5432));
  } catch (const ConnectionError& error) {
    EXPECT_EQ(error.outcome(), Outcome::not_sent);
    return error.what();
  }
  return "resolved";
}

TEST(Resolver, ANameThatDoesNotExistIsNamed) {
  // RFC 6761 keeps .invalid from ever existing.
  EXPECT_THAT(failure_of("no-such-host.invalid"), StartsWith("resolving no-such-host.invalid: "));
}

TEST(Resolver, ANameThatCannotExistIsRefused) {
  EXPECT_THAT(failure_of(std::string(300, 'a')), HasSubstr("resolving aaaa"));
  EXPECT_THAT(failure_of(""), HasSubstr("empty"));
  EXPECT_THAT(failure_of(std::string("local\0host", 10)), HasSubstr("zero byte"));
}

TEST(Resolver, AStopAbandonsTheLookup) {
  Reactor reactor;
  std::stop_source stop;
  const auto lookup = [&]() -> Task<void> {
    stop.request_stop();
    co_await resolve("localhost", 5432);
  };
  EXPECT_THROW(reactor.run(lookup(), stop.get_token()), CancelledError);

  // Under way: more than there are slots, all abandoned in the turn they were begun in.
  const auto at_once = [&]() -> Task<void> {
    std::vector<Task<std::vector<Endpoint>>> lookups;
    lookups.reserve(10);
    for (int i = 0; i < 10; ++i) lookups.push_back(resolve("localhost", 5432));
    co_await when_any(when_all(std::move(lookups)), sleep_for(0ns));
  };
  for (int i = 0; i < 20; ++i) reactor.run(at_once());
  EXPECT_FALSE(reactor.run(resolve("localhost", 5432)).empty()) << "a slot was lost";
}

TEST(Resolver, DestroyedInTheMiddleTheLookupEndsByItself) {
  for (int i = 0; i < 20; ++i) {
    Reactor reactor;
    const auto lookup = []() -> Task<void> { co_await resolve("localhost", 5432); };
    for (int k = 0; k < 5; ++k) reactor.spawn(lookup());
    reactor.run([]() -> Task<void> { co_return; }());
  }
}

class RecordedWaiter final : public LookupWaiter {
 public:
  void on_slot() noexcept override { has_slot = true; }
  bool has_slot = false;
};

TEST(LookupSlots, AreHandedOutInOrderAndNeverBeyondTheirNumber) {
  LookupSlots slots;
  std::vector<RecordedWaiter> waiters(5);
  for (RecordedWaiter& waiter : waiters) slots.acquire(waiter);
  EXPECT_TRUE(waiters[0].has_slot && waiters[1].has_slot);
  EXPECT_FALSE(waiters[2].has_slot);
  waiters[2].unlink();  // gave up
  slots.release();
  EXPECT_FALSE(waiters[2].has_slot);
  EXPECT_TRUE(waiters[3].has_slot);
  EXPECT_FALSE(waiters[4].has_slot);
}

}  // namespace
}  // namespace pgreactor::net
