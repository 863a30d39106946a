#pragma once
#include <exception>
#include <memory>
#include <pgreactor/error.hpp>
#include <pgreactor/export.hpp>
#include <string>

// The failures of a statement that a caller treats differently. All are QueryErrors.
namespace pgreactor {

/// A row that a constraint does not allow (class 23). report() names the constraint, the table and,
/// for some, the column; its detail has the key.
class PGREACTOR_API ConstraintViolation : public QueryError {
 public:
  using QueryError::QueryError;
};
class PGREACTOR_API UniqueViolation : public ConstraintViolation {  // 23505
 public:
  using ConstraintViolation::ConstraintViolation;
};
class PGREACTOR_API ForeignKeyViolation : public ConstraintViolation {  // 23503
 public:
  using ConstraintViolation::ConstraintViolation;
};
class PGREACTOR_API NotNullViolation : public ConstraintViolation {  // 23502
 public:
  using ConstraintViolation::ConstraintViolation;
};
class PGREACTOR_API CheckViolation : public ConstraintViolation {  // 23514
 public:
  using ConstraintViolation::ConstraintViolation;
};
class PGREACTOR_API ExclusionViolation : public ConstraintViolation {  // 23P01
 public:
  using ConstraintViolation::ConstraintViolation;
};

/// The text is no SQL (42601).
class PGREACTOR_API SyntaxError : public QueryError {
 public:
  using QueryError::QueryError;
};
/// Concurrent transactions have no order in which both could have run (40001): run it again.
class PGREACTOR_API SerializationFailure : public QueryError {
 public:
  using QueryError::QueryError;
};
/// Transactions waited for each other (40P01): run it again.
class PGREACTOR_API DeadlockDetected : public QueryError {
 public:
  using QueryError::QueryError;
};
/// The rows are not as the caller expected: another version of them, or more of them.
class PGREACTOR_API ConflictError : public QueryError {
 public:
  using QueryError::QueryError;
};
/// There is no row where there has to be one.
class PGREACTOR_API NotFoundError : public QueryError {
 public:
  using QueryError::QueryError;
};

namespace detail {
/// For the library: what the server's report is thrown as. SchemaError for what is missing or there
/// already; else QueryError or one of its subtypes.
PGREACTOR_API std::exception_ptr server_error(const std::string& message, Outcome outcome,
                                              std::shared_ptr<const ServerReport> report);
/// For the library: an error of the same type that says `message`. `thrown` itself, which `error`
/// is of, when it is of a type that is not known here: a caller's own, for instance.
PGREACTOR_API std::exception_ptr with_message(const std::exception_ptr& thrown, const Error& error,
                                              const std::string& message);
}  // namespace detail

}  // namespace pgreactor
