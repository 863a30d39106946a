#include "bench/short/operator_workloads.hpp"

#include <cstdint>
#include <memory>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <vector>

#include "bench/short/pooled_run.hpp"
#include "bench/typed_row.hpp"
#include "src/operator/core.hpp"
#include "src/operator/sql_store.hpp"

namespace pgreactor::bench {
namespace {

constexpr int canned_number = 1234;  // the second column of the canned row of `world`
constexpr std::string_view held_read_sql =
    R"(SELECT "id", "randomnumber" FROM "public"."world" WHERE "id" = $1 LIMIT $2)";
constexpr std::string_view held_insert_sql =
    R"(INSERT INTO "public"."bulkin" ("a", "b", "c", "d") VALUES ($1, $2, $3, $4))";

TableColumn column(std::string name, Oid type, char category) {
  TableColumn made;
  made.name = std::move(name);
  made.type = type;
  made.type_category = category;
  return made;
}

std::shared_ptr<const Table> world_table() {
  auto table = std::make_shared<Table>();
  table->name = QualifiedName("public", "world");
  table->columns.push_back(column("id", oid::int4, 'N'));
  table->columns.push_back(column("randomnumber", oid::int4, 'N'));
  TableKey key;
  key.kind = TableKey::Kind::primary;
  key.columns.push_back(0);
  table->keys.push_back(key);
  return table;
}

std::shared_ptr<const Table> bulk_table() {
  auto table = std::make_shared<Table>();
  table->name = QualifiedName("public", "bulkin");
  table->columns.push_back(column("a", oid::int8, 'N'));
  table->columns.push_back(column("b", oid::float8, 'N'));
  table->columns.push_back(column("c", oid::timestamptz, 'D'));
  table->columns.push_back(column("d", oid::text, 'S'));
  return table;
}

/// Two tables that never change.
class FixedCatalogue final : public Catalogue {
 public:
  std::shared_ptr<const Table> known(const QualifiedName& name) const noexcept override {
    return name.table() == "world" ? world_ : bulk_;
  }
  Task<std::shared_ptr<const Table>> find(QualifiedName name) override { co_return known(name); }
  Task<std::shared_ptr<const Table>> read_again(QualifiedName name) override {
    co_return known(name);
  }
  Task<std::vector<std::string>> tables_of(std::string) override {
    co_return std::vector<std::string>();
  }
  Task<bool> has_schema(std::string) override { co_return true; }
  void forget(const QualifiedName&) noexcept override {}
  void forget_all() noexcept override {}

 private:
  std::shared_ptr<const Table> world_ = world_table();
  std::shared_ptr<const Table> bulk_ = bulk_table();
};

TableOperations operations_over(DBConnector& db) {
  const auto begin = [&db] { return db.begin(); };
  auto catalogue = std::make_unique<FixedCatalogue>();
  auto store = std::make_unique<operators::SqlStore>(
      db, *catalogue, std::make_shared<operators::StatementTexts>(), begin);
  return TableOperations(
      std::make_shared<operators::Core>(std::move(catalogue), std::move(store), &db, begin));
}

}  // namespace

ShortResult read_held(const ShortWorkload& workload, const std::string& host) {
  return with_pool(workload, host, [&](DBConnector& db, SteadyState& steady) -> Task<void> {
    const Statement statement = db.prepare(held_read_sql);
    for (std::uint64_t i = 0; i < workload.each_takes; ++i) {
      steady.before(i);
      const auto row = co_await db.execute(statement, static_cast<int>(i), 1, fetch_row);
      require(row.value().get<int>(1) == canned_number);
      steady.completed();
    }
  });
}

ShortResult read_by_operator(const ShortWorkload& workload, const std::string& host) {
  return with_pool(workload, host, [&](DBConnector& db, SteadyState& steady) -> Task<void> {
    TableOperations tables = operations_over(db);
    for (std::uint64_t i = 0; i < workload.each_takes; ++i) {
      steady.before(i);
      const auto row = co_await tables.get_by_uuid("world", static_cast<int>(i));
      require(row.value().get<int>("randomnumber") == canned_number);
      steady.completed();
    }
  });
}

ShortResult insert_held(const ShortWorkload& workload, const std::string& host) {
  return with_pool(workload, host, [&](DBConnector& db, SteadyState& steady) -> Task<void> {
    const Statement statement = db.prepare(held_insert_sql);
    for (std::uint64_t i = 0; i < workload.each_takes; ++i) {
      steady.before(i);
      const TypedRow row = typed_row(i + 1);
      const Result result = co_await db.execute(statement, row.a, row.b, row.c, row.text());
      require(result.affected_rows() == 1);
      steady.completed();
    }
  });
}

ShortResult insert_by_operator(const ShortWorkload& workload, const std::string& host) {
  return with_pool(workload, host, [&](DBConnector& db, SteadyState& steady) -> Task<void> {
    TableOperations tables = operations_over(db);
    for (std::uint64_t i = 0; i < workload.each_takes; ++i) {
      steady.before(i);
      const TypedRow row = typed_row(i + 1);
      co_await tables.insert("bulkin", record("a", row.a, "b", row.b, "c", row.c, "d", row.text()),
                             returning_nothing());
      steady.completed();
    }
  });
}

}  // namespace pgreactor::bench
