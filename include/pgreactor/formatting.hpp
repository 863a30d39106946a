#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <pgreactor/datum.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/record.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// Values as text, for logs and for storage. The specification's names begin with an underscore,
// which no public name here does:
//   _format_for_logging             format_for_logging
//   _log_data                       DataLog::log_data
//   _format_variable                format_variable
//   _prepare_variables_for_storage  prepare_variables_for_storage
//   _format_response_for_storage    format_response_for_storage
//   clean_response_for_storage      the same
namespace pgreactor {

namespace detail {
template <class T>
concept TextSource = std::convertible_to<const T&, std::string_view> && !std::is_pointer_v<T> &&
                     !std::is_same_v<T, std::nullptr_t>;
}

/// What can be formatted: a record, records, text, and whatever a Datum can be made of. Made
/// without saying so, as the argument of a call.
/// Owner   refers to what it was made of, which outlives the call; a value that had to become a
///         Datum first is its own.
class PGREACTOR_API Formattable {
 public:
  using Alternatives = std::variant<const Record*, const std::vector<Record>*, const Datum*,
                                    std::string_view, Datum>;

  explicit(false) Formattable(const Record& record) noexcept : value_(&record) {}
  explicit(false) Formattable(const std::vector<Record>& records) noexcept : value_(&records) {}
  explicit(false) Formattable(const Datum& value) noexcept : value_(&value) {}
  template <detail::TextSource T>
  explicit(false) Formattable(const T& text) : value_(std::string_view(text)) {}
  /// A null pointer is NULL. What an insert gives is a record here, not its id.
  template <class T>
    requires(detail::DatumSource<T> && !detail::TextSource<T> && !std::derived_from<T, Record>)
  explicit(false) Formattable(const T& value) : value_(std::in_place_type<Datum>, value) {}

  const Alternatives& alternatives() const noexcept { return value_; }

 private:
  Alternatives value_;
};

/// _format_for_logging: a value as a person reads it in a log.
///   a string of more than `max_length` code points  is cut: "... [truncated 37 chars]"
///   what stands behind the 20th element of a list   "... (+5 more)"
///   a list or object in more than five others       "[... 3 items]", "{... 3 fields}"
///   the value of a key that names a secret          "***"
///   bytes                                           "<bytes 16>"
///   timestamps                                      as in format_variable
/// A key names a secret when password, secret, token, api_key, authorization or cookie is part of
/// it in whatever case and style: userPassword, API-Key. It is masked at every depth, also within
/// JSON documents and within text that is a JSON object, list or string. What looks like one and
/// cannot be read, being cut off or too deep, shows its size alone: "<document of 12 bytes>".
/// Shape   a record, records, an array, a JSON document: JSON, always valid. One value without
///         quotes; control characters in it are escaped, so that it is one line.
/// Units   code points.
/// Errors  never for what the value holds: what is no UTF-8 is shown as U+FFFD.
PGREACTOR_API std::string format_for_logging(const Formattable& value,
                                             std::size_t max_length = 500);

/// What a value lost on its way into storage, for the caller to warn of. Each function adds.
struct StorageLosses {
  std::size_t not_finite = 0;      // NaN and the infinities: null, for JSON has no such number
  std::size_t nul_characters = 0;  // taken out: neither text nor jsonb can hold them
  std::size_t invalid_bytes = 0;   // replaced by U+FFFD: they were no UTF-8
  std::size_t cut_strings = 0;     // longer than the call allowed
  std::size_t repeated_names = 0;  // in one JSON object; the last one won
  std::size_t too_deep = 0;        // arrays in more than 1023 others: "[...]"

