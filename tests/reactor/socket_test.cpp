#include "src/reactor/socket.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/values/byte_buffer.hpp>
#include <string>
#include <utility>
#include <vector>

#include "src/reactor/event_loop.hpp"
#include "src/reactor/listener.hpp"
#include "src/reactor/socket_options.hpp"
#include "src/reactor/stream_wait.hpp"
#include "tests/support/in_child.hpp"

namespace {
int epoll_ctl_calls = 0;
}  // namespace

// Stands before the C library's, so that libuv's calls are counted too.
extern "C" __attribute__((visibility("default"))) int epoll_ctl(int epoll, int operation,
                                                                int descriptor,
                                                                struct epoll_event* event) {
  ++epoll_ctl_calls;
  return static_cast<int>(::syscall(SYS_epoll_ctl, epoll, operation, descriptor, event));
}

namespace pgreactor::net {
namespace {

using namespace std::chrono_literals;

class SocketPair {
 public:
  explicit SocketPair(Reactor& reactor, const SocketOptions& options = {}) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    for (const int end : ends) apply(options, end, AF_UNIX);
    ours = std::make_unique<Socket>(reactor.event_loop(), FileDescriptor(ends[0]));
    theirs = std::make_unique<Socket>(reactor.event_loop(), FileDescriptor(ends[1]));
  }
  std::unique_ptr<Socket> ours, theirs;
};

std::string receive_text(Stream& stream) {
  std::array<std::byte, 256> block;
  const IoResult result = stream.receive(block);
  EXPECT_EQ(result.status, IoStatus::done) << result.error;
  return std::string(as_text(Bytes(block).first(result.bytes)));
}

TEST(Socket, WhatIsSentArrives) {
  Reactor reactor;
  SocketPair pair(reactor);
  const auto talk = [&]() -> Task<std::string> {
    EXPECT_EQ(pair.ours->send(as_bytes("hello")).bytes, 5u);
    co_await wait_readable(*pair.theirs);
    co_return receive_text(*pair.theirs);
  };
  EXPECT_EQ(reactor.run(talk()), "hello");
}

TEST(Socket, InAForkedChildMovesNoByteOfItsParents) {
  using testing_support::require;
  Reactor reactor;
  SocketPair pair(reactor);
  EXPECT_EQ(pair.theirs->send(as_bytes("waits")).bytes, 5u);
  testing_support::Child child([&] {
    std::array<std::byte, 8> block{};
    require(pair.ours->send(as_bytes("x")).error == ESTALE, "send");
    require(pair.ours->receive(block).error == ESTALE, "receive");
    pair.ours.reset();
  });
  EXPECT_TRUE(child.succeeded());
  std::array<std::byte, 8> nothing{};
  EXPECT_EQ(pair.theirs->receive(nothing).status, IoStatus::would_block);
  const auto still_watched = [&]() -> Task<std::string> {
    co_await wait_readable(*pair.ours);
    co_return receive_text(*pair.ours);
  };
  EXPECT_EQ(reactor.run(still_watched()), "waits");
}

TEST(Socket, WithNothingToReadReceivingWouldBlock) {
  Reactor reactor;
  SocketPair pair(reactor);
  std::array<std::byte, 8> block;
  EXPECT_EQ(pair.ours->receive(block).status, IoStatus::would_block);
}

TEST(Socket, TheEndOfTheStreamComesAfterTheBytesBeforeIt) {
  Reactor reactor;
  SocketPair pair(reactor);
  pair.theirs->send(as_bytes("last words"));
  pair.theirs->close();
  EXPECT_EQ(receive_text(*pair.ours), "last words");
  std::array<std::byte, 8> block;
  EXPECT_EQ(pair.ours->receive(block).status, IoStatus::end_of_stream);
}

TEST(Socket, SendingToAClosedPeerFailsWithoutASignal) {
  Reactor reactor;
  SocketPair pair(reactor);
  pair.theirs->close();
  const IoResult result = pair.ours->send(as_bytes("x"));
  EXPECT_EQ(result.status, IoStatus::failed);
  EXPECT_EQ(result.error, EPIPE);
}

TEST(Socket, OnceClosedItHasNoDescriptorAndEveryCallFails) {
  Reactor reactor;
  SocketPair pair(reactor);
  const int descriptor = pair.ours->descriptor();
  pair.ours->close();
  pair.ours->close();
  EXPECT_EQ(pair.ours->descriptor(), -1);
  EXPECT_EQ(::fcntl(descriptor, F_GETFD), -1) << "the descriptor is still open";
  std::array<std::byte, 8> block;
  EXPECT_EQ(pair.ours->receive(block).error, EBADF);
  EXPECT_EQ(pair.ours->send(as_bytes("x")).error, EBADF);
}

class CountingListener final : public StreamListener {
 public:
  void on_readable() noexcept override { ++readable; }
  void on_writable() noexcept override { ++writable; }
  int readable = 0, writable = 0;
};

Task<void> turns(int count) {
  for (; count > 0; --count) co_await sleep_for(0ns);
}

TEST(Socket, WatchingTheSameAgainMakesNoSystemCall) {
  Reactor reactor;
  SocketPair pair(reactor);
  CountingListener first, second;
  pair.ours->watch(&first, true, false);
  reactor.run(turns(2));
  const int before = epoll_ctl_calls;
  EXPECT_GT(before, 0);
  for (int i = 0; i < 10; ++i) {
    pair.ours->watch(i % 2 == 0 ? &second : &first, true, false);
    reactor.run(turns(2));
  }
  EXPECT_EQ(epoll_ctl_calls, before);

  pair.theirs->send(as_bytes("x"));
  reactor.run(turns(1));
  EXPECT_GT(first.readable, 0) << "the listener given last is the one that is told";
  EXPECT_EQ(second.readable, 0);
}

TEST(Socket, ReportsOnlyWhatIsWatched) {
  Reactor reactor;
  SocketPair pair(reactor);
  CountingListener listener;
  pair.theirs->send(as_bytes("x"));
  pair.ours->watch(&listener, false, true);
  reactor.run(turns(2));
  EXPECT_EQ(listener.readable, 0);
  EXPECT_GT(listener.writable, 0);
  pair.ours->watch(nullptr, false, false);
  const int writable = listener.writable;
  reactor.run(turns(2));
  EXPECT_EQ(listener.writable, writable);
}

class DestroyingListener final : public StreamListener {
 public:
  explicit DestroyingListener(std::unique_ptr<Socket>& victim) : victim_(victim) {}
  void on_readable() noexcept override { victim_.reset(); }
  void on_writable() noexcept override { told_after = true; }
  bool told_after = false;

