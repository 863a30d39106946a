#include "src/reactor/child_process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <vector>

#include "src/reactor/event_loop.hpp"

namespace {

using namespace std::chrono_literals;
using pgreactor::Reactor;
using pgreactor::Task;
using pgreactor::net::ChildError;
using pgreactor::net::ChildExit;
using pgreactor::net::ChildOptions;
using pgreactor::net::ChildProcess;
using pgreactor::net::ChildResult;
using pgreactor::net::FileDescriptor;
using pgreactor::net::run_child;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

ChildResult run(const ChildOptions& options) {
  Reactor reactor;
  return reactor.run(run_child(options));
}

bool no_child_is_left() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }

TEST(ChildProcess, ReportsItsOutputAndHowItEnded) {
  const ChildResult result = run(ChildOptions("/bin/echo").arguments("one", "two  three; four"));
  EXPECT_TRUE(result.exit.succeeded());
  EXPECT_EQ(result.output, "one two  three; four\n");
  EXPECT_EQ(result.error_output, "");
  EXPECT_FALSE(result.truncated);
  EXPECT_TRUE(no_child_is_left());
}

TEST(ChildProcess, TellsItsOwnFailureFromASignal) {
  const ChildResult failed = run(ChildOptions("/bin/ls").argument("/does/not/exist"));
  EXPECT_EQ(describe(failed.exit), "exit status 2");
  EXPECT_EQ(failed.output, "");
  EXPECT_THAT(failed.error_output, HasSubstr("/does/not/exist"));

  Reactor reactor;
  ChildProcess killed(reactor.event_loop(), ChildOptions("/bin/sleep").argument("1000"));
  killed.kill(SIGUSR1);
  EXPECT_EQ(describe(reactor.run(killed.wait())), "killed by signal " + std::to_string(SIGUSR1));
}

TEST(ChildProcess, GetsNothingOfOurEnvironment) {
  const ChildResult result = run(ChildOptions("/usr/bin/env").variable("A", "1").variable("B", ""));
  EXPECT_EQ(result.output, "A=1\nB=\n");
}

TEST(ChildProcess, StartsWhereItIsTold) {
  EXPECT_EQ(run(ChildOptions("/bin/pwd").directory("/usr/lib")).output, "/usr/lib\n");
  EXPECT_THROW(run(ChildOptions("/bin/pwd").directory("/does/not/exist")), ChildError);
}

TEST(ChildProcess, ReadsNothingOrWhatItIsGiven) {
  EXPECT_EQ(run(ChildOptions("/bin/cat")).output, "");

  const FileDescriptor input(::memfd_create("input", MFD_CLOEXEC));
  ASSERT_EQ(::pwrite(input.get(), "given", 5, 0), 5);
  EXPECT_EQ(run(ChildOptions("/bin/cat").input_from(input.get())).output, "given");
}

TEST(ChildProcess, WritesToADescriptorInsteadOfBeingCaptured) {
  const FileDescriptor file(::memfd_create("output", MFD_CLOEXEC));
  const ChildResult result = run(ChildOptions("/bin/echo").argument("text").output_to(file.get()));
  EXPECT_EQ(result.output, "");
  char written[5] = {};
  ASSERT_EQ(::pread(file.get(), written, sizeof written, 0), 5);
  EXPECT_EQ(std::string(written, 5), "text\n");
}

TEST(ChildProcess, CapturesUpToTheLimitAndDropsTheRest) {
  ChildOptions zeroes("/usr/bin/head");
  zeroes.arguments("-c", "3000000", "/dev/zero");
  const ChildResult bounded = run(zeroes.capture_limit(1000));
  EXPECT_TRUE(bounded.exit.succeeded());
  EXPECT_EQ(bounded.output, std::string(1000, '\0'));
  EXPECT_TRUE(bounded.truncated);

  const ChildResult whole = run(zeroes.capture_limit(3000000));
  EXPECT_EQ(whole.output.size(), 3000000U);
  EXPECT_FALSE(whole.truncated);
}

TEST(ChildProcess, DoesNotWaitForAGrandchildThatHoldsThePipe) {
  ChildOptions options("/usr/bin/setsid");
  options.arguments("--fork", "/bin/sleep", "3");
  const auto begin = Clock::now();
  EXPECT_TRUE(run(options).exit.succeeded());
  EXPECT_LT(Clock::now() - begin, 2s);
}

TEST(ChildProcess, AMissingProgramIsAnErrorThatNamesIt) {
  try {
    run(ChildOptions("/does/not/exist"));
    FAIL() << "it ran";
  } catch (const ChildError& error) {
    EXPECT_STREQ(error.what(), "cannot run /does/not/exist: no such file or directory");
  }
  EXPECT_TRUE(no_child_is_left());
}

