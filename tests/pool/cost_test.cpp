#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <pgreactor/detail/frame_pool.hpp>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <vector>

#include "tests/pool/per_query.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/allocation_count.hpp"
#include "tests/support/answering_backend.hpp"
#include "tests/support/backend_thread.hpp"

// The C library's functions by which this library and libuv enter the kernel once they run: these
// stand in for them in this program, and count the calls of each thread.
namespace {
thread_local std::size_t system_calls = 0;

template <class... Arguments>
long counted_call(long number, Arguments... arguments) {
  ++system_calls;
  return ::syscall(number, arguments...);
}
}  // namespace

extern "C" {
ssize_t send(int socket, const void* data, std::size_t size, int flags) {
  return counted_call(SYS_sendto, socket, data, size, flags, nullptr, 0);
}
ssize_t recv(int socket, void* data, std::size_t size, int flags) {
  return counted_call(SYS_recvfrom, socket, data, size, flags, nullptr, nullptr);
}
ssize_t read(int file, void* data, std::size_t size) {
  return counted_call(SYS_read, file, data, size);
}
ssize_t write(int file, const void* data, std::size_t size) {
  return counted_call(SYS_write, file, data, size);
}
int epoll_pwait(int epoll, epoll_event* events, int most, int timeout_ms, const sigset_t* mask) {
  constexpr std::size_t kernel_sigset_size = 8;
  return static_cast<int>(
      counted_call(SYS_epoll_pwait, epoll, events, most, timeout_ms, mask, kernel_sigset_size));
}
int epoll_wait(int epoll, epoll_event* events, int most, int timeout_ms) {
  return epoll_pwait(epoll, events, most, timeout_ms, nullptr);
}
int epoll_ctl(int epoll, int operation, int file, epoll_event* event) noexcept {
  return static_cast<int>(counted_call(SYS_epoll_ctl, epoll, operation, file, event));
}
}

namespace pgreactor::pool_testing {
namespace {

using testing_support::allocations_on_this_thread;
using testing_support::AnsweringBackend;
using testing_support::BackendThread;

constexpr int in_flight = 64;

// Under a sanitizer frames and rows go to the heap, so that it sees their ends.
bool memory_is_recycled() { return detail::FramePool::usable_size(65) == 128; }

template <class Count>
double measured_per_query(int tasks, Count count) {
  BackendThread<AnsweringBackend> backend;
  Reactor reactor;
  DBConnector db(reactor, options_for(backend, 1));
  return reactor.run(per_query(db, tasks, count));
}

TEST(Cost, APreparedOneRowQueryAllocatesOnceAtMost) {
  if (!memory_is_recycled()) GTEST_SKIP() << "not recycled under a sanitizer";
  const double one_by_one = measured_per_query(1, &allocations_on_this_thread);
  EXPECT_LE(one_by_one, 1.0);
  const double together = measured_per_query(in_flight, &allocations_on_this_thread);
  EXPECT_LE(together, 1.0);
  RecordProperty("allocations_per_query", std::to_string(together));
}

TEST(Cost, With64InFlightAQueryTakesATenthOfASystemCallAtMost) {
  const double calls = measured_per_query(in_flight, [] { return system_calls; });
  EXPECT_LE(calls, 0.1);
  EXPECT_GE(calls, 2.0 / in_flight) << "a send and a receive at least: the counting works";
  RecordProperty("system_calls_per_query", std::to_string(calls));
}

// What a batch of `in_flight` costs for each statement, once all is warm.
Task<double> per_batched(DBConnector& db, int batches) {
  const Statement statement = db.prepare("SELECT 1");
  Batch batch(db);
  std::vector<BatchItem<FetchValAs<int>>> items;
  items.reserve(in_flight);
  std::size_t before = 0;
  for (int round = 0; round < batches; ++round) {
    if (round == batches / 2) before = allocations_on_this_thread();
    for (int i = 0; i < in_flight; ++i) items.push_back(batch.add(statement, fetch_val_as<int>));
    co_await batch.run();
    for (auto& item : items) EXPECT_EQ(item.get(), 1);
    items.clear();
    batch.clear();
  }
  const auto rounds_counted = static_cast<double>(batches - batches / 2);
  co_return static_cast<double>(allocations_on_this_thread() - before) /
      (rounds_counted * in_flight);
}

TEST(Cost, ABatchIsOneSyncAndItsStatementsDoNotAllocate) {
  constexpr int batches = 100;
  BackendThread<AnsweringBackend> backend;
  Reactor reactor;
  DBConnector db(reactor, options_for(backend, 1));
  const double allocations = reactor.run(per_batched(db, batches));
  const auto counts = backend.with_backend([](AnsweringBackend& self) { return self.counts(); });
  EXPECT_EQ(counts.executes, std::size_t{batches} * in_flight);
  EXPECT_EQ(counts.syncs, batches + 1U) << "one that prepares, and one for each batch";
  if (memory_is_recycled()) {
    EXPECT_LT(allocations, 0.05);
  }
}

TEST(Cost, OneByOneAQueryTakesFourSystemCallsAtMost) {
  const double calls = measured_per_query(1, [] { return system_calls; });
  EXPECT_GE(calls, 2.0);
  EXPECT_LE(calls, 4.0) << "a send, a receive and two looks at what is ready";
}

}  // namespace
}  // namespace pgreactor::pool_testing
