#include <array>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/credentials.hpp>
#include <pgreactor/query_errors.hpp>
#include <typeinfo>

namespace pgreactor::detail {
namespace {

std::shared_ptr<const ServerReport> report_of(const Error& error) {
  if (error.report() == nullptr) return nullptr;
  return std::make_shared<const ServerReport>(*error.report());
}

template <class Kind>
std::exception_ptr query_error(const Error& error, const std::string& message) {
  return std::make_exception_ptr(
      Kind(message, error.outcome(), report_of(error), error.connection_usable()));
}

template <class Kind>
std::exception_ptr connection_error(const Error& error, const std::string& message) {
  return std::make_exception_ptr(Kind(message, error.outcome(), report_of(error),
                                      std::make_shared<const std::string>(error.recent_events())));
}

std::exception_ptr schema_error(const Error& error, const std::string& message) {
  return std::make_exception_ptr(SchemaError(message, error.outcome(), report_of(error)));
}

std::exception_ptr column_match_error(const Error& error, const std::string& message) {
  const ColumnMatchDetails* found = static_cast<const ColumnMatchError&>(error).details();
  const auto details = found ? std::make_shared<const ColumnMatchDetails>(*found) : nullptr;
  return std::make_exception_ptr(
      ColumnMatchError(message, details, error.outcome(), report_of(error)));
}

std::exception_ptr configuration_error(const Error& error, const std::string& message) {
  const auto& wrong = static_cast<const ConfigurationError&>(error);
  return std::make_exception_ptr(ConfigurationError(wrong.parameter(), message));
}

struct Kind {
  const std::type_info& type;
  std::exception_ptr (*again)(const Error& error, const std::string& message);
};

constexpr std::array kinds{
    Kind{typeid(QueryError), query_error<QueryError>},
    Kind{typeid(TimeoutError), query_error<TimeoutError>},
    Kind{typeid(CancelledError), query_error<CancelledError>},
    Kind{typeid(ConstraintViolation), query_error<ConstraintViolation>},
    Kind{typeid(UniqueViolation), query_error<UniqueViolation>},
    Kind{typeid(ForeignKeyViolation), query_error<ForeignKeyViolation>},
    Kind{typeid(NotNullViolation), query_error<NotNullViolation>},
    Kind{typeid(CheckViolation), query_error<CheckViolation>},
    Kind{typeid(ExclusionViolation), query_error<ExclusionViolation>},
    Kind{typeid(SyntaxError), query_error<SyntaxError>},
    Kind{typeid(SerializationFailure), query_error<SerializationFailure>},
    Kind{typeid(DeadlockDetected), query_error<DeadlockDetected>},
    Kind{typeid(ConflictError), query_error<ConflictError>},
    Kind{typeid(NotFoundError), query_error<NotFoundError>},
    Kind{typeid(ConnectionError), connection_error<ConnectionError>},
    Kind{typeid(CredentialsError), connection_error<CredentialsError>},
    Kind{typeid(ConfigurationError), configuration_error},
    Kind{typeid(SchemaError), schema_error},
    Kind{typeid(ColumnMatchError), column_match_error},
};

}  // namespace

std::exception_ptr with_message(const std::exception_ptr& thrown, const Error& error,
                                const std::string& message) {
  for (const Kind& kind : kinds)
    if (kind.type == typeid(error)) return kind.again(error, message);
  return thrown;
}

}  // namespace pgreactor::detail