TEST(ChildProcess, AStopEndsItWithSigterm) {
  Reactor reactor;
  const ChildOptions options = ChildOptions("/bin/sleep").argument("1000").grace(1h);
  const auto begin = Clock::now();
  EXPECT_THROW(reactor.run(pgreactor::with_timeout(50ms, run_child(options))),
               pgreactor::TimeoutError);
  EXPECT_LT(Clock::now() - begin, 10s);
  EXPECT_TRUE(no_child_is_left());
}

TEST(ChildProcess, AStopEndsItWithSigkillWhenSigtermDoesNot) {
  Reactor reactor;
  ChildOptions stubborn("/usr/bin/env");
  stubborn.arguments("--ignore-signal=TERM", "/bin/sleep", "1000").grace(50ms);
  ChildProcess child(reactor.event_loop(), stubborn);
  EXPECT_THROW(reactor.run(pgreactor::with_timeout(200ms, child.wait())), pgreactor::TimeoutError);
  EXPECT_EQ(child.exit().signal, SIGKILL);
  EXPECT_TRUE(no_child_is_left());
}

TEST(ChildProcess, WaitingForItsEndCanBeGivenUp) {
  Reactor reactor;
  ChildProcess child(reactor.event_loop(), ChildOptions("/bin/sleep").argument("1000"));
  EXPECT_THROW(reactor.run(pgreactor::with_timeout(1ms, child.ended())), pgreactor::TimeoutError);
  EXPECT_TRUE(child.running());
  EXPECT_EQ(reactor.run(child.terminate()).signal, SIGTERM);
}

TEST(ChildProcess, DestroyingItKillsAndReapsIt) {
  Reactor reactor;
  {
    const ChildProcess child(reactor.event_loop(), ChildOptions("/bin/sleep").argument("1000"));
    EXPECT_TRUE(child.running());
  }
  EXPECT_TRUE(no_child_is_left());
}

TEST(ChildProcess, DestroyingItsReactorDoesToo) {
  {
    Reactor reactor;
    const auto wait_for_ever = []() -> Task<void> {
      const ChildOptions options = ChildOptions("/bin/sleep").argument("1000");
      co_await run_child(options);
    };
    reactor.spawn(wait_for_ever());
    reactor.run([]() -> Task<void> { co_await pgreactor::sleep_for(20ms); }());
    EXPECT_FALSE(no_child_is_left());
  }
  EXPECT_TRUE(no_child_is_left());
}

TEST(ChildProcess, ManyRunAtOnce) {
  Reactor reactor;
  std::vector<Task<ChildResult>> children;
  children.reserve(20);
  for (int i = 0; i < 20; ++i)
    children.push_back(run_child(ChildOptions("/bin/echo").argument(std::to_string(i))));
  const auto results = reactor.run(pgreactor::when_all(std::move(children)));
  for (std::size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(results[i].output, std::to_string(i) + "\n");
}

TEST(ChildProcess, AnOwnSessionIsSignalledAsAWhole) {
  Reactor reactor;
  ChildOptions options("/usr/bin/timeout");  // runs sleep as a child of its own, in its group
  options.arguments("--foreground", "1000", "/bin/sleep", "1000").own_session();
  ChildProcess child(reactor.event_loop(), options);
  const pid_t group = child.pid();
  EXPECT_EQ(::getpgid(group), group);
  EXPECT_EQ(::getsid(group), group);
  reactor.run([]() -> Task<void> { co_await pgreactor::sleep_for(100ms); }());

  child.kill(SIGKILL);
  EXPECT_EQ(reactor.run(child.wait()).signal, SIGKILL);
  const auto deadline = Clock::now() + 5s;  // for init to reap the grandchild
  while (::kill(-group, 0) == 0 && Clock::now() < deadline)
    reactor.run([]() -> Task<void> { co_await pgreactor::sleep_for(10ms); }());
  EXPECT_EQ(::kill(-group, 0), -1);
}

TEST(ChildProcess, AnotherIdentityHasNoneOfOurGroups) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  constexpr uid_t nobody = 65534;
  const ChildResult user = run(ChildOptions("/usr/bin/id").argument("-u").identity(nobody, nobody));
  EXPECT_EQ(user.output, "65534\n");
  const ChildResult groups =
      run(ChildOptions("/usr/bin/id").argument("-G").identity(nobody, nobody));
  EXPECT_EQ(groups.output, "65534\n");
}

TEST(ChildProcess, AnotherIdentityNeedsRoot) {
  if (::geteuid() == 0) GTEST_SKIP() << "needs an ordinary user";
  EXPECT_THROW(run(ChildOptions("/usr/bin/id").identity(0, 0)), ChildError);
}

}  // namespace
