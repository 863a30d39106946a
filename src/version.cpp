#include <pgreactor/version.hpp>

namespace pgreactor {

std::string_view version() noexcept { return PGREACTOR_VERSION; }

}  // namespace pgreactor
