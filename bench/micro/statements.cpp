// Finding a prepared statement: by its handle on a connection, by its text in the pool.
#include <benchmark/benchmark.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/micro/micro_benchmark.hpp"
#include "src/connection/prepared_statements.hpp"
#include "src/connection/statement_registry.hpp"

namespace pgreactor::bench {
namespace {

using connection::PreparedStatements;
using connection::StatementRegistry;
using Entries = std::vector<std::shared_ptr<detail::StatementEntry>>;

constexpr std::size_t statements = 100;

std::string text_of(std::size_t number) {
  return "SELECT id, name, email, created_at FROM users WHERE kind = $1 AND id > " +
         std::to_string(number);
}

/// As the server has described them.
Entries described(StatementRegistry& registry) {
  Entries entries;
  for (std::size_t i = 0; i < statements; ++i) {
    entries.push_back(registry.find_or_add(text_of(i)));
    entries.back()->describe(std::make_shared<const detail::StatementDescription>(
        entries.back()->name(), std::vector<Oid>{oid::int4},
        std::vector<Column>{{.name = "id", .type = oid::int4}}));
  }
  return entries;
}

void prepare(PreparedStatements& known, const detail::StatementEntry& entry) {
  benchmark::DoNotOptimize(known.next_to_go());
  known.add(entry);
  known.set_prepared(entry, entry.description());
}

/// Runs `different` statements in turn on a connection that knows all of them.
void use(Loop& loop, std::size_t different) {
  StatementRegistry registry;
  const Entries entries = described(registry);
  PreparedStatements known(statements);
  for (const auto& entry : entries) prepare(known, *entry);
  std::size_t next = 0, found = 0, asked = 0;
  while (loop.next()) {
    if (known.use(*entries[next]) == PreparedStatements::State::prepared) ++found;
    ++asked;
    if (++next == different) next = 0;
  }
  if (found != asked) throw std::runtime_error("a prepared statement was not found");
}

/// A statement that the connection does not know, when it knows as many as it may.
void evict(Loop& loop) {
  StatementRegistry registry;
  const Entries entries = described(registry);
  PreparedStatements known(statements / 2);
  for (std::size_t i = statements / 2; i < statements; ++i) prepare(known, *entries[i]);
  std::size_t next = 0;
  while (loop.next()) {
    if (known.use(*entries[next]) != PreparedStatements::State::absent)
      throw std::runtime_error("a statement that was evicted is still there");
    prepare(known, *entries[next]);
    if (++next == statements) next = 0;
  }
}

void find_text(Loop& loop) {
  StatementRegistry registry;
  const Entries entries = described(registry);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < statements; ++i) texts.push_back(text_of(i));
  std::size_t next = 0;
  while (loop.next()) {
    if (registry.find_or_add(texts[next]) != entries[next])
      throw std::runtime_error("a text was not found");
    if (++next == statements) next = 0;
  }
}

}  // namespace

void add_statements(MicroBenchmarks& all) {
  all.push_back({"statement/use_same", [](Loop& loop) { use(loop, 1); }});
  all.push_back({"statement/use_100_in_turn", [](Loop& loop) { use(loop, statements); }});
  all.push_back({"statement/evict", evict});
  all.push_back({"statement/find_text", find_text});
}

}  // namespace pgreactor::bench
