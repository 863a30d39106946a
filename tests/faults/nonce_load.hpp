#pragma once
#include <chrono>
#include <cstdint>
#include <pgreactor/pgreactor.hpp>
#include <random>
#include <string>

namespace pgreactor::faults {

/// Tasks that each ask the server for numbers of their own, in every way there is to ask, and look
/// whether they get these; while they give up at random, kill each other's sessions, change the
/// table that they read and make sessions forget their statements.
/// Owner   outlives the tasks of run().
class NonceLoad {
 public:
  struct Counts {
    std::uint64_t asked = 0;       ///< numbers asked for
    std::uint64_t answered = 0;    ///< of these, with the right answer
    std::uint64_t mismatched = 0;  ///< of these, with another
    std::uint64_t given_up = 0;    ///< calls that ended by a timeout or a stop
    std::uint64_t lost = 0;        ///< calls that ended with their connection
    std::uint64_t outdated = 0;    ///< calls refused since the table or the statement had changed
    std::uint64_t unexpected = 0;  ///< calls that failed otherwise
    std::uint64_t killed = 0;      ///< sessions ended by us
    std::uint64_t altered = 0;     ///< changes of the table
    std::uint64_t forgotten = 0;   ///< DISCARD ALL and DEALLOCATE ALL
    std::string first_unexpected;  ///< what the first of them said
  };

  /// `db` is what is tested; `other`, a pool of one connection, kills and alters.
  NonceLoad(DBConnector& db, DBConnector& other, std::uint64_t seed, std::uint64_t numbers)
      : db_(db), other_(other), random_(seed), numbers_(numbers) {}

  /// Asks for all the numbers, by as many tasks as stated.
  Task<void> run(int tasks);
  /// Asks once on each of that many connections at the same time, undisturbed.
  Task<void> ask_on_all(int connections);

  const Counts& counts() const noexcept { return counts_; }

 private:
  using Limit = std::chrono::microseconds;

  Task<void> work();
  Task<void> disturb();
  Task<void> kill_one();
  Task<void> alter();
  Task<void> ask(int shape, Limit limit);
  Task<void> ask_by_value(Limit limit);
  Task<void> ask_slowly(Limit limit);
  Task<void> ask_by_text(Limit limit);
  Task<void> ask_the_table(Limit limit);
  Task<void> ask_by_batch(Limit limit);
  Task<void> ask_by_stream(Limit limit);
  Task<void> ask_by_script(Limit limit);
  Task<void> ask_in_transaction(Limit limit);
  Task<void> ask_holding_until(int connections, int& holders);

  int draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  std::int64_t next_number();
  void check(std::int64_t wanted, std::int64_t got);
  void count(const Error& error);

  DBConnector& db_;
  DBConnector& other_;
  std::mt19937_64 random_;
  std::uint64_t numbers_;
  std::int64_t last_ = 0;
  Counts counts_;
};

}  // namespace pgreactor::faults
