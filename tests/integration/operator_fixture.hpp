#pragma once
#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {

/// With a schema `app` of its own and tables as an application has them.
class OperatorTest : public DatabaseTest {
 protected:
  static constexpr char schema[] = "app";

  void SetUp() override;
  void TearDown() override;

  /// Runs `body(db)` with a DBOperator of its own.
  template <class F>
  void operate(F body) {
    operate_as(options(), body);
  }
  template <class F>
  static void operate_as(const ConnectionOptions& options, F body) {
    Reactor reactor;
    DBOperator db(reactor, options);
    const auto all = [&]() -> Task<void> {
      co_await body(db);
      co_await db.close();
    };
    reactor.run(with_timeout(patience, all()));
  }
};

}  // namespace pgreactor::integration
