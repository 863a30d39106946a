#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <string>

#include "tests/pool/model.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/answering_backend.hpp"

// All orders in which four can ask for one of two connections, give up and give back.
namespace pgreactor::pool_testing {
namespace {

using testing_support::AnsweringBackend;

constexpr std::size_t customers = 4, connections = 2;
constexpr std::chrono::minutes time_for_all{3};

/// One step: a customer asks, or ends what it asked for.
enum class Ending { leave, cancel };
struct Step {
  std::size_t customer;
  bool asks;
};
struct Sequence {
  std::vector<Step> steps;  // each customer twice, and the first askings in order
  std::array<Ending, customers> endings{};

  std::string text() const {
    std::string all;
    for (const Step& step : steps) {
      const char* const what = step.asks                                 ? " asks"
                               : endings[step.customer] == Ending::leave ? " leaves"
                                                                         : " cancels";
      all += std::to_string(step.customer) + what + ", ";
    }
    return all;
  }
};

/// Customers are alike, so that they may as well ask in the order of their numbers.
void each_order(std::vector<Step>& steps, std::size_t asked, std::array<bool, customers>& ended,
                const std::function<void()>& use) {
  if (steps.size() == 2 * customers) return use();
  if (asked < customers) {
    steps.push_back({asked, true});
    each_order(steps, asked + 1, ended, use);
    steps.pop_back();
  }
  for (std::size_t i = 0; i < asked; ++i) {
    if (ended[i]) continue;
    ended[i] = true;
    steps.push_back({i, false});
    each_order(steps, asked, ended, use);
    steps.pop_back();
    ended[i] = false;
  }
}

std::vector<Sequence> all_sequences() {
  std::vector<Sequence> sequences;
  Sequence sequence;
  std::array<bool, customers> ended{};
  each_order(sequence.steps, 0, ended, [&] {
    for (unsigned bits = 0; bits < 1u << customers; ++bits) {
      for (std::size_t i = 0; i < customers; ++i)
        sequence.endings[i] = (bits >> i & 1u) != 0 ? Ending::cancel : Ending::leave;
      sequences.push_back(sequence);
    }
  });
  return sequences;
}

/// What a pool does: whoever came first is served first, and nobody who has gone.
class Model {
 public:
  void ask(std::size_t customer) {
    queue_.push_back(customer);
    serve();
  }
  void end(std::size_t customer, Ending ending) {
    leaving_[customer] = true;
    if (ending == Ending::cancel) std::erase(queue_, customer);
    std::erase(holders_, customer);
    serve();
  }
  const std::vector<int>& served() const noexcept { return served_; }
  std::size_t holding() const noexcept { return holders_.size(); }
  std::size_t waiting() const noexcept { return queue_.size(); }

 private:
  void serve() {
    while (holders_.size() < connections && !queue_.empty()) {
      const std::size_t next = queue_.front();
      queue_.pop_front();
      served_.push_back(static_cast<int>(next));
      if (!leaving_[next]) holders_.push_back(next);
    }
  }

  std::deque<std::size_t> queue_;
  std::vector<std::size_t> holders_;
  std::array<bool, customers> leaving_{};
  std::vector<int> served_;
};

class PoolInterleavings : public testing::Test {
 protected:
  static Task<void> turn() { co_await sleep_for(std::chrono::nanoseconds(0)); }

