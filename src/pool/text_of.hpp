#pragma once
#include <exception>
#include <new>
#include <string>

namespace pgreactor::pool {

/// What an exception says, also where there is no memory to keep that.
inline std::string text_of(const std::exception& error) noexcept {
  try {
    return error.what();
  } catch (const std::bad_alloc&) {
    return "out of memory";  // fits a string without allocation
  }
}

}  // namespace pgreactor::pool
