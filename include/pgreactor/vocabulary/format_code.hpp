#pragma once
#include <cstdint>

namespace pgreactor {

/// How a value travels: as its type's text, or in its type's binary layout.
/// Source  postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES
enum class FormatCode : std::uint16_t { text = 0, binary = 1 };

}  // namespace pgreactor
