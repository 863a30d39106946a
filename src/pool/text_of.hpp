#pragma once
#include <exception>
#include <new>
#include <string>
#include <string_view>

namespace pgreactor::pool {

/// Makes `to` say `text`, as far as there is memory for that.
inline void assign_text(std::string& to, std::string_view text) noexcept {
  try {
    to = text;
  } catch (const std::bad_alloc&) {
    to = "out of memory";  // fits a string without allocation
  }
}

/// What an exception says, also where there is no memory to keep that.
inline std::string text_of(const std::exception& error) noexcept {
  try {
    return error.what();
  } catch (const std::bad_alloc&) {
    return "out of memory";  // fits a string without allocation
  }
}

}  // namespace pgreactor::pool
