#include <array>
#include <random>

#include "tests/specification/specification_fixture.hpp"

// Transactions and savepoints that run at the same time, at random: what mock mode answers is what
// a server answers, without waiting for anybody.
namespace pgreactor::specification {
namespace {

class TransactionDifference : public Snippets {};

constexpr char create_accounts[] = R"sql(
  CREATE SCHEMA difference;
  CREATE TABLE difference.users (id int PRIMARY KEY, name text UNIQUE, age int);
  CREATE TABLE difference.posts (id int PRIMARY KEY, user_id int REFERENCES difference.users (id));
  CREATE TABLE difference.notes (id int PRIMARY KEY, user_id int REFERENCES difference.users (id)
    ON DELETE CASCADE ON UPDATE CASCADE);
)sql";

MemoryTables difference_tables() {
  MemoryTables tables;
  tables.table("difference", "users")
      .column("id", "int")
      .primary_key()
      .column("name", "text")
      .unique()
      .column("age", "int");
  tables.table("difference", "posts")
      .column("id", "int")
      .primary_key()
      .column("user_id", "int")
      .references(QualifiedName("difference", "users"), "id");
  constexpr auto cascade = ForeignKey::Action::cascade;
  tables.table("difference", "notes")
      .column("id", "int")
      .primary_key()
      .column("user_id", "int")
      .references(QualifiedName("difference", "users"), "id", cascade, cascade);
  return tables;
}

/// Who does what. The first actor's statements are each a transaction of its own.
struct Step {
  enum class Kind { add_user, rename, renumber, age, remove_user, upsert, add_child, remove_child };
  std::size_t actor = 0;
  bool begins = false, commits = false, goes_back = false;
  Kind kind = Kind::add_user;
  std::string child;
  int id = 0;
  int value = 0;
};

class Generator {
 public:
  Step next() {
    Step step;
    step.actor = below(actor_count);
    if (step.actor != 0) {
      const std::size_t choice = below(6);
      step.begins = choice == 0;
      step.commits = choice == 1;
      step.goes_back = choice == 2;
    }
    step.kind = static_cast<Step::Kind>(below(8));
    step.child = below(2) == 0 ? "posts" : "notes";
    step.id = static_cast<int>(below(4));
    step.value = static_cast<int>(below(4));
    return step;
  }
  static constexpr std::size_t actor_count = 3;

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  std::mt19937_64 random_{20'240'229};
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  out << "actor " << step.actor << " ";
  if (step.begins) return out << "begins";
  if (step.commits) return out << "commits";
  if (step.goes_back) return out << "goes back";
  constexpr std::array<const char*, 8> names = {
      "adds user",    "renames user", "renumbers user", "ages user",
      "removes user", "upserts user", "adds child of",  "removes child of"};
  return out << names.at(static_cast<std::size_t>(step.kind)) << " " << step.id << ", "
             << step.value << " " << step.child;
}

/// One world, and the transactions that its actors have open.
class Stage {
 public:
  explicit Stage(DBOperator& db) : db_(db) {}

  /// Nothing to commit or roll back, or no savepoint to begin after a failure: no step at all.
  bool is_possible(const Step& step) const {
    if (step.begins) return !has_failed_.at(step.actor);
    return !(step.commits || step.goes_back) || !open_.at(step.actor).empty();
  }
  Task<std::string> play(const Step& step) {
    auto attempt = co_await as_attempt(with_timeout(std::chrono::seconds(3), act(step)));
    if (step.goes_back || open_.at(step.actor).empty()) has_failed_.at(step.actor) = false;
    if (attempt) co_return attempt.value();
    const Error& error = attempt.error();
    if (dynamic_cast<const MockModeError*>(&error) != nullptr) co_return "MockModeError";
    if (error.report() == nullptr) co_return "an error: " + std::string(error.what());
    has_failed_.at(step.actor) = !open_.at(step.actor).empty();
    co_return std::string(error.sqlstate().view()) + " " + error.report()->constraint;
  }
  Task<void> finish() {
    has_failed_ = {};
    for (auto& stack : open_) {
      while (!stack.empty()) {
        co_await stack.back().rollback();
        stack.pop_back();
      }
    }
    for (const char* const table : {"posts", "notes", "users"})
      co_await db_.remove(table, all_rows(), in_schema("difference"));
  }