 private:
  std::unique_ptr<Socket>& victim_;
};

TEST(Socket, TheListenerMayDestroyItWhileItIsTold) {
  Reactor reactor;
  SocketPair pair(reactor);
  DestroyingListener listener(pair.ours);
  pair.theirs->send(as_bytes("x"));
  pair.ours->watch(&listener, true, true);
  const auto wait = [&]() -> Task<void> {
    while (pair.ours) co_await sleep_for(0ns);
  };
  reactor.run(wait());
  EXPECT_FALSE(listener.told_after);
}

TEST(Socket, MayEndBeforeTheTurnThatWouldHaveReported) {
  Reactor reactor;
  SocketPair pair(reactor);
  CountingListener listener;
  pair.theirs->send(as_bytes("x"));
  pair.ours->watch(&listener, true, true);
  pair.ours.reset();
  reactor.run(turns(3));
  EXPECT_EQ(listener.readable + listener.writable, 0);
}

// Sends a lot and receives a lot at once. Whoever stops reading while it cannot write hangs here.
class Exchange final : public StreamListener {
 public:
  Exchange(Stream& stream, std::size_t to_send, std::size_t to_receive)
      : stream_(stream), left_to_send_(to_send), left_to_receive_(to_receive) {
    stream_.watch(this, true, true);
  }
  bool done() const { return left_to_send_ == 0 && left_to_receive_ == 0; }
  int times_blocked = 0;

