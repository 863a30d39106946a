#include "src/connection/errors.hpp"

#include <pgreactor/query_errors.hpp>
#include <pgreactor/row.hpp>

#include "src/connection/script_request.hpp"
#include "src/connection/type_names.hpp"

namespace pgreactor {
namespace connection {
namespace {

constexpr std::size_t most_sql_shown = 120;  // characters

// " [SELECT ... at file.cpp:12]": enough to find the statement, never its values.
std::string place_of(const detail::Request& request) {
  const std::string& sql = request.statement()->text();
  std::string place = " [" + sql.substr(0, most_sql_shown);
  if (sql.size() > most_sql_shown) place += "...";
  if (request.where().line() != 0) place += " at " + line_of(request.where());
  return place + "]";
}

bool is_control(char c) noexcept { return (c >= '\0' && c < ' ') || c == '\x7f'; }

// Whoever writes such texts, before he has proved anything, may not begin lines in our log, nor
// speak to a terminal. The report itself keeps them as they came.
std::string on_one_line(const std::string& text) {
  std::string shown;
  shown.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // U+0080 to U+009F, in UTF-8
    const bool later_control = c == '\xc2' && i + 1 < text.size() &&
                               static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
                               static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c == '\n') {
      shown += "\\n";
    } else if (is_control(c) || later_control) {
      const auto code = static_cast<unsigned char>(later_control ? text[++i] : c);
      constexpr std::string_view digits = "0123456789abcdef";
      shown.append("\\x").append(1, digits[code >> 4U]).append(1, digits[code & 0xfU]);
    } else {
      shown += c;
    }
  }
  return shown;
}

}  // namespace

std::string line_of(const std::source_location& where) {
  if (where.line() == 0) return {};
  std::string_view file = where.file_name();
  if (const auto slash = file.rfind('/'); slash != std::string_view::npos)
    file.remove_prefix(slash + 1);
  return std::string(file) + ":" + std::to_string(where.line());
}

std::string sentence_of(const ServerReport& report) {
  std::string sentence = report.severity + " " + std::string(report.sqlstate.view()) + ": ";
  sentence += report.message;
  if (!report.detail.empty()) sentence += " (" + report.detail + ")";
  if (!report.hint.empty()) sentence += " Hint: " + report.hint;
  return on_one_line(sentence);
}

std::exception_ptr query_failed(const std::shared_ptr<const ServerReport>& report,
                                const detail::Request& request, Outcome outcome) {
  std::string message = sentence_of(*report) + place_of(request);
  if (request.is_script()) {
    const auto& script = static_cast<const detail::ScriptRequest&>(request);
    message = "statement " + std::to_string(script.ended() + 1) + " of a script: " + message;
    if (script.committed()) outcome = Outcome::unknown;
  }
  return detail::server_error(message, outcome, report);
}

std::exception_ptr transaction_refused(const detail::Request& request) {
  return std::make_exception_ptr(QueryError(
      "the statement began a transaction on a connection that others share; it was rolled "
      "back. Use transaction() or begin()" +
          place_of(request),
      Outcome::rolled_back, nullptr, false));
}

std::exception_ptr copy_in_script(const detail::Request& request) {
  return std::make_exception_ptr(QueryError(
      "a script cannot COPY ... TO STDOUT: use copy_out()" + place_of(request), Outcome::unknown));
}

std::exception_ptr several_copies(const detail::Request& request) {
  return std::make_exception_ptr(
      QueryError("one text has several COPYs" + place_of(request), Outcome::unknown));
}

std::exception_ptr connection_lost(const std::string& peer, std::string_view cause, Outcome outcome,
                                   const std::shared_ptr<const ServerReport>& report,
                                   std::shared_ptr<const std::string> events) {
  std::string message = "the connection to " + peer + " was lost: ";
  message += report ? sentence_of(*report) : std::string(cause);
  message += " (outcome: " + std::string(name_of(outcome)) + ")";
  return std::make_exception_ptr(ConnectionError(message, outcome, report, std::move(events)));
}

ForkError inherited(const std::string& what, Outcome outcome) {
  return ForkError("this process is a child made by fork(), and the " + what +
                       " is its parent's: make a connector in the child",
                   outcome);
}

void throw_parameter_count(const detail::Request& request, std::size_t wanted) {
  const std::size_t given = request.parameter_count();
  throw QueryError("the query has " + std::to_string(wanted) +
                   (wanted == 1 ? " parameter but " : " parameters but ") + std::to_string(given) +
                   (given == 1 ? " argument was given" : " arguments were given") +
                   place_of(request));
}

void throw_parameter_error(const detail::Request& request, const detail::ParameterFailure& failure,
                           std::span<const Oid> types) {
  std::string message;
  if (failure.index < types.size()) {
    message = "parameter $" + std::to_string(failure.index + 1) + " (" +
              type_name(types[failure.index]) + "): ";
  }
  message += std::string(name_of(failure.error)) + place_of(request);
  // The column that it is for may be wider by now.
  if (failure.error == EncodeError::out_of_range || failure.error == EncodeError::type_mismatch)
    request.statement()->doubt();
  throw QueryError(message);
}

void throw_text_error(const detail::StatementEntry& entry, EncodeError error) {
  throw QueryError("the statement's text: " + std::string(name_of(error)) + " [" +
                   entry.text().substr(0, most_sql_shown) + "]");
}

}  // namespace connection

namespace detail {
namespace {

// An answer that cannot be used as it was asked for: its statement has run.
[[noreturn]] void refuse_answer(const std::string& message) {
  throw QueryError(message, Outcome::unknown);
}

}  // namespace

void throw_decode_error(const Column& column, DecodeError error) {
  refuse_answer("column '" + column.name + "' (" + type_name(column.type) +
                "): " + std::string(name_of(error)));
}

void throw_no_column(const ResultShape& shape, std::size_t index) {
  refuse_answer("column " + std::to_string(index) + " of a row that has " +
                std::to_string(shape.size()));
}

void throw_no_column(const ResultShape& shape, std::string_view name) {
  std::string names;
  for (const Column& column : shape.columns()) names += (names.empty() ? "" : ", ") + column.name;
  refuse_answer("no column '" + std::string(name) + "' in the row, which has: " + names);
}

void throw_no_more_fields() { refuse_answer("a field was asked for behind the last of the row"); }

void throw_column_count(std::size_t columns, std::size_t wanted) {
  refuse_answer("a row of " + std::to_string(columns) + " columns was asked for " +
                std::to_string(wanted) + " values");
}

}  // namespace detail
}  // namespace pgreactor