 private:
  Task<std::string> act(const Step& step) {
    std::vector<Transaction>& stack = open_.at(step.actor);
    if (step.begins) co_return co_await begin(stack);
    if (step.commits) co_return co_await commit(stack);
    if (step.goes_back) {
      co_await stack.back().rollback();
      stack.pop_back();
      co_return "went back";
    }
    if (stack.empty()) co_return co_await write(db_, step);
    TableOperations operations = db_.on(stack.back());
    co_return co_await write(operations, step);
  }
  Task<std::string> begin(std::vector<Transaction>& stack) {
    if (stack.empty())
      stack.push_back(co_await db_.begin());
    else
      stack.push_back(co_await stack.back().begin());
    co_return "begun";
  }
  static Task<std::string> commit(std::vector<Transaction>& stack) {
    const auto committed = co_await as_attempt(stack.back().commit());
    const bool is_open = stack.back().is_open();
    if (!is_open) stack.pop_back();
    if (committed) co_return "committed";
    if (!is_open && committed.error().outcome() == Outcome::rolled_back) co_return "rolled back";
    std::rethrow_exception(committed.thrown());
  }
  static Task<std::string> write(TableOperations& tables, const Step& step) {
    const auto here = [] { return in_schema("difference"); };
    const auto user = where("id", step.id);
    const std::string name = "n" + std::to_string(step.value);
    std::size_t count = 1;
    switch (step.kind) {
      case Step::Kind::add_user:
        co_await tables.insert("users", record("id", step.id, "name", name), here());
        break;
      case Step::Kind::rename:
        count = (co_await tables.update("users", record("name", name), user, here())).size();
        break;
      case Step::Kind::renumber:
        count = (co_await tables.update("users", record("id", step.value), user, here())).size();
        break;
      case Step::Kind::age:
        count = (co_await tables.update("users", record("age", step.value), user, here())).size();
        break;
      case Step::Kind::remove_user:
        count = co_await tables.remove("users", user, here());
        break;
      case Step::Kind::upsert:
        co_await tables.upsert("users", record("id", step.id, "name", name), "name", here());
        break;
      case Step::Kind::add_child:
        co_await tables.insert(step.child, record("id", step.value, "user_id", step.id), here());
        break;
      case Step::Kind::remove_child:
        count = co_await tables.remove(step.child, where("id", step.value), here());
        break;
    }
    std::string text = std::to_string(count) + " written;";
    for (const char* const table : {"users", "posts", "notes"}) {
      const auto rows = co_await tables.fetch(table, order_by("id"), here());
      for (const Record& row : rows) text += " " + row.to_json();
    }
    co_return text;
  }

  DBOperator& db_;
  std::array<std::vector<Transaction>, Generator::actor_count> open_;
  std::array<bool, Generator::actor_count> has_failed_ = {};
};

TEST_P(TransactionDifference, WhatMockModeAnswersAServerAnswersWithoutWaiting) {
  constexpr std::chrono::seconds limit{120};  // thousands of steps, also under a sanitizer
  const auto compare = [](DBOperator& db) -> Task<void> {
    co_await db.connector().execute_script(create_accounts);
    DBOperator mock(db.connector().reactor(), difference_tables());
    Generator generator;
    Stage server(db), memory(mock);
    constexpr int round_count = 100, steps_per_round = 40;
    int answers = 0, refusals = 0, differences = 0;
    for (int round = 0; round < round_count && differences == 0; ++round) {
      std::ostringstream story;
      for (int i = 0; i < steps_per_round && differences == 0; ++i) {
        const Step step = generator.next();
        if (!memory.is_possible(step)) continue;
        const std::string ours = co_await memory.play(step);
        story << step << ": " << ours << "\n";
        ++(ours == "MockModeError" ? refusals : answers);
        if (ours == "MockModeError") continue;
        const std::string theirs = co_await server.play(step);
        if (ours == theirs) continue;
        ++differences;
        ADD_FAILURE() << story.str() << "on the server: " << theirs;
      }
      co_await memory.finish();
      co_await server.finish();
    }
    EXPECT_GT(answers, 5 * refusals);
    co_await db.connector().execute_script(
        "SET client_min_messages = warning; DROP SCHEMA difference CASCADE");
  };
  operate(compare, limit);
}

INSTANTIATE_TEST_SUITE_P(Server, TransactionDifference, ::testing::Values(World::server));

}  // namespace
}  // namespace pgreactor::specification
