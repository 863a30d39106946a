#pragma once
#include <pgreactor/vocabulary/oid.hpp>
#include <string>

namespace pgreactor {

/// "int4", "timestamptz", "int4[]" ... for messages; "type 123456" for one not built in here.
std::string type_name(Oid type);

}  // namespace pgreactor
