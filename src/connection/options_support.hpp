#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "src/connection/options_reader.hpp"

namespace pgreactor::conninfo {

/// Looks at every keyword that has no member in ConnectionOptions. Some change nothing here and are
/// accepted; a value that asks for something this library does not do is refused: ignoring it would
/// mean less protection than was asked for, or another result.
void refuse_unsupported(const ParameterReader& reader, const Parameters& parameters);

/// Why no connection may be attempted with these options.
struct Problem {
  std::string_view parameter;  // a keyword, in static storage
  std::string reason;
};
std::optional<Problem> find_problem(const ConnectionOptions& options);

}  // namespace pgreactor::conninfo
