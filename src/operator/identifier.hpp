#pragma once
#include <string>
#include <string_view>

namespace pgreactor::operators {

/// A name as it may stand in SQL: quoted, its own quotes doubled. The one way that a name gets into
/// a statement (Q6).
/// Errors  SchemaError for what no name can be: empty, longer than 63 bytes (the server would cut
/// it
///         silently), with a NUL byte or not UTF-8. `what` says what it names: "table" ...
class Identifier {
 public:
  Identifier(std::string_view name, const char* what);
  /// "\"user\"" with the quotes.
  const std::string& quoted() const noexcept { return quoted_; }

 private:
  std::string quoted_;
};

/// Refuses what Identifier refuses.
void check_identifier(std::string_view name, const char* what);

}  // namespace pgreactor::operators
