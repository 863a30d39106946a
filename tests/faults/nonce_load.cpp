#include "tests/faults/nonce_load.hpp"

#include <pgreactor/batch.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace pgreactor::faults {
namespace {

constexpr int shapes = 8;
constexpr std::chrono::microseconds unlimited = std::chrono::hours(1);

}  // namespace

Task<void> NonceLoad::run(int tasks) {
  std::vector<Task<void>> all;
  for (int task = 0; task < tasks; ++task) all.push_back(work());
  co_await when_all(std::move(all));
}

// Disturbances are paced by calls, not by time: a seed then means the same on every machine.
Task<void> NonceLoad::work() {
  while (counts_.asked < numbers_) {
    if (draw(150) == 0) {
      const auto disturbed = co_await as_attempt(disturb());
      if (!disturbed) count(disturbed.error());
    }
    const int shape = draw(shapes);
    const int fate = draw(16);  // 0: a timeout of its own; 1: a stop from outside; else none
    // About as long as an answer takes, that both may come first.
    const Limit limit{fate < 2 ? 20 + draw(4000) : 0};
    if (fate == 1) {
      const auto attempt = co_await as_attempt(with_timeout(limit, ask(shape, unlimited)));
      if (!attempt) count(attempt.error());
    } else {
      const auto attempt = co_await as_attempt(ask(shape, fate == 0 ? limit : unlimited));
      if (!attempt) count(attempt.error());
    }
  }
}

Task<void> NonceLoad::disturb() {
  switch (draw(4)) {
    case 0:
      co_await kill_one();
      break;
    case 1:
      co_await alter();
      break;
    case 2:
      co_await db_.execute("DISCARD ALL");
      ++counts_.forgotten;
      break;
    default:
      co_await db_.execute("DEALLOCATE ALL");
      ++counts_.forgotten;
  }
}

Task<void> NonceLoad::kill_one() {
  const int killed = co_await other_.execute(
      "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity "
      "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' "
      "ORDER BY random() LIMIT 1) one",
      fetch_val_as<int>);
  counts_.killed += static_cast<std::uint64_t>(killed);
}

// A column comes or goes before the one that is looked at by name: by position it would be wrong.
Task<void> NonceLoad::alter() {
  const bool add = counts_.altered % 2 == 0;
  ++counts_.altered;
  if (add) {
    co_await other_.execute("ALTER TABLE thing ADD COLUMN IF NOT EXISTS extra int DEFAULT 7");
  } else {
    co_await other_.execute("ALTER TABLE thing DROP COLUMN IF EXISTS extra");
  }
}

Task<void> NonceLoad::ask(int shape, Limit limit) {
  switch (shape) {
    case 0:
      co_return co_await ask_by_value(limit);
    case 1:
      co_return co_await ask_slowly(limit);
    case 2:
      co_return co_await ask_by_text(limit);
    case 3:
      co_return co_await ask_the_table(limit);
    case 4:
      co_return co_await ask_by_batch(limit);
    case 5:
      co_return co_await ask_by_stream(limit);
    case 6:
      co_return co_await ask_by_script(limit);
    default:
      co_return co_await ask_in_transaction(limit);
  }
}

Task<void> NonceLoad::ask_by_value(Limit limit) {
  const std::int64_t number = next_number();
  check(number, co_await db_.execute("SELECT $1::int8", number, fetch_val_as<std::int64_t>,
                                     timeout(limit)));
}

Task<void> NonceLoad::ask_slowly(Limit limit) {
  const std::int64_t number = next_number();
  const auto row = co_await db_.execute("SELECT pg_sleep(0.0005), $1::int8 AS nonce", number,
                                        fetch_row, timeout(limit));
  check(number, row->get<std::int64_t>("nonce"));
}

Task<void> NonceLoad::ask_by_text(Limit limit) {
  const std::int64_t number = next_number();
  const std::string text = std::to_string(number);
  const auto got = co_await db_.execute("SELECT $1::text || repeat('x', $2)", text, draw(3000),
                                        fetch_val_as<std::string>, timeout(limit));
  check(number, std::stoll(got));
}

