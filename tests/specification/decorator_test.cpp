#include "tests/specification/specification_fixture.hpp"

// The heading "Async Decorators". Its examples run SQL, which memory refuses.
namespace pgreactor::specification {
namespace {

Task<std::optional<Dict>> process_data(Transaction& conn, int data_id) {
  auto result = co_await conn.fetch_dict("SELECT * FROM public.data WHERE id = $1", data_id);
  co_await conn.execute("UPDATE public.data SET processed = TRUE WHERE id = $1", data_id);
  co_return result;
}

class Service {
 public:
  Task<bool> process(Transaction& conn, int data_id) {
    const auto row = co_await process_data(conn, data_id);
    co_return row.has_value();
  }
};

// In memory there is no connector to take a connection from.
TEST_P(Snippets, AsyncDecorators) {
  operate([this](DBOperator& db) -> Task<void> {
    co_await db.insert("data", record("id", 7));
    if (in_memory()) {
      EXPECT_THROW(static_cast<void>(with_db_connection(db.connector(), process_data)),
                   MockModeError);
      co_return;
    }
    const auto decorated = with_db_connection(db.connector(), process_data);
    const auto result = co_await decorated(7);
    EXPECT_EQ(result->get<int>("id"), 7);
    EXPECT_EQ(co_await db.count("data", where("processed", true)), 1u);
    Service service;
    const auto method = with_db_connection(db.connector(), &Service::process);
    EXPECT_TRUE(co_await method(service, 7));
    EXPECT_FALSE(co_await method(service, 8));
  });
}

/// Two writes by standard methods, in the transaction that the decorator has begun.
int process_task(blocking::DBOperator& db, blocking::Connection& conn, int task_id, bool fails) {
  db.on(conn).insert("data", record("id", task_id));
  if (fails) throw std::runtime_error("the task's own");
  return static_cast<int>(
      db.on(conn).update("data", record("processed", true), where("id", task_id)).size());
}

TEST_P(Snippets, CeleryTasks) {
  const auto db = blocking_operator();
  const auto body = [&](blocking::Connection& conn, int task_id, bool fails) {
    return process_task(*db, conn, task_id, fails);
  };
  const auto task = blocking::with_db_connection(*db, body);
  EXPECT_EQ(task(1, false), 1);
  EXPECT_THROW(task(2, true), std::runtime_error);
  EXPECT_EQ(db->count("data"), 1u);
  EXPECT_EQ(db->count("data", where("processed", true)), 1u);
}

// In memory: the statement is refused, and the transaction rolled back.
TEST_P(Snippets, CeleryTasksThatRunSql) {
  const auto db = blocking_operator();
  const auto body = [&](blocking::Connection& conn, int task_id) {
    db->on(conn).insert("data", record("id", task_id));
    conn.execute("UPDATE public.data SET processed = TRUE WHERE id = $1", task_id);
  };
  const auto task = blocking::with_db_connection(*db, body);
  if (!in_memory()) {
    task(1);
    EXPECT_EQ(db->count("data", where("processed", true)), 1u);
    return;
  }
  EXPECT_THROW(task(1), MockModeError);
  EXPECT_EQ(db->count("data"), 0u);
}

}  // namespace
}  // namespace pgreactor::specification
