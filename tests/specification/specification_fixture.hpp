#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <pgreactor/pgreactor.hpp>
#include <stdexcept>
#include <string>

namespace pgreactor::specification {

/// Where an operator's tables are.
enum class World { server, memory };
std::ostream& operator<<(std::ostream& out, World world);

/// The tables of the specification's examples, in both worlds. The server is started by the first
/// test that needs it; those in memory run without one.
MemoryTables tables_in_memory();
/// Options of the server, with no more of this machine's environment than that.
ConnectionOptions server_options();

/// What a test says in place of waiting for ever.
inline constexpr std::chrono::seconds patience{30};

/// A snippet of the specification, written once and run in both worlds.
class Snippets : public ::testing::TestWithParam<World> {
 protected:
  void SetUp() override;
  void TearDown() override;

  bool in_memory() const { return GetParam() == World::memory; }

  /// Runs `body(db)` with an operator of its own, which it closes as the examples do.
  template <class F>
  void operate(F body, std::chrono::seconds limit = patience) const {
    Reactor reactor;
    const auto db = make(reactor);
    const auto all = [&]() -> Task<void> {
      co_await body(*db);
      co_await db->close();
    };
    reactor.run(with_timeout(limit, all()));
  }
  std::unique_ptr<blocking::DBOperator> blocking_operator() const;

  /// Has a server run this SQL? In memory it has to be refused with a MockModeError.
  template <class T>
  bool was_answered(const Attempt<T>& attempt) const {
    if (!in_memory()) {
      if (!attempt) std::rethrow_exception(attempt.thrown());
      return true;
    }
    EXPECT_FALSE(attempt);
    if (attempt) return false;
    EXPECT_NE(dynamic_cast<const MockModeError*>(&attempt.error()), nullptr)
        << attempt.error().what();
    EXPECT_THAT(attempt.error().what(), ::testing::HasSubstr("mock mode"));
    return false;
  }

 private:
  std::unique_ptr<DBOperator> make(Reactor& reactor) const;
};

/// The error of an attempt that has to fail with it.
template <class Wanted, class T>
const Wanted& error_of(const Attempt<T>& attempt) {
  if (attempt) throw std::logic_error("succeeded where an error was expected");
  if (const auto* error = dynamic_cast<const Wanted*>(&attempt.error())) return *error;
  throw std::logic_error(std::string("an error of another type: ") + attempt.error().what());
}

}  // namespace pgreactor::specification
