#pragma once
#include <string>

namespace quickstart {

/// Ends the program with `sentence`, by way of an exception, unless the condition holds.
void check(bool holds, const std::string& sentence);

/// How many checks have held.
int checks_held() noexcept;

}  // namespace quickstart
