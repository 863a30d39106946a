#pragma once
#include <string>
#include <system_error>

namespace pgreactor::net {

/// The system's words for an errno ("Connection refused").
inline std::string system_error_text(int error) { return std::generic_category().message(error); }

}  // namespace pgreactor::net
