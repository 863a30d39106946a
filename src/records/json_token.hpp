#pragma once
#include <simdjson.h>

#include <pgreactor/detail/json_text.hpp>
#include <string_view>

namespace pgreactor::detail {

/// A scalar as it stands in the text, of which simdjson has only looked at the first character.
inline std::string_view json_token(simdjson::ondemand::value& value) {
  const std::string_view token = value.raw_json_token();
  return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

}  // namespace pgreactor::detail