  void check_counts(const DBConnector& db, const Sequence& sequence) {
    const PoolStatistics now = db.statistics();
    EXPECT_LE(now.open + now.connecting, connections) << sequence.text();
    EXPECT_LE(now.idle + now.lent, now.open) << sequence.text();
  }
  /// Turns the loop until the pool stands as the model says; nobody is served out of turn
  /// meanwhile.
  Task<void> settle(const DBConnector& db, const Model& model, const std::vector<int>& served,
                    const Sequence& sequence) {
    constexpr int most_turns = 5'000;
    for (int i = 0; i < most_turns; ++i) {
      check_counts(db, sequence);
      const PoolStatistics now = db.statistics();
      if (now.lent == model.holding() && now.waiting == model.waiting() && served == model.served())
        co_return;
      co_await turn();
    }
    const PoolStatistics now = db.statistics();
    ADD_FAILURE() << sequence.text() << ": lent " << now.lent << " of " << model.holding()
                  << ", waiting " << now.waiting << " of " << model.waiting();
  }
  Task<void> until_all_are_gone(const DBConnector& db, const std::array<Customer, customers>& those,
                                const Sequence& sequence) {
    constexpr int most_turns = 5'000;
    for (int i = 0; i < most_turns; ++i) {
      check_counts(db, sequence);
      const auto under_way = [](const Customer& one) { return one.is_under_way(); };
      const PoolStatistics now = db.statistics();
      if (std::none_of(those.begin(), those.end(), under_way) && now.lent == 0 && now.waiting == 0)
        co_return expect_failures(those, sequence);
      co_await turn();
    }
    ADD_FAILURE() << sequence.text() << ": somebody is still there";
  }
  /// Who was not cancelled has met no error.
  static void expect_failures(const std::array<Customer, customers>& those,
                              const Sequence& sequence) {
    for (std::size_t i = 0; i < customers; ++i)
      if (sequence.endings[i] == Ending::leave) {
        EXPECT_FALSE(those[i].failed()) << sequence.text();
      }
  }
  template <class F>
  void run(F body) {
    DBConnector db(reactor_, options_for(backend_, connections));
    reactor_.run(with_timeout(time_for_all, body(db)));
    EXPECT_EQ(backend_.counts().violations, 0u);
  }

  struct Run {
    std::array<Customer, customers> those;
    std::vector<int> served;
  };
  std::deque<Run> runs_;  // outlive the tasks of one that failed
  Reactor reactor_;
  AnsweringBackend backend_{reactor_};
};

TEST_F(PoolInterleavings, AreAllOfThem) {
  // 8! / 2!^4 orders of the steps, of which customers that are alike make 4! the same, and each
  // ends in one of two ways.
  EXPECT_EQ(all_sequences().size(), 105u * 16);
}

// Requirement: P3, P13, P14
TEST_F(PoolInterleavings, StandAsTheModelAfterEachStep) {
  run([this](DBConnector& db) -> Task<void> {
    for (const Sequence& sequence : all_sequences()) {
      auto& [those, served] = runs_.emplace_back();
      Model model;
      for (const Step& step : sequence.steps) {
        Customer& one = those[step.customer];
        const Ending ending = sequence.endings[step.customer];
        if (step.asks) {
          one.ask(reactor_, db, static_cast<int>(step.customer), served);
          model.ask(step.customer);
        } else {
          ending == Ending::leave ? one.leave() : one.cancel();
          model.end(step.customer, ending);
        }
        co_await settle(db, model, served, sequence);
      }
      co_await until_all_are_gone(db, those, sequence);
      if (HasFailure()) co_return;
    }
  });
}

// The steps follow one another so fast that they meet a hand-over half done: who is served is a
// matter of luck then, but never out of turn, and nothing is lost.
// Requirement: P3, P13
TEST_F(PoolInterleavings, LoseNothingWhenStepsMeet) {
  run([this](DBConnector& db) -> Task<void> {
    for (const int turns_between : {0, 1, 2, 3}) {
      for (const Sequence& sequence : all_sequences()) {
        auto& [those, served] = runs_.emplace_back();
        for (const Step& step : sequence.steps) {
          Customer& one = those[step.customer];
          if (step.asks)
            one.ask(reactor_, db, static_cast<int>(step.customer), served);
          else
            sequence.endings[step.customer] == Ending::leave ? one.leave() : one.cancel();
          for (int i = 0; i < turns_between; ++i) co_await turn();
        }
        co_await until_all_are_gone(db, those, sequence);
        EXPECT_TRUE(std::is_sorted(served.begin(), served.end())) << sequence.text();
        for (std::size_t i = 0; i < customers; ++i)
          if (sequence.endings[i] == Ending::leave) {
            EXPECT_EQ(std::count(served.begin(), served.end(), static_cast<int>(i)), 1)
                << sequence.text();
          }
        if (HasFailure()) co_return;
      }
    }
  });
}

}  // namespace
}  // namespace pgreactor::pool_testing
