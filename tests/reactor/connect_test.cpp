#include "src/reactor/connect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "src/reactor/event_loop.hpp"
#include "src/reactor/listener.hpp"
#include "src/reactor/stream_wait.hpp"

namespace pgreactor::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string path = std::filesystem::temp_directory_path() / "pgreactor-test-XXXXXX";
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    path_ = path;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string file(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

int open_files() {
  int count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

Task<std::string> greet(Listener& listener) {
  auto [client, server] =
      co_await when_all(connect_stream(listener.endpoint(), {}), listener.accept());
  server->send(as_bytes("hello"));
  co_await wait_readable(*client);
  std::array<std::byte, 16> block;
  co_return std::string(as_text(Bytes(block).first(client->receive(block).bytes)));
}

TEST(Connect, OverTcpOnBothFamilies) {
  Reactor reactor;
  for (const char* host : {"127.0.0.1", "::1"}) {
    std::unique_ptr<Listener> listener;
    try {
      listener = std::make_unique<Listener>(reactor.event_loop(), *Endpoint::numeric(host, 0));
    } catch (const ConnectionError& error) {
      if (std::string(host) == "::1") GTEST_SKIP() << "no IPv6 here: " << error.what();
      throw;
    }
    EXPECT_NE(listener->endpoint().port(), 0);
    EXPECT_EQ(reactor.run(greet(*listener)), "hello");
  }
}

TEST(Connect, OverAUnixSocketWhosePathGoesWithItsListener) {
  Reactor reactor;
  TemporaryFolder folder;
  const std::string path = folder.file(".s.PGSQL.5432");
  {
    Listener listener(reactor.event_loop(), Endpoint::unix_socket(path));
    EXPECT_EQ(listener.endpoint().text(), path);
    EXPECT_EQ(reactor.run(greet(listener)), "hello");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Connect, OverAnAbstractUnixSocket) {
  Reactor reactor;
  const std::string name = "@pgreactor-test-" + std::to_string(::getpid());
  Listener listener(reactor.event_loop(), Endpoint::unix_socket(name));
  EXPECT_EQ(listener.endpoint().text(), name);
  EXPECT_EQ(reactor.run(greet(listener)), "hello");
}

// What connecting to `endpoint` comes to.
std::string connect_failure(const Endpoint& endpoint) {
  Reactor reactor;
  const auto attempt_to = [&]() -> Task<std::string> {
    const auto attempt = co_await as_attempt(connect_stream(endpoint, {}));
    if (attempt) co_return "connected";
    EXPECT_NE(dynamic_cast<const ConnectionError*>(&attempt.error()), nullptr);
    EXPECT_EQ(attempt.error().outcome(), Outcome::not_sent);
    co_return attempt.error().what();
  };
  return reactor.run(attempt_to());
}

TEST(Connect, ARefusalNamesTheAddress) {
  Reactor reactor;
  // Bound and not listening: nobody else can get the port meanwhile.
  FileDescriptor bound(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Endpoint any = *Endpoint::numeric("127.0.0.1", 0);
  ASSERT_EQ(::bind(bound.get(), any.address(), any.length()), 0);
  const Endpoint endpoint = Endpoint::of_socket(bound.get());
  EXPECT_EQ(connect_failure(endpoint),
            "connecting to 127.0.0.1:" + std::to_string(endpoint.port()) + ": Connection refused");
}

TEST(Connect, AMissingPathIsNamed) {
  TemporaryFolder folder;
  const std::string path = folder.file("nobody");
  EXPECT_EQ(connect_failure(Endpoint::unix_socket(path)),
            "connecting to " + path + ": No such file or directory");
}

TEST(Connect, WithoutDescriptorsItFailsAndNothingElse) {
  Reactor reactor;
  Listener listener(reactor.event_loop(), *Endpoint::numeric("127.0.0.1", 0));
  const auto attempt_to = [&]() -> Task<std::string> {
    rlimit old{};
    ::getrlimit(RLIMIT_NOFILE, &old);
    const rlimit none{0, old.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto attempt = co_await as_attempt(connect_stream(listener.endpoint(), {}));
    ::setrlimit(RLIMIT_NOFILE, &old);
    co_return attempt ? "connected" : attempt.error().what();
  };
  EXPECT_THAT(reactor.run(attempt_to()), HasSubstr("Too many open files"));
  EXPECT_EQ(reactor.run(greet(listener)), "hello");
}

TEST(Connect, AFullBacklogIsWaitedForUntilThereIsRoom) {
  Reactor reactor;
  TemporaryFolder folder;
  Listener listener(reactor.event_loop(), Endpoint::unix_socket(folder.file("socket")), {}, 0);
  const auto fill_then_accept = [&]() -> Task<void> {
    std::vector<std::unique_ptr<Stream>> waiting;
    const auto one_more = [&]() -> Task<bool> {
      co_return static_cast<bool>(
          co_await as_attempt(with_timeout(20ms, connect_stream(listener.endpoint(), {}))));
    };
    waiting.push_back(co_await connect_stream(listener.endpoint(), {}));
    EXPECT_FALSE(co_await one_more()) << "the backlog was not full";

    const auto accept_late = [&]() -> Task<void> {
      co_await sleep_for(5ms);
      co_await listener.accept();
    };
    auto connected = co_await when_all(connect_stream(listener.endpoint(), {}), accept_late());
    EXPECT_NE(std::get<0>(connected), nullptr);
  };
  reactor.run(with_timeout(30s, fill_then_accept()));
}

TEST(Connect, AStopEndsItAndNamesTheAddress) {
  Reactor reactor;
  TemporaryFolder folder;
  Listener listener(reactor.event_loop(), Endpoint::unix_socket(folder.file("socket")), {}, 0);
  const auto first = reactor.run(connect_stream(listener.endpoint(), {}));
  const int descriptors = open_files();
  const auto attempt_to = [&]() -> Task<std::string> {
    const auto attempt =
        co_await as_attempt(with_timeout(5ms, connect_stream(listener.endpoint(), {})));
    co_return attempt ? "connected" : attempt.error().what();
  };
  EXPECT_EQ(reactor.run(attempt_to()),
            "after 5 ms: connecting to " + listener.endpoint().text() + ": a stop was requested");
  EXPECT_EQ(open_files(), descriptors);
}

TEST(Connect, DestroyedInTheMiddleItLeaksNothing) {
  TemporaryFolder folder;
  const int descriptors = open_files();
  for (int turns = 0; turns < 5; ++turns) {
    Reactor reactor;
    Listener path(reactor.event_loop(), Endpoint::unix_socket(folder.file("socket")), {}, 0);
    Listener port(reactor.event_loop(), *Endpoint::numeric("127.0.0.1", 0), {}, 0);
    const auto connect_to = [](Endpoint endpoint) -> Task<void> {
      co_await connect_stream(endpoint, {});
      co_await sleep_for(1h);
    };
    for (int i = 0; i < 3; ++i) {
      reactor.spawn(connect_to(path.endpoint()));
      reactor.spawn(connect_to(port.endpoint()));
    }
    const auto wait = [](int left) -> Task<void> {
      for (; left > 0; --left) co_await sleep_for(0ns);
    };
    reactor.run(wait(turns));
  }
  EXPECT_EQ(open_files(), descriptors);
}

TEST(Listener, AnAddressInUseIsNamed) {
  Reactor reactor;
  TemporaryFolder folder;
  const Endpoint endpoint = Endpoint::unix_socket(folder.file("socket"));
  Listener first(reactor.event_loop(), endpoint);
  try {
    Listener second(reactor.event_loop(), endpoint);
    FAIL() << "two listeners on one path";
  } catch (const ConnectionError& error) {
    EXPECT_EQ(error.what(), "listening on " + endpoint.text() + ": Address already in use");
  }
  EXPECT_TRUE(std::filesystem::exists(endpoint.text())) << "it removed the other's path";
}

// A connection that cannot be accepted leaves the listening socket readable: a loop that polls it
// all the same would turn without end.
TEST(Listener, OutOfDescriptorsItSleepsAndThenAccepts) {
  Reactor reactor;
  Listener listener(reactor.event_loop(), *Endpoint::numeric("127.0.0.1", 0));
  const auto starve = [&]() -> Task<void> {
    const auto client = co_await connect_stream(listener.endpoint(), {});
    rlimit old{};
    ::getrlimit(RLIMIT_NOFILE, &old);
    const rlimit none{0, old.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const std::uint64_t turns_before = reactor.event_loop().sends();
    const auto starved = co_await as_attempt(with_timeout(200ms, listener.accept()));
    const std::uint64_t turns = reactor.event_loop().sends() - turns_before;
    ::setrlimit(RLIMIT_NOFILE, &old);
    EXPECT_FALSE(starved);
    EXPECT_LT(turns, 30U);
    EXPECT_NE(co_await listener.accept(), nullptr) << "the connection was lost";
  };
  reactor.run(with_timeout(30s, starve()));
}

TEST(Endpoint, PrintsAsPeopleWriteIt) {
  EXPECT_EQ(Endpoint::numeric("127.0.0.1", 5432)->text(), "127.0.0.1:5432");
  EXPECT_EQ(Endpoint::numeric("::1", 65535)->text(), "[::1]:65535");
  EXPECT_EQ(Endpoint::unix_socket("/run/postgresql/.s.PGSQL.5432").text(),
            "/run/postgresql/.s.PGSQL.5432");
  EXPECT_EQ(Endpoint::unix_socket("@abstract").text(), "@abstract");
}

TEST(Endpoint, ANameIsNoNumericAddress) {
  EXPECT_FALSE(Endpoint::numeric("localhost", 5432));
  EXPECT_FALSE(Endpoint::numeric("1.2.3.4.example", 5432));
  EXPECT_FALSE(Endpoint::numeric("::1::", 5432));
}

TEST(Endpoint, APathTheKernelCannotHoldIsRefused) {
  const std::string longest = "/" + std::string(106, 'a');
  EXPECT_EQ(Endpoint::unix_socket(longest).text(), longest);
  EXPECT_THROW(Endpoint::unix_socket(longest + "a"), ConnectionError);
  EXPECT_THROW(Endpoint::unix_socket(""), ConnectionError);
  EXPECT_THROW(Endpoint::unix_socket("@"), ConnectionError);
  EXPECT_THROW(Endpoint::unix_socket(std::string_view("/a\0b", 4)), ConnectionError);
}

}  // namespace
}  // namespace pgreactor::net
