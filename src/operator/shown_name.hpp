#pragma once
#include <string>
#include <string_view>

namespace pgreactor::operators {

/// A name as messages show it. It may come from anywhere and end in a log or on a terminal: control
/// characters, invisible ones, those that turn the direction of writing, and bytes that are no
/// UTF-8 are shown as "\x1b". Behind 63 bytes, more than any column has, an ellipsis stands for the
/// rest.
std::string shown_name(std::string_view name);

}  // namespace pgreactor::operators