 private:
  void on_readable() noexcept override {
    const IoResult result = stream_.receive(block_);
    if (result.status == IoStatus::done) left_to_receive_ -= result.bytes;
  }
  void on_writable() noexcept override {
    while (left_to_send_ > 0) {
      const auto piece = Bytes(block_).first(std::min(left_to_send_, block_.size()));
      const IoResult result = stream_.send(piece);
      if (result.status == IoStatus::would_block) ++times_blocked;
      if (result.status != IoStatus::done) return;
      left_to_send_ -= result.bytes;
    }
    stream_.watch(this, true, false);
  }

  Stream& stream_;
  std::size_t left_to_send_, left_to_receive_;
  std::array<std::byte, 8192> block_{};
};

// Requirement: P10
TEST(Socket, BothBuffersFullIsNoDeadLock) {
  Reactor reactor;
  SocketOptions tiny;
  tiny.send_buffer = tiny.receive_buffer = 1;  // the kernel makes its least of it, a few KiB
  SocketPair pair(reactor, tiny);
  constexpr std::size_t size = 1'000'000;
  Exchange ours(*pair.ours, size, size), theirs(*pair.theirs, size, size);
  const auto wait = [&]() -> Task<void> {
    while (!ours.done() || !theirs.done()) co_await sleep_for(0ns);
  };
  reactor.run(with_timeout(30s, wait()));
  EXPECT_GT(ours.times_blocked, 0) << "the buffers were never full";
}

struct TcpPair {
  std::unique_ptr<Stream> ours, theirs;
};

int option(int descriptor, int level, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  EXPECT_EQ(::getsockopt(descriptor, level, name, &value, &size), 0);
  return value;
}

int option(const Stream& stream, int level, int name) {
  return option(stream.descriptor(), level, name);
}

Task<TcpPair> tcp_pair(Reactor& reactor) {
  Listener listener(reactor.event_loop(), *Endpoint::numeric("127.0.0.1", 0));
  FileDescriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  EXPECT_TRUE(
      ::connect(client.get(), listener.endpoint().address(), listener.endpoint().length()) == 0 ||
      errno == EINPROGRESS);
  TcpPair pair;
  pair.ours = co_await listener.accept();
  pair.theirs = std::make_unique<Socket>(reactor.event_loop(), std::move(client));
  co_await wait_writable(*pair.theirs);
  co_return pair;
}

// Requirement: P17
TEST(Socket, OverTcpADeadPeerIsNoticed) {
  Reactor reactor;
  const TcpPair pair = reactor.run(tcp_pair(reactor));
  EXPECT_EQ(option(*pair.ours, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option(*pair.ours, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(*pair.ours, IPPROTO_TCP, TCP_KEEPIDLE), 15);
  EXPECT_EQ(option(*pair.ours, IPPROTO_TCP, TCP_KEEPINTVL), 5);
  EXPECT_EQ(option(*pair.ours, IPPROTO_TCP, TCP_KEEPCNT), 3);
  EXPECT_EQ(option(*pair.ours, IPPROTO_TCP, TCP_USER_TIMEOUT), 4000);
  EXPECT_EQ(::fcntl(pair.ours->descriptor(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  EXPECT_EQ(::fcntl(pair.ours->descriptor(), F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}

TEST(Socket, KnowsTheRoundTripOfTcpAlone) {
  Reactor reactor;
  SocketPair pair(reactor);
  EXPECT_EQ(round_trip(pair.ours->descriptor()), 0us);
  EXPECT_EQ(round_trip(-1), 0us);
  const TcpPair tcp = reactor.run(tcp_pair(reactor));
  EXPECT_GT(round_trip(tcp.ours->descriptor()), 0us);
  EXPECT_LT(round_trip(tcp.ours->descriptor()), 1s);
}

TEST(Socket, ZeroLeavesTheSystemsValue) {
  const FileDescriptor untouched(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const FileDescriptor descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  SocketOptions options;
  options.keepalive_idle = options.keepalive_interval = 0s;
  options.keepalive_count = 0;
  options.user_timeout = 0ms;
  apply(options, descriptor.get(), AF_INET);
  EXPECT_EQ(option(descriptor.get(), SOL_SOCKET, SO_KEEPALIVE), 1);
  for (const int name : {TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT})
    EXPECT_EQ(option(descriptor.get(), IPPROTO_TCP, name),
              option(untouched.get(), IPPROTO_TCP, name));
}

TEST(Socket, IsNotProbedWhereThatIsOff) {
  const FileDescriptor descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  SocketOptions options;
  options.keepalive = false;
  apply(options, descriptor.get(), AF_INET);
  EXPECT_EQ(option(descriptor.get(), SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(option(descriptor.get(), IPPROTO_TCP, TCP_USER_TIMEOUT), 4000);
}

TEST(Socket, AnOptionTheKernelRefusesIsNamed) {
  Reactor reactor;
  SocketOptions options;
  options.keepalive_count = 128;  // one more than Linux takes
  FileDescriptor descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  try {
    apply(options, descriptor.get(), AF_INET);
    FAIL() << "accepted";
  } catch (const ConnectionError& error) {
    EXPECT_STREQ(error.what(), "setting TCP_KEEPCNT to 128: Invalid argument");
  }
}

// Takes what comes a few bytes at a time, as a connection with a small block does.
class SlowReader final : public StreamListener {
 public:
  explicit SlowReader(Stream& stream) : stream_(stream) { stream_.watch(this, true, false); }
  std::string text;
  IoResult end;

 private:
  void on_readable() noexcept override {
    std::array<std::byte, 3> block;
    const IoResult result = stream_.receive(block);
    if (result.status == IoStatus::done) {
      text += as_text(Bytes(block).first(result.bytes));
    } else if (result.status != IoStatus::would_block) {
      end = result;
      stream_.close();
    }
  }
  void on_writable() noexcept override {}
  Stream& stream_;
};

TEST(Socket, AResetIsReportedAfterTheBytesThatCameBeforeIt) {
  Reactor reactor;
  TcpPair pair = reactor.run(tcp_pair(reactor));
  pair.theirs->send(as_bytes("FATAL: the end"));
  const linger abort{1, 0};
  ASSERT_EQ(::setsockopt(pair.theirs->descriptor(), SOL_SOCKET, SO_LINGER, &abort, sizeof(abort)),
            0);
  pair.theirs->close();
  SlowReader reader(*pair.ours);
  const auto wait = [&]() -> Task<void> {
    while (pair.ours->descriptor() != -1) co_await sleep_for(0ns);
  };
  reactor.run(with_timeout(30s, wait()));
  EXPECT_EQ(reader.text, "FATAL: the end");
  EXPECT_EQ(reader.end.status, IoStatus::failed);
  EXPECT_EQ(reader.end.error, ECONNRESET);
}

TEST(StreamWait, AStopEndsIt) {
  Reactor reactor;
  SocketPair pair(reactor);
  std::stop_source stop;
  const auto wait = [&]() -> Task<void> {
    reactor.post([&] { stop.request_stop(); });
    co_await wait_readable(*pair.ours);
  };
  EXPECT_THROW(reactor.run(wait(), stop.get_token()), CancelledError);
  EXPECT_THROW(reactor.run(wait(), stop.get_token()), CancelledError) << "stopped before it began";
}

TEST(StreamWait, DestroyedInTheMiddleItTakesItsListenerAway) {
  Reactor reactor;
  SocketPair pair(reactor);
  const auto wait = [&]() -> Task<void> { co_await wait_readable(*pair.ours); };
  const auto race = [&]() -> Task<void> { co_await when_any(wait(), turns(3)); };
  reactor.run(race());
  pair.theirs->send(as_bytes("x"));
  reactor.run(turns(3));
  EXPECT_EQ(receive_text(*pair.ours), "x");
}

}  // namespace
}  // namespace pgreactor::net
