#pragma once
#include <cstddef>
#include <string>
#include <string_view>

// Text that comes from anywhere, made fit for a log or for storage.
namespace pgreactor::operators {

/// Puts U+FFFD for each byte that is in no well-formed UTF-8 sequence. How many there were.
std::size_t replace_invalid_bytes(std::string& text);

/// Cuts UTF-8 behind that many code points and says how many are gone. Was there anything to cut?
bool cut_text(std::string& text, std::size_t max_length);

/// Control characters of ASCII as "\n" or "\u001b".
std::string with_controls_escaped(std::string_view text);

/// Takes out all control characters, but not \n, \t and \r. The text is UTF-8.
std::string without_controls(std::string_view text);

std::string_view without_blanks_around(std::string_view text) noexcept;

}  // namespace pgreactor::operators
