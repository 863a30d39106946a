#include "src/reactor/connect_race.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <utility>
#include <vector>

#include "src/reactor/connecting.hpp"
#include "src/reactor/event_loop.hpp"
#include "src/reactor/listener.hpp"

// RFC 8305, sections 4 and 5
namespace pgreactor::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Endpoint any_port() { return *Endpoint::numeric("127.0.0.1", 0); }

/// A port where nobody listens, and nobody else can: every attempt is refused.
class Refusing {
 public:
  Refusing() : bound_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    EXPECT_EQ(::bind(bound_.get(), any_port().address(), any_port().length()), 0);
  }
  Endpoint endpoint() const { return Endpoint::of_socket(bound_.get()); }

 private:
  FileDescriptor bound_;
};

/// A port whose backlog is full: attempts are not answered at all.
class Silent {
 public:
  explicit Silent(Reactor& reactor) : listener_(reactor.event_loop(), any_port(), {}, 0) {
    constexpr int most_waiting = 16;
    for (int i = 0; i < most_waiting && !is_full_; ++i) {
      waiting_.push_back(open_socket(endpoint(), {}));
      start_connecting(waiting_.back().get(), endpoint());
      pollfd watched{waiting_.back().get(), POLLOUT, 0};
      is_full_ = ::poll(&watched, 1, 20) == 0;
    }
    EXPECT_TRUE(is_full_) << "the backlog has no end";
  }
  const Endpoint& endpoint() const { return listener_.endpoint(); }

 private:
  Listener listener_;
  std::vector<FileDescriptor> waiting_;
  bool is_full_ = false;
};

std::vector<std::string> texts(const std::vector<Endpoint>& endpoints) {
  std::vector<std::string> list;
  for (const Endpoint& endpoint : endpoints) list.push_back(endpoint.text());
  return list;
}

int open_descriptors() {
  int count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

/// Where it leads, or why nowhere.
std::string taken(Reactor& reactor, std::vector<Endpoint>& candidates,
                  std::chrono::milliseconds delay) {
  const auto race = [&]() -> Task<std::string> {
    auto attempt = co_await as_attempt(connect_first(candidates, {}, delay));
    if (!attempt) co_return attempt.error().what();
    EXPECT_NE(attempt.value().stream, nullptr);
    co_return attempt.value().endpoint.text();
  };
  return reactor.run(with_timeout(30s, race()));
}

TEST(ConnectRace, FamiliesAlternateAndTheFavouriteComesFirst) {
  const auto endpoints = [](const std::vector<const char*>& hosts) {
    std::vector<Endpoint> list;
    for (const char* host : hosts) list.push_back(*Endpoint::numeric(host, 1));
    return list;
  };
  EXPECT_THAT(texts(interleaved(endpoints({"::1", "::2", "::3", "1.1.1.1", "1.1.1.2"}))),
              ElementsAre("[::1]:1", "1.1.1.1:1", "[::2]:1", "1.1.1.2:1", "[::3]:1"));
  EXPECT_THAT(texts(interleaved(endpoints({"1.1.1.1", "::1", "::2"}))),
              ElementsAre("1.1.1.1:1", "[::1]:1", "[::2]:1"));
  EXPECT_TRUE(interleaved({}).empty());
}

TEST(ConnectRace, OneThatAnswersKeepsTheOthersFromBeingAsked) {
  Reactor reactor;
  const Listener first(reactor.event_loop(), any_port());
  Listener second(reactor.event_loop(), any_port());
  std::vector<Endpoint> candidates{first.endpoint(), second.endpoint()};
  EXPECT_EQ(taken(reactor, candidates, 1h), first.endpoint().text());
  EXPECT_THAT(texts(candidates), ElementsAre(second.endpoint().text()));
  EXPECT_THROW(reactor.run(with_timeout(0ns, second.accept())), TimeoutError) << "it was asked";
}

TEST(ConnectRace, OneThatIsRefusedLetsTheNextBeginAtOnce) {
  Reactor reactor;
  const Refusing refusing, another;
  const Listener answering(reactor.event_loop(), any_port());
  std::vector<Endpoint> candidates{refusing.endpoint(), another.endpoint(), answering.endpoint()};
  EXPECT_EQ(taken(reactor, candidates, 1h), answering.endpoint().text());
  EXPECT_TRUE(candidates.empty());
}

TEST(ConnectRace, OneThatDoesNotAnswerCostsTheDelayAndIsStillToBeTried) {
  Reactor reactor;
  const Silent silent(reactor);
  const Listener answering(reactor.event_loop(), any_port());
  std::vector<Endpoint> candidates{silent.endpoint(), silent.endpoint(), answering.endpoint()};
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(taken(reactor, candidates, 10ms), answering.endpoint().text());
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 20ms);
  EXPECT_THAT(texts(candidates), ElementsAre(silent.endpoint().text(), silent.endpoint().text()));
}

TEST(ConnectRace, WhereAllFailTheFirstSaysWhy) {
  Reactor reactor;
  const Refusing first, second;
  std::vector<Endpoint> candidates{first.endpoint(), second.endpoint()};
  EXPECT_EQ(taken(reactor, candidates, 1h),
            "connecting to " + first.endpoint().text() + ": Connection refused");
  EXPECT_TRUE(candidates.empty());
}

TEST(ConnectRace, AStopEndsItAndClosesAllThatRuns) {
  Reactor reactor;
  const Silent silent(reactor);
  std::vector<Endpoint> candidates(5, silent.endpoint());
  const int descriptors = open_descriptors();
  const auto race = [&]() -> Task<std::string> {
    const auto attempt =
        co_await as_attempt(with_timeout(20ms, connect_first(candidates, {}, 1ms)));
    co_return attempt ? "connected" : attempt.error().what();
  };
  EXPECT_EQ(reactor.run(race()),
            "after 20 ms: connecting to " + silent.endpoint().text() + ": a stop was requested");
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST(ConnectRace, TheLosersAreClosed) {
  Reactor reactor;
  const Silent silent(reactor);
  const Listener answering(reactor.event_loop(), any_port());
  const int descriptors = open_descriptors();
  std::vector<Endpoint> candidates{silent.endpoint(), silent.endpoint(), answering.endpoint()};
  const auto race = [&]() -> Task<int> {
    const Connected connected = co_await connect_first(candidates, {}, 1ms);
    co_return open_descriptors();
  };
  EXPECT_EQ(reactor.run(with_timeout(30s, race())), descriptors + 1);
}

TEST(ConnectRace, DestroyedInTheMiddleItLeaksNothing) {
  const int descriptors = open_descriptors();
  for (int turns = 0; turns < 5; ++turns) {
    Reactor reactor;
    const Silent silent(reactor);
    const auto race = [](Endpoint endpoint) -> Task<void> {
      std::vector<Endpoint> candidates(3, endpoint);
      co_await connect_first(candidates, {}, 0ms);
    };
    reactor.spawn(race(silent.endpoint()));
    const auto wait = [](int left) -> Task<void> {
      for (; left > 0; --left) co_await sleep_for(0ns);
    };
    reactor.run(wait(turns));
  }
  EXPECT_EQ(open_descriptors(), descriptors);
}

}  // namespace
}  // namespace pgreactor::net
