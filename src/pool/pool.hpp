#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/pool_statistics.hpp>
#include <pgreactor/reactor.hpp>
#include <source_location>
#include <stop_token>
#include <string>
#include <vector>

#include "src/connection/connection.hpp"
#include "src/connection/statement_registry.hpp"
#include "src/pool/ageing.hpp"
#include "src/pool/histogram.hpp"
#include "src/pool/target.hpp"
#include "src/reactor/event_loop.hpp"

namespace pgreactor::pool {

class ConnectionExecutor;
class Pool;

/// A pool's connection and what it is used for.
class Member {
 public:
  enum class Use : std::uint8_t {
    shared,      ///< statements of any caller, pipelined
    reserved,    ///< takes no more: as soon as it is idle the first in the queue gets it
    lent,        ///< to one task
    cleaning,    ///< given back in a transaction or with answers to come; rolled back, then shared
    cancelling,  ///< its only statement was given up and is being cancelled; then shared
    retiring,    ///< takes no more: closed as soon as it is idle
    gone,        ///< closed; removed at the end of the turn
  };

  /// Why its time is over.
  enum class Parting : std::uint8_t { none, left, aged };

  Member(std::unique_ptr<connection::Connection> opened, std::uint64_t which,
         std::uint64_t of_generation) noexcept
      : connection(std::move(opened)), number(which), generation(of_generation) {}

  std::unique_ptr<connection::Connection> connection;
  const std::uint64_t number;      // no two of a pool have the same
  const std::uint64_t generation;  // of the pool, when connecting began
  Use use = Use::shared;
  Parting parting = Parting::none;
  bool read_only = false;         // lent for a transaction that was declared so
  std::source_location holder{};  // who has it, of no line until that is known,
  Ageing::TimePoint lent_at{};    // since when
  std::uint64_t sent = 0;  // when it was looked at last; if that is the same now, it is idle since:
  Ageing::TimePoint used{};
  Ageing::TimePoint opened_at{};
  bool pause_told = false;  // of its holder
  Ageing::TimePoint end_of_life = Ageing::TimePoint::max();
  bool counts_as_lent() const noexcept {
    return use == Use::lent || use == Use::cleaning || use == Use::cancelling;
  }
};

/// Says whether a pool still exists, to those who may outlive it.
using PoolHandle = std::shared_ptr<Pool*>;

/// A task that wants a connection of its own; part of its frame.
class AcquireWait final : public detail::Waiter {
 public:
  explicit AcquireWait(Pool& pool) noexcept;
  ~AcquireWait();

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task) {
    waiter = task;
    start(*task.promise().context());
  }
  Member& await_resume();

  /// From the pool, once: it is yours, or there will be none. The task is resumed in the loop's
  /// next turn.
  void give(Member& member) noexcept;
  void fail(std::exception_ptr failure) noexcept;

 private:
  struct Stop {
    AcquireWait* self;
    void operator()() const noexcept;
  };
  void start(const detail::TaskContext& context);

  PoolHandle pool_;
  net::EventLoop& loop_;
  Member* member_ = nullptr;
  bool queued_ = false;
  std::exception_ptr failure_;
  std::optional<std::stop_callback<Stop>> stop_;
};

