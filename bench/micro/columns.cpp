// Which column a caller's name means, by the tier that finds it, in a table of 24 columns.
#include <benchmark/benchmark.h>

#include <array>
#include <stdexcept>
#include <string_view>

#include "bench/micro/micro_benchmark.hpp"
#include "src/operator/column_matching.hpp"

namespace pgreactor::bench {
namespace {

constexpr auto names = std::to_array<std::string_view>(
    {"id",         "uuid",       "username",     "email",      "email_verified_at", "password_hash",
     "first_name", "last_name",  "display_name", "avatar_url", "phone_number",      "is_active",
     "is_admin",   "role",       "status",       "locale",     "timezone",          "last_login_at",
     "company_id", "address_id", "login_count",  "created_at", "updated_at",        "deleted_at"});

void match(Loop& loop, std::string_view wanted, std::string_view column) {
  const operators::ColumnIndex columns(names);
  while (loop.next()) {
    benchmark::DoNotOptimize(wanted);
    const operators::ColumnMatch found = operators::match_column(wanted, columns);
    benchmark::DoNotOptimize(found.column());
  }
  const operators::ColumnMatch found = operators::match_column(wanted, columns);
  if (found.found() != !column.empty() || (found.found() && names[found.column()] != column))
    throw std::runtime_error("another column than was meant");
}

void prepare(Loop& loop) {
  while (loop.next()) {
    operators::ColumnIndex columns(names);
    benchmark::DoNotOptimize(columns);
  }
}

}  // namespace

void add_columns(MicroBenchmarks& all) {
  const auto add = [&](const char* name, std::string_view wanted, std::string_view column) {
    all.push_back({name, [=](Loop& loop) { match(loop, wanted, column); }});
  };
  add("columns/exact", "created_at", "created_at");
  add("columns/letter_case", "CREATED_AT", "created_at");
  add("columns/style", "createdAt", "created_at");
  add("columns/number", "companyIds", "company_id");
  add("columns/none", "createdBy", "");
  all.push_back({"columns/prepare_24", prepare});
}

}  // namespace pgreactor::bench
