#pragma once
#include <pgreactor/vocabulary/sqlstate.hpp>
#include <string>
#include <utility>
#include <vector>

namespace pgreactor {

/// Everything an ErrorResponse or NoticeResponse says. Every field is optional on the wire: a
/// missing text is empty, a missing SQLSTATE is the placeholder (W9).
/// Source  postgresql.org/docs/current/protocol-error-fields.html
struct ServerReport {
  std::string severity;            ///< 'V', never translated; else 'S', which may be
  std::string localized_severity;  ///< 'S'
  Sqlstate sqlstate;               ///< 'C'
  std::string message;             ///< 'M'
  std::string detail;              ///< 'D'
  std::string hint;                ///< 'H'
  std::string position;            ///< 'P', in characters from 1 within the statement
  std::string internal_position;   ///< 'p'
  std::string internal_query;      ///< 'q'
  std::string where;               ///< 'W', the call stack
  std::string schema;              ///< 's'
  std::string table;               ///< 't'
  std::string column;              ///< 'c'
  std::string data_type;           ///< 'd'
  std::string constraint;          ///< 'n'
  std::string file;                ///< 'F', of the server's source
  std::string line;                ///< 'L'
  std::string routine;             ///< 'R'
  std::vector<std::pair<char, std::string>> other;  ///< field codes this library does not know

  friend bool operator==(const ServerReport&, const ServerReport&) = default;
};

}  // namespace pgreactor
