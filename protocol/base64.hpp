#pragma once
#include <cstddef>
#include <optional>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pgreactor::protocol {

/// Base64 with padding and without line breaks, as SCRAM wants it.
/// Source  RFC 4648, section 4
std::string to_base64(Bytes bytes);

/// Strict: no other characters, whole groups of four, padding only at the end and with zero bits,
/// so that each sequence of bytes has one spelling. nullopt otherwise.
std::optional<std::vector<std::byte>> from_base64(std::string_view text);

}  // namespace pgreactor::protocol
