#pragma once
#include <cstddef>
#include <pgreactor/pgreactor.hpp>
#include <stop_token>
#include <vector>

// Those who want connections of a pool, as a model of it sees them: the pool is told what to do
// step by step, and after each step it has to stand as the model says.
namespace pgreactor::pool_testing {

/// One who asks for a connection alone, and gives it back when told to.
/// Owner  the tasks of its asking; it outlives them, and so does the pool.
class Customer {
 public:
  enum class State { away, asking, holding, gone };

  /// Its number goes to `served` when it gets a connection.
  void ask(Reactor& reactor, DBConnector& db, int number, std::vector<int>& served) {
    state_ = State::asking;
    reactor.spawn(hold(*this, db, number, served), stop_.get_token());
  }
  void cancel() noexcept { stop_.request_stop(); }
  /// Gives the connection back, as soon as it has one.
  void leave() noexcept { may_leave_ = true; }
  State state() const noexcept { return state_; }
  /// It ended by an error: it was stopped, or its connection was lost.
  bool failed() const noexcept { return failed_; }
  bool is_under_way() const noexcept { return state_ == State::asking || state_ == State::holding; }

 private:
  static Task<void> hold(Customer& self, DBConnector& db, int number, std::vector<int>& served) {
    try {
      Transaction transaction = co_await db.begin();
      self.state_ = State::holding;
      served.push_back(number);
      while (!self.may_leave_) co_await sleep_for(std::chrono::nanoseconds(0));
      co_await transaction.rollback();
    } catch (const Error&) {
      self.failed_ = true;
    }
    self.state_ = State::gone;
  }

  std::stop_source stop_;
  State state_ = State::away;
  bool may_leave_ = false;
  bool failed_ = false;
};

}  // namespace pgreactor::pool_testing
