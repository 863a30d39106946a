#include "src/connection/options_parameters.hpp"

#include <algorithm>
#include <utility>

#include "src/connection/options_key_value.hpp"
#include "src/connection/options_uri.hpp"

namespace pgreactor::conninfo {
namespace {

/// Only what looks like a keyword is repeated in a message.
bool is_showable(std::string_view name) {
  constexpr std::size_t longest_shown = 40;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= longest_shown && std::ranges::all_of(name, allowed);
}

}  // namespace

bool Parameters::assign(std::string_view name, std::string value, std::string_view origin) {
  if (name == "requiressl") {  // before sslmode there was this switch; libpq still translates it
    value = value.starts_with('1') ? "require" : "prefer";
    name = "sslmode";
  }
  const Keyword* keyword = find_keyword(name);
  if (keyword == nullptr) return false;
  std::erase_if(entries_, [&](const Entry& entry) { return entry.keyword == keyword; });
  entries_.push_back({keyword, Secret{std::move(value)}, origin});
  return true;
}

const Parameters::Entry* Parameters::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& entry) { return entry.keyword->name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

void refuse(std::string_view parameter, std::string_view origin, const std::string& reason) {
  std::string message = "connection options: ";
  if (parameter.empty()) {
    message.append(origin);
  } else {
    message.append(parameter);
    if (!origin.empty()) message.append(" (from ").append(origin).append(")");
  }
  throw ConfigurationError(parameter, message + ": " + reason);
}

void refuse_unknown(const UnknownKey& key, std::string_view origin) {
  if (key.name.find("://") != std::string_view::npos)
    refuse("", origin, "a URI must start with postgresql:// or postgres://");
  std::string reason = "parameter number " + std::to_string(key.number);
  if (key.may_be_part_of_password)
    refuse("", origin,
           reason + " is unknown; if it belongs to a password, quote or percent-encode that");
  if (is_showable(key.name)) reason.append(", \"").append(key.name).append("\",");
  reason += " is unknown";
  if (const auto suggestion = suggest_keyword(key.name); !suggestion.empty())
    reason.append("; did you mean \"").append(suggestion).append("\"?");
  refuse("", origin, reason);
}

Parameters parse_text(std::string_view text, std::string_view origin) {
  if (text.size() > max_text) refuse("", origin, "longer than 64 KiB");
  if (text.find('\0') != std::string_view::npos) refuse("", origin, "contains a NUL byte");
  return is_uri(text) ? parse_uri(text, origin) : parse_key_value(text, origin);
}

}  // namespace pgreactor::conninfo