/// A bounded set of connections to one place. Statements share them; a task may have one alone.
/// One queue, strictly first come first served: a waiter gets the first connection that becomes
/// usable, however it became so. How many to open is decided by level, never by counted edges:
///   wanted = min(max, shared load + waiters, at least min once used)     (P12)
/// with at most `most_connecting` on their way, and after a failure a pause that doubles.
class Pool final : private connection::ConnectionOwner,
                   private detail::RequestOwner,
                   private net::Flushable {
 public:
  Pool(Reactor& reactor, ConnectionOptions options);
  ~Pool();

  /// Sends it, or queues it until a connection has room.
  void submit(detail::Request& request);
  /// `co_await pool.acquire()` gives a connection with nothing else on it.
  AcquireWait acquire() noexcept { return AcquireWait(*this); }
  /// Takes it back; rolls back what is open first. Never throws.
  void release(Member& member) noexcept;

  std::shared_ptr<detail::StatementEntry> statement_for(std::string_view text) {
    return statements_.find_or_add(text);
  }
  connection::StatementRegistry& statements() noexcept { return statements_; }
  /// Errors  ConfigurationError once the pool was used.
  void set_hooks(PoolHooks hooks);
  void set_observer(QueryObserver observer);
  Task<void> warm_up();
  Task<void> close(std::chrono::nanoseconds budget);

  const ConnectionOptions& options() const noexcept { return options_; }
  const std::shared_ptr<Target>& target() const noexcept { return target_; }
  Reactor& reactor() noexcept { return reactor_; }
  /// Null inside once the pool has ended.
  const PoolHandle& handle() const noexcept { return self_; }
  net::EventLoop& loop() noexcept { return loop_; }
  PoolStatistics statistics() const noexcept;
  /// How often its sessions have changed tables: what was read of those before may be wrong.
  const std::uint64_t& schema_changes() const noexcept { return schema_changes_; }
  /// Errors  ForkError when this process is a child of the one that made the pool.
  void refuse_inherited() const;

 private:
  friend class AcquireWait;
  using Clock = net::EventLoop::Clock;

  // pool.cpp: dispatch
  bool try_submit(detail::Request& request);
  void give(detail::Request& request, Member& member);
  Member* member_with_room(const detail::Request& request) noexcept;
  Member* choose(const detail::Request& request) noexcept;
  void begin_round() noexcept;
  bool joins_run(const detail::Request& request) noexcept;
  void start_run(const detail::Request& request) noexcept;
  Member* idle_member() noexcept;
  void serve_queue();
  bool serve(detail::Waiter& waiter);
  void reserve_for(std::size_t waiters) noexcept;
  void enqueue(detail::Waiter& waiter);
  void forget(detail::Waiter& waiter) noexcept;
  void fail(detail::Waiter& waiter, std::exception_ptr failure) noexcept;
  void expire() noexcept;
  void note_wait(const detail::Waiter& waiter) noexcept;
  void fail_queue(const std::exception_ptr& failure) noexcept;
  // pool_holders.cpp
  std::exception_ptr acquire_timed_out() const;
  std::string holders() const;
  Outcome abandon(detail::Request& request) noexcept override;
  Outcome outcome_if_left(const detail::Request&) const noexcept override {
    return Outcome::not_sent;
  }
  void on_progress(connection::Connection& connection) noexcept override;
  void on_given_up(connection::Connection& connection) noexcept override;
  void on_closed(connection::Connection& connection) noexcept override;
  void on_report(connection::Connection& connection, const ServerReport& report) noexcept override;
  void on_setting(connection::Connection& connection, std::string_view name) noexcept override;
  void on_schema_change(connection::Connection&) noexcept override { ++schema_changes_; }
  void flush() noexcept override;
  void remove_gone() noexcept;
  void schedule() noexcept { loop_.flush_later(*this); }
  Member* member_of(const connection::Connection& connection) noexcept;

  // pool_filling.cpp: opening and cleaning connections
  std::size_t wanted() const noexcept;
  void fill() noexcept;
  // These outlive the pool when it ends before they do: what they use of it they are given.
  static Task<void> open_one(PoolHandle pool, std::shared_ptr<Target> target,
                             std::uint64_t generation);
  static Task<void> clean(PoolHandle pool, Member& member);
  void give_up_cleaning(Member& member) noexcept;
  static Task<void> end_use(PoolHandle pool, connection::Connection& connection,
                            ConnectionExecutor& executor);
  static Task<void> reset(PoolHandle pool, connection::Connection& connection,
                          ConnectionExecutor& executor);
  // pool_hooks.cpp
  static Task<void> run_connect_hook(PoolHandle pool, std::shared_ptr<Target> target,
                                     connection::Connection& connection);
  // pool_cancelling.cpp
  static Task<void> cancel(PoolHandle pool, std::shared_ptr<Target> target, std::uint64_t number,
                           std::uint64_t fence);
  Member* member_numbered(std::uint64_t number) noexcept;
  void close_given_up(connection::Connection& connection, const char* why) noexcept;
  void on_opened(std::unique_ptr<connection::Connection> opened, std::uint64_t generation);
  void on_connect_failed(const std::exception_ptr& thrown) noexcept;
  void pause_connecting(const std::exception_ptr& thrown) noexcept;
  void on_first_answer() noexcept;
  void on_newcomer_closed(connection::Connection& connection) noexcept;
  std::size_t present() const noexcept;
  // pool_draining.cpp: connections whose time is over
  static bool is_shutdown(const Sqlstate& code) noexcept;
  bool tells_of_server(const Member& member) const noexcept;
  void leave_server(const Member& heard_by) noexcept;
  void settle(Member& member) noexcept;
  void retire(Member& member, Member::Parting why) noexcept;
  void close_retired() noexcept;
  // pool_ageing.cpp
  void start_ageing();
  void age() noexcept;
  void tell_of_pause(Member& member, Ageing::TimePoint now) noexcept;
  std::size_t staying() const noexcept;
  void close_idle(Clock::time_point now) noexcept;
  void replace_old(Clock::time_point now) noexcept;

  /// Owner of the connections that have answered nothing yet; what it hears it passes on. With its
  /// first answer one becomes the pool's own, so that those at work cost nothing for this.
  class Newcomers final : public connection::ConnectionOwner {
   public:
    explicit Newcomers(Pool& pool) noexcept : pool_(pool) {}

   private:
    using Connection = connection::Connection;

    void on_progress(Connection& connection) noexcept override {
      connection.set_owner(&pool_);
      pool_.on_first_answer();
      pool_.on_progress(connection);
    }
    void on_given_up(Connection& connection) noexcept override { pool_.on_given_up(connection); }
    void on_report(Connection& connection, const ServerReport& report) noexcept override {
      pool_.on_report(connection, report);
    }
    void on_setting(Connection& connection, std::string_view name) noexcept override {
      pool_.on_setting(connection, name);
    }
    void on_schema_change(Connection& connection) noexcept override {
      pool_.on_schema_change(connection);
    }
    void on_closed(Connection& connection) noexcept override {
      pool_.on_newcomer_closed(connection);
    }
    Pool& pool_;
  };

  class Timer final : public detail::TimerEntry {
   public:
    Timer(Pool& pool, void (Pool::*call)() noexcept) noexcept
        : TimerEntry(&Timer::on_due), pool_(pool), call_(call) {}

   private:
    static void on_due(TimerEntry& entry) noexcept {
      auto& self = static_cast<Timer&>(entry);
      (self.pool_.*self.call_)();
    }
    Pool& pool_;
    void (Pool::*call_)() noexcept;
  };

  static constexpr std::size_t most_connecting = 2;
  static constexpr std::size_t most_in_flight = 64;    // statements on one shared connection
  static constexpr std::size_t run_of_statements = 8;  // beyond what all have on average
  static constexpr std::uint64_t recent_sends = 16;
  static constexpr std::size_t few_asked = 8;           // statements between two sends
  static constexpr std::size_t longest_run = 16;        // statements to an idle connection
  static constexpr std::size_t most_unsent = 4u << 20;  // bytes queued on one (P10)
  static constexpr std::size_t most_queued = 100'000;   // waiters
  static constexpr std::chrono::milliseconds first_pause{50}, longest_pause{5000};
  static constexpr std::chrono::seconds cleaning_budget{2}, cancel_budget{2};
  static constexpr std::chrono::seconds leaving_interval{1};

  Reactor& reactor_;
  net::EventLoop& loop_;
  const net::ForkMark mark_{};
  std::shared_ptr<Target> target_;
  const ConnectionOptions& options_;  // of target_
  connection::StatementRegistry statements_;
  std::vector<std::unique_ptr<Member>> members_;
  Member* chosen_ = nullptr;    // by the last statement
  std::size_t fair_share_ = 0;  // statements that it may have before all are looked at again
  /// Fast statements asked for together, on their way to a connection that was idle.
  struct Run {
    std::size_t room = 0;              // for so many more
    std::chrono::nanoseconds time{0};  // that may take so long altogether
  };
  Run run_;                       // to chosen_
  std::uint64_t sends_seen_ = 0;  // of the loop, when asked_ began
  std::size_t asked_ = 0;         // statements since the last sends
  bool may_grow_ = true;          // as it was then: there may be more connections
  std::size_t run_length_ = 1;    // the longest until the next sends
  detail::ReadyList queue_;
  std::size_t queued_ = 0;
  std::size_t connecting_ = 0;
  bool used_ = false;  // nothing is opened before the first use
  // Members of an earlier one are of a server that was left since (P16).
  std::uint64_t generation_ = 0;
  std::optional<Clock::time_point> left_at_;
  bool retiring_ = false;   // some member is
  bool replacing_ = false;  // some member is too old, and another has to be opened before it ends
  Ageing ageing_;
  Timer age_{*this, &Pool::age};
  Newcomers newcomers_{*this};
  std::chrono::milliseconds pause_{0};
  Timer retry_{*this, &Pool::schedule};
  Timer expiry_{*this, &Pool::expire};
  std::exception_ptr last_connect_failure_;
  std::string last_connect_problem_;
  // Tasks of the pool end with it, or find out by this that it has ended.
  PoolHandle self_;
  std::stop_source stop_;
  bool closing_ = false;  // takes on no new work
  bool closed_ = false;
  std::uint64_t schema_changes_ = 0;
  PoolStatistics counted_;
  Histogram waits_, holds_;
};

}  // namespace pgreactor::pool