Task<void> NonceLoad::ask_the_table(Limit limit) {
  const std::int64_t number = next_number();
  const auto row = co_await db_.execute("SELECT t.*, $1::int8 AS nonce FROM thing t", number,
                                        fetch_row, timeout(limit));
  check(number, row->get<std::int64_t>("nonce"));
}

Task<void> NonceLoad::ask_by_batch(Limit limit) {
  Batch batch(db_);
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(1 + draw(8)));
  std::vector<BatchItem<FetchValAs<std::int64_t>>> answers;
  for (std::int64_t& number : numbers) {
    number = next_number();
    const std::string_view sql = draw(2) == 0 ? "SELECT $1::int8" : "SELECT 0 + $1::int8";
    answers.push_back(batch.add(sql, number, fetch_val_as<std::int64_t>));
  }
  co_await batch.run(timeout(limit));
  for (std::size_t i = 0; i < numbers.size(); ++i) check(numbers[i], answers[i].get());
}

Task<void> NonceLoad::ask_by_stream(Limit limit) {
  const std::int64_t number = next_number();
  const int wanted = draw(20);  // of ten rows: some streams are dropped before their end
  RowStream rows = co_await db_.stream("SELECT $1::int8, i FROM generate_series(1, 10) i", number,
                                       timeout(limit));
  int seen = 0;
  for (auto row = co_await rows.next(); row && seen < wanted; row = co_await rows.next()) {
    const auto [got, position] = row->to<std::int64_t, int>();
    if (got != number || position != ++seen) co_return check(number, ~number);
  }
  check(number, wanted > 10 && seen != 10 ? ~number : number);
}

Task<void> NonceLoad::ask_by_script(Limit limit) {
  const std::int64_t first = next_number(), second = next_number();
  const std::string script = "SELECT " + std::to_string(first) + "; SELECT 'x'; SELECT " +
                             std::to_string(second) + "::int8";
  const std::vector<Result> results = co_await db_.execute_script(script, timeout(limit));
  if (results.size() != 3) co_return check(first, ~first);
  check(first, results[0][0].get<std::int64_t>(0));
  check(second, results[2][0].get<std::int64_t>(0));
}

Task<void> NonceLoad::ask_in_transaction(Limit limit) {
  const std::int64_t first = next_number(), second = next_number();
  Transaction transaction = co_await db_.begin();
  check(first, co_await transaction.execute("SELECT $1::int8", first, fetch_val_as<std::int64_t>,
                                            timeout(limit)));
  const auto row = co_await transaction.execute("SELECT t.*, $1::int8 AS nonce FROM thing t",
                                                second, fetch_row, timeout(limit));
  check(second, row->get<std::int64_t>("nonce"));
  if (draw(4) != 0) co_await transaction.commit();  // else it is dropped open
}

Task<void> NonceLoad::ask_on_all(int connections) {
  int holders = 0;
  std::vector<Task<void>> all;
  for (int i = 0; i < connections; ++i) all.push_back(ask_holding_until(connections, holders));
  co_await when_all(std::move(all));
}

// None lets go before all have one: each is another connection.
Task<void> NonceLoad::ask_holding_until(int connections, int& holders) {
  Transaction transaction = co_await db_.begin();
  ++holders;
  while (holders < connections) co_await sleep_for(std::chrono::milliseconds(1));
  const std::int64_t number = next_number();
  check(number,
        co_await transaction.execute("SELECT $1::int8", number, fetch_val_as<std::int64_t>));
  co_await transaction.commit();
}

std::int64_t NonceLoad::next_number() {
  ++counts_.asked;
  return ++last_;
}

void NonceLoad::check(std::int64_t wanted, std::int64_t got) {
  ++(got == wanted ? counts_.answered : counts_.mismatched);
}

void NonceLoad::count(const Error& error) {
  if (dynamic_cast<const TimeoutError*>(&error) != nullptr ||
      dynamic_cast<const CancelledError*>(&error) != nullptr) {
    ++counts_.given_up;
  } else if (dynamic_cast<const ConnectionError*>(&error) != nullptr) {
    ++counts_.lost;
  } else if (error.sqlstate() == "0A000" || error.sqlstate() == "26000") {
    ++counts_.outdated;
  } else {
    if (++counts_.unexpected == 1) counts_.first_unexpected = error.what();
  }
}

}  // namespace pgreactor::faults
