#include <pgreactor/query_errors.hpp>
#include <string_view>
#include <utility>

namespace pgreactor::detail {
namespace {

using Report = std::shared_ptr<const ServerReport>;
using Make = std::exception_ptr (*)(const std::string&, Outcome, Report);

template <class T>
std::exception_ptr made(const std::string& message, Outcome outcome, Report report) {
  return std::make_exception_ptr(T(message, outcome, std::move(report)));
}

struct TypeOf {
  std::string_view code;
  Make make;
};
// Source  postgresql.org/docs/current/errcodes-appendix.html
constexpr TypeOf types_by_code[] = {
    {"23502", made<NotNullViolation>},     {"23503", made<ForeignKeyViolation>},
    {"23505", made<UniqueViolation>},      {"23514", made<CheckViolation>},
    {"23P01", made<ExclusionViolation>},   {"42601", made<SyntaxError>},
    {"40001", made<SerializationFailure>}, {"40P01", made<DeadlockDetected>},
    {"3F000", made<SchemaError>},          {"42P01", made<SchemaError>},
    {"42P06", made<SchemaError>},          {"42P07", made<SchemaError>},
};

}  // namespace

std::exception_ptr server_error(const std::string& message, Outcome outcome, Report report) {
  const std::string_view code = report->sqlstate.view();
  for (const TypeOf& type : types_by_code)
    if (type.code == code) return type.make(message, outcome, std::move(report));
  if (code.starts_with("23")) return made<ConstraintViolation>(message, outcome, std::move(report));
  return made<QueryError>(message, outcome, std::move(report));
}

}  // namespace pgreactor::detail
