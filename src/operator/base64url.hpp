#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace pgreactor::operators {

/// Base64 that may stand in a URL, without padding. Source  RFC 4648, section 5
std::string base64url_of(std::string_view bytes);
/// nullopt for what base64url_of() never gives.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace pgreactor::operators
