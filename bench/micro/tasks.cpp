// Coroutine frames, and the ways by which the loop resumes a task.
#include <coroutine>
#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/task.hpp>

#include "bench/micro/micro_benchmark.hpp"
#include "src/reactor/event_loop.hpp"

namespace pgreactor::bench {
namespace {

Task<int> answer(int value) { co_return value; }
Task<int> answer_by_another(int value) { co_return co_await answer(value); }
Task<void> nothing() { co_return; }

/// Goes on behind those that the loop is to resume already, in the same turn.
class BehindTheOthers : private detail::Resumable {
 public:
  explicit BehindTheOthers(net::EventLoop& loop) noexcept : loop_(loop) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) noexcept {
    waiter = task;
    loop_.resume_later(*this);
  }
  void await_resume() const noexcept {}

 private:
  net::EventLoop& loop_;
};

/// Goes on once the loop has been woken as by another thread.
class Posted : private detail::Resumable {
 public:
  explicit Posted(Reactor& reactor) noexcept : reactor_(reactor) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) {
    waiter = task;
    reactor_.post([this] { reactor_.event_loop().resume_later(*this); });
  }
  void await_resume() const noexcept {}

 private:
  Reactor& reactor_;
};

int sum_of_answers = 0;  // so that they are asked for

Task<void> await_task(Loop& loop, Reactor&) {
  while (loop.next()) sum_of_answers += co_await answer(1);
}

Task<void> await_nested_task(Loop& loop, Reactor&) {
  while (loop.next()) sum_of_answers += co_await answer_by_another(1);
}

Task<void> await_two(Loop& loop, Reactor&) {
  while (loop.next()) {
    const auto [one, two] = co_await when_all(answer(1), answer(2));
    sum_of_answers += one + two;
  }
}

Task<void> resume(Loop& loop, Reactor& reactor) {
  while (loop.next()) co_await BehindTheOthers(reactor.event_loop());
}

Task<void> spawn(Loop& loop, Reactor& reactor) {
  while (loop.next()) {
    reactor.spawn(nothing());
    co_await BehindTheOthers(reactor.event_loop());
  }
}

Task<void> turn_of_the_loop(Loop& loop, Reactor&) {
  while (loop.next()) co_await sleep_for(std::chrono::nanoseconds::zero());
}

Task<void> post(Loop& loop, Reactor& reactor) {
  while (loop.next()) co_await Posted(reactor);
}

template <Task<void> (*Body)(Loop&, Reactor&)>
void in_a_reactor(Loop& loop) {
  Reactor reactor;
  reactor.run(Body(loop, reactor));
}

void nothing_at_all(Loop& loop) {
  while (loop.next()) {
  }
}

}  // namespace

void add_tasks(MicroBenchmarks& all) {
  all.push_back({"loop/empty", nothing_at_all});
  all.push_back({"task/await", in_a_reactor<await_task>});
  all.push_back({"task/await_nested", in_a_reactor<await_nested_task>});
  all.push_back({"task/when_all_2", in_a_reactor<await_two>});
  all.push_back({"task/resume", in_a_reactor<resume>});
  all.push_back({"task/spawn", in_a_reactor<spawn>});
  all.push_back({"task/turn", in_a_reactor<turn_of_the_loop>});
  all.push_back({"task/post", in_a_reactor<post>});
}

}  // namespace pgreactor::bench
