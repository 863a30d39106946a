#pragma once
#include <pgreactor/export.hpp>
#include <string_view>

/// The version of these headers, "major.minor.patch" (semver.org). The build refuses to start when
/// it differs from the version in meson.build.
#define PGREACTOR_VERSION "0.1.0"

namespace pgreactor {

/// The version of the library that is linked. While the major version is 0, headers and library
/// fit together when major and minor version are equal; later, when the major version is.
/// Shape   "major.minor.patch", as PGREACTOR_VERSION; valid for ever.
PGREACTOR_API std::string_view version() noexcept;

}  // namespace pgreactor
