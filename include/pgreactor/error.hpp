#pragma once
#include <memory>
#include <pgreactor/export.hpp>
#include <pgreactor/vocabulary/outcome.hpp>
#include <pgreactor/vocabulary/server_report.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgreactor {

/// Root of all that this library throws. Few subclasses, one per thing a caller does differently;
/// the rest is asked here. Copying is cheap and cannot throw.
class PGREACTOR_API Error : public std::runtime_error {
 public:
  /// The server's own words; null when the error is not the server's.
  const ServerReport* report() const noexcept { return report_.get(); }
  /// The server's code, or the placeholder "XXXXX" when the error is not the server's.
  Sqlstate sqlstate() const noexcept { return report_ ? report_->sqlstate : Sqlstate{}; }
  /// May the next query run on the connection that this one used?
  bool connection_usable() const noexcept { return connection_usable_; }
  /// What became of the statement; not_sent: a retry cannot run it twice.
  Outcome outcome() const noexcept { return outcome_; }
  /// Of a connection that was lost: what went over it last, a message or a row of like ones a line,
  /// with age, direction, name and size, never content. Empty for every other error.
  std::string_view recent_events() const noexcept {
    return events_ ? std::string_view(*events_) : std::string_view();
  }

 protected:
  Error(const std::string& message, Outcome outcome, bool connection_usable,
        std::shared_ptr<const ServerReport> report = nullptr,
        std::shared_ptr<const std::string> events = nullptr)
      : std::runtime_error(message),
        report_(std::move(report)),
        events_(std::move(events)),
        outcome_(outcome),
        connection_usable_(connection_usable) {}

 private:
  std::shared_ptr<const ServerReport> report_;
  std::shared_ptr<const std::string> events_;
  Outcome outcome_;
  bool connection_usable_;
};

/// The connection could not be made, or is lost: acquire another. The message names the host, the
/// port and the phase ("connecting to localhost:5432: authenticating: ...").
class PGREACTOR_API ConnectionError : public Error {
 public:
  explicit ConnectionError(const std::string& message, Outcome outcome = Outcome::not_sent,
                           std::shared_ptr<const ServerReport> report = nullptr,
                           std::shared_ptr<const std::string> events = nullptr)
      : Error(message, outcome, false, std::move(report), std::move(events)) {}
};

/// This process is a child made by fork(), and the connector, connection or loop thread is its
/// parent's: make another here. Nothing was sent; the parent and its sessions were not touched.
class PGREACTOR_API ForkError : public Error {
 public:
  explicit ForkError(const std::string& message, Outcome outcome = Outcome::not_sent)
      : Error(message, outcome, false) {}
};

/// The statement failed: syntax, constraint, conversion, deadline. The connection is usable unless
/// connection_usable() says otherwise.
class PGREACTOR_API QueryError : public Error {
 public:
  explicit QueryError(const std::string& message, Outcome outcome = Outcome::not_sent,
                      std::shared_ptr<const ServerReport> report = nullptr,
                      bool connection_usable = true)
      : Error(message, outcome, connection_usable, std::move(report)) {}
};

/// A deadline passed first.
class PGREACTOR_API TimeoutError : public QueryError {
 public:
  using QueryError::QueryError;
};

/// A stop was requested first.
class PGREACTOR_API CancelledError : public QueryError {
 public:
  using QueryError::QueryError;
};

/// A schema or table is missing, exists already, or is not what the operation needs.
class PGREACTOR_API SchemaError : public Error {
 public:
  explicit SchemaError(const std::string& message, Outcome outcome = Outcome::not_sent,
                       std::shared_ptr<const ServerReport> report = nullptr)
      : Error(message, outcome, true, std::move(report)) {}
};

/// The name that matched no column of a table or more than one, and what the table has instead.
struct ColumnMatchDetails {
  std::string schema;
  std::string table;
  std::string column;                    ///< as the caller wrote it
  std::vector<std::string> candidates;   ///< columns that it could mean; empty unless ambiguous
  std::vector<std::string> suggestions;  ///< columns that may have been meant, the nearest first
};

/// A column name matched no column of the table, or more than one.
class PGREACTOR_API ColumnMatchError : public Error {
 public:
  explicit ColumnMatchError(const std::string& message, Outcome outcome = Outcome::not_sent,
                            std::shared_ptr<const ServerReport> report = nullptr)
      : Error(message, outcome, true, std::move(report)) {}
  ColumnMatchError(const std::string& message, std::shared_ptr<const ColumnMatchDetails> details,
                   Outcome outcome = Outcome::not_sent,
                   std::shared_ptr<const ServerReport> report = nullptr)
      : Error(message, outcome, true, std::move(report)), details_(std::move(details)) {}

  /// Null where no table is concerned: a struct that the columns of a result do not fit.
  const ColumnMatchDetails* details() const noexcept { return details_.get(); }

 private:
  std::shared_ptr<const ColumnMatchDetails> details_;
};

}  // namespace pgreactor
