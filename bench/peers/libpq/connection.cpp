#include "bench/peers/libpq/connection.hpp"

#include <stdexcept>
#include <string>

#include "bench/measured_program.hpp"

namespace pgreactor::bench {
namespace {

constexpr const char* statement = "s";

// One int4 parameter as libpq's arrays want it.
struct Int4 {
  explicit Int4(std::int32_t parameter) { store(bytes, static_cast<std::uint32_t>(parameter)); }

  char bytes[sizeof(std::int32_t)];
  const char* value = bytes;
  int length = sizeof bytes;
  int format = 1;
};

}  // namespace

Connection::Connection() : connection_(PQconnectdb("")) {
  if (PQstatus(get()) != CONNECTION_OK) fail();
}

void Connection::fail() const {
  std::string message = PQerrorMessage(get());
  while (message.ends_with('\n')) message.pop_back();
  throw std::runtime_error(message.empty() ? "libpq gave another result than expected" : message);
}

Result Connection::expect(ExecStatusType status, PGresult* result) const {
  Result owned(result);
  if (PQresultStatus(result) != status) fail();
  return owned;
}

void Connection::execute(std::string_view sql) const {
  expect(PGRES_COMMAND_OK, PQexec(get(), std::string(sql).c_str()));
}
void Connection::prepare(std::string_view sql) const {
  expect(PGRES_COMMAND_OK, PQprepare(get(), statement, std::string(sql).c_str(), 0, nullptr));
}

Result Connection::run(std::int32_t parameter) const {
  const Int4 one(parameter);
  return expect(PGRES_TUPLES_OK,
                PQexecPrepared(get(), statement, 1, &one.value, &one.length, &one.format, 1));
}
void Connection::send(std::int32_t parameter) const {
  const Int4 one(parameter);
  if (PQsendQueryPrepared(get(), statement, 1, &one.value, &one.length, &one.format, 1) == 0)
    fail();
}

std::int32_t randomnumber_of(const Result& result) noexcept {
  keep(int4_at(result, 0, 0));
  return int4_at(result, 0, 1);
}

}  // namespace pgreactor::bench
