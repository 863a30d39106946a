#include "src/operator/identifier.hpp"

#include <pgreactor/error.hpp>
#include <pgreactor/values/utf8.hpp>

#include "src/operator/name_style.hpp"
#include "src/operator/shown_name.hpp"

namespace pgreactor::operators {

void check_identifier(std::string_view name, const char* what) {
  std::string why;
  if (name.empty())
    why = "is empty";
  else if (const EncodeError error = check_text(name); error != EncodeError::none)
    why = name_of(error);
  else if (name.size() > longest_name)
    why = "has " + std::to_string(name.size()) + " bytes, more than the 63 that the server keeps";
  if (!why.empty())
    throw SchemaError("the name of a " + std::string(what) + " '" + shown_name(name) + "': " + why);
}

Identifier::Identifier(std::string_view name, const char* what) {
  check_identifier(name, what);
  quoted_.reserve(name.size() + 2);
  quoted_.push_back('"');
  for (const char c : name) {
    if (c == '"') quoted_.push_back('"');
    quoted_.push_back(c);
  }
  quoted_.push_back('"');
}

}  // namespace pgreactor::operators
