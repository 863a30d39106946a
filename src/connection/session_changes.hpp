#pragma once
#include <string_view>

namespace pgreactor::connection {

/// Does this text, by the look of it, leave something in the session whose command tag does not
/// say so: a temporary table, a setting by set_config(), an advisory lock of the session? True
/// where it is not certain.
bool leaves_something(std::string_view sql) noexcept;

}  // namespace pgreactor::connection
