#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/pgreactor.hpp>
#include <pgreactor/testing/throwaway_server.hpp>
#include <stdexcept>
#include <string>

namespace pgreactor::integration {

/// The server that all tests of this program share: on a Unix socket and a port of 127.0.0.1,
/// trust. Only for tests, which run one after the other.
testing::ThrowawayServer& server();

/// The server's major version: 15.
int version_of(const testing::ThrowawayServer& server);

/// Options from a connection string alone: nothing of this machine's environment.
ConnectionOptions options_from(const std::string& conninfo);

/// What a test says in place of waiting for ever.
inline constexpr std::chrono::seconds patience{30};

/// A schema of its own on the shared server, first in the search path and dropped at the end.
class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// By the Unix socket or, when PGREACTOR_TEST_TCP is set, by the port.
  ConnectionOptions options() const;
  /// One connection: what a statement leaves behind, the next one meets.
  ConnectionOptions options_for_one_connection() const;

  /// Runs `body(db)`, a Task<void>, with a reactor and a pool of its own, for at most `limit`.
  template <class F>
  void run(F body) {
    run_with(options(), body);
  }
  template <class F>
  void run_for(std::chrono::seconds limit, F body) {
    run_with(options(), body, limit);
  }
  template <class F>
  static void run_with(const ConnectionOptions& options, F body,
                       std::chrono::seconds limit = patience) {
    Reactor reactor;
    DBConnector db(reactor, options);
    const auto all = [&]() -> Task<void> {
      co_await body(db);
      co_await db.close();
    };
    reactor.run(with_timeout(limit, all()));
  }

 private:
  std::string schema_;
};

/// The error of an attempt that has to fail with it.
template <class Wanted, class T>
const Wanted& error_of(const Attempt<T>& attempt) {
  if (attempt) throw std::logic_error("succeeded where an error was expected");
  if (const auto* error = dynamic_cast<const Wanted*>(&attempt.error())) return *error;
  throw std::logic_error(std::string("an error of another type: ") + attempt.error().what());
}

/// Resumes when `condition()` holds; throws when it does not in time.
template <class Condition>
Task<void> wait_until(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience / 2;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::logic_error("what was waited for did not come");
    co_await sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace pgreactor::integration