  bool any() const noexcept { return *this != StorageLosses(); }
  friend bool operator==(const StorageLosses&, const StorageLosses&) = default;
};

/// _format_variable: a value as it is stored.
///   timestamps, with a zone or not  "2024-02-29T12:00:00.5+00:00", UTC
///   a UUID, a date, an interval     its text
///   an exact number                 a number where a double is the same; else text, all its digits
///   bytes                           "\x0102", the server's text
///   NaN, an infinity                null
///   DEFAULT                         null
///   a JSON document                 read and written again: numbers keep their digits, of a name
///                                   that stands twice the last counts, as in jsonb; a number that
///                                   no numeric holds is text
/// Nothing is masked and no list is shortened: this is the data. Strings are cut as in a log, names
/// never.
/// Shape   as format_for_logging: JSON for what has a structure, one value without quotes.
/// Units   code points.
/// Errors  none for what the value holds; `losses`, if given, counts what could not be kept.
PGREACTOR_API std::string format_variable(const Formattable& value, std::size_t max_length = 10'000,
                                          StorageLosses* losses = nullptr);

/// _prepare_variables_for_storage: always a valid JSON document for a json or jsonb column, each
/// value as format_variable has it, names in the order of their bytes.
/// Shape   text is read as JSON, and is a JSON string when it is none. "{}" for nothing: no fields,
///         blank text, NULL.
/// Errors  as format_variable.
PGREACTOR_API std::string prepare_variables_for_storage(const Formattable& variables,
                                                        StorageLosses* losses = nullptr);

/// _format_response_for_storage: the text of a response.
/// Shape   the `content` of a record or JSON object that has one, else the whole; of that, text as
///         it is, "" for NULL, and anything else as format_variable, of any length.
/// Errors  as format_variable.
PGREACTOR_API std::string format_response_for_storage(const Formattable& response,
                                                      StorageLosses* losses = nullptr);

/// clean_response_for_storage: a text without what came around it.
/// Takes off blanks and a byte order mark, takes out control characters but \n, \t and \r, unwraps
/// one ``` or ```json fence that surrounds all of it, makes \r\n an \n; if what is left is JSON, it
/// is written again without blanks. No word is filtered: what is safe is a value sent as a
/// parameter.
/// Errors  none; what is no UTF-8 becomes U+FFFD.
PGREACTOR_API std::string clean_response_for_storage(std::string_view text);

/// off: nothing. normal: that there was data. verbose: the data as format_for_logging shows it.
enum class LogMode : std::uint8_t { off, normal, verbose };

/// The mode that the specification's two switches mean; verbose needs the other one too.
constexpr LogMode log_mode(bool enable_logging, bool verbose_logging) noexcept {
  if (!enable_logging) return LogMode::off;
  return verbose_logging ? LogMode::verbose : LogMode::normal;
}

/// Where data is logged to. Off until it has a sink.
/// Owner   owns its sink, which is called on the thread that logs, also on several at once if
///         several threads share the log.
class PGREACTOR_API DataLog {
 public:
  using Sink = std::function<void(std::string_view line)>;

  DataLog() = default;
  DataLog(Sink sink, LogMode mode) : sink_(std::move(sink)), mode_(sink_ ? mode : LogMode::off) {}

  LogMode mode() const noexcept { return mode_; }

  /// _log_data: "message: data", with a placeholder for the data unless the mode is verbose.
  /// Errors  none: a sink that throws has lost the line, and data that cannot be formatted is said
  ///         to be so.
  void log_data(std::string_view message, const Formattable& value) const noexcept {
    const Formattable* const shown = &value;
    log_data(message, [shown]() -> const Formattable& { return *shown; });
  }
  /// The same; `make_value` is called only for a line that shows the data.
  template <class MakeValue>
    requires std::invocable<const MakeValue&>
  void log_data(std::string_view message, const MakeValue& make_value) const noexcept;

 private:
  static constexpr std::string_view hidden = "<data not shown>";
  static constexpr std::string_view unformattable = "<data cannot be formatted>";
  void write(std::string_view message, std::string_view data) const noexcept;

  Sink sink_;
  LogMode mode_ = LogMode::off;
};

template <class MakeValue>
  requires std::invocable<const MakeValue&>
void DataLog::log_data(std::string_view message, const MakeValue& make_value) const noexcept {
  if (mode_ == LogMode::off) return;
  if (mode_ == LogMode::normal) return write(message, hidden);
  std::string data;
  try {
    data = format_for_logging(make_value());
  } catch (...) {
    return write(message, unformattable);
  }
  write(message, data);
}

}  // namespace pgreactor
