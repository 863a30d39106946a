#pragma once
#include <memory>
#include <stop_token>
#include <string_view>
#include <utility>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {

/// A pool that ends between the answer to a statement and the task that waits for it.
class EndingPool {
 public:
  /// The statement is the first that has `text` in it, which outlives this.
  EndingPool(const ConnectionOptions& options, std::string_view text)
      : db_(std::make_unique<DBConnector>(reactor_, options)) {
    QueryObserver observer;
    observer.on_end([this, text](const QueryEnd& query) {
      if (query.sql.find(text) != std::string_view::npos) stop_.request_stop();
    });
    db_->set_observer(std::move(observer));
  }

  /// Runs `work(db)`, a Task<void>, and waits until the pool has ended, and what it had under way.
  template <class Work>
  void run(Work work) {
    const auto all = [&]() -> Task<void> {
      reactor_.spawn(end(), stop_.get_token());
      co_await work(*db_);
      while (db_ != nullptr) co_await sleep_for(std::chrono::nanoseconds(0));
      co_await sleep_for(std::chrono::milliseconds(1));
    };
    reactor_.run(with_timeout(patience, all()));
  }

 private:
  Task<void> end() {
    static_cast<void>(co_await as_attempt(sleep_for(patience)));
    db_.reset();
  }

  Reactor reactor_;
  std::unique_ptr<DBConnector> db_;
  std::stop_source stop_;
};

}  // namespace pgreactor::integration
