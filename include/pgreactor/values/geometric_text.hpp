#pragma once
#include <algorithm>
#include <cstddef>
#include <pgreactor/values/floating_text.hpp>
#include <pgreactor/values/text_scanner.hpp>
#include <string>
#include <string_view>

namespace pgreactor::detail {

inline void append_pair(std::string& out, double x, double y) {
  out.push_back('(');
  append_floating(out, x);
  out.push_back(',');
  append_floating(out, y);
  out.push_back(')');
}

/// A float8 up to what ends one within a geometric value.
inline bool scan_coordinate(TextScanner& in, double& value) noexcept {
  const std::string_view rest = in.rest();
  const std::string_view number =
      rest.substr(0, std::min(rest.find_first_of(",()[]{}<>"), rest.size()));
  in.accept(number);
  return parse_floating(number, value) == DecodeError::none;
}

/// "(x,y)"
inline bool scan_pair(TextScanner& in, double& x, double& y) noexcept {
  return in.accept('(') && scan_coordinate(in, x) && in.accept(',') && scan_coordinate(in, y) &&
         in.accept(')');
}

}  // namespace pgreactor::detail
