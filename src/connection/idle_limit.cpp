#include "src/connection/idle_limit.hpp"

#include <algorithm>
#include <string>

#include "src/connection/ascii_text.hpp"

namespace pgreactor::connection {
namespace {

constexpr std::string_view setting_name = "idle_in_transaction_session_timeout";

// The server takes the name in any case and, among `options`, with hyphens.
bool mentions_setting(std::string_view text) {
  const auto same = [](char in_text, char wanted) {
    return (in_text == '-' ? '_' : ascii_lower(in_text)) == wanted;
  };
  return std::search(text.begin(), text.end(), setting_name.begin(), setting_name.end(), same) !=
         text.end();
}

}  // namespace

bool names_idle_limit(const ConnectionOptions& options) {
  return options.idle_in_transaction_session_timeout.count() > 0 &&
         !mentions_setting(options.server_options) &&
         std::none_of(options.session_settings.begin(), options.session_settings.end(),
                      [](const auto& named) { return mentions_setting(named.first); });
}

void add_idle_limit(protocol::StartupOptions& startup, const ConnectionOptions& options) {
  startup.parameters.emplace_back(
      setting_name, std::to_string(options.idle_in_transaction_session_timeout.count()));
}

// By a code that is about what was sent: a role's or a database's name may hold the words, too.
bool refuses_idle_limit(const Error& failure) noexcept {
  if (failure.report() == nullptr) return false;
  const Sqlstate code = failure.sqlstate();
  const std::string_view kind = code.class_code();
  const bool of_what_was_sent = kind == "08" || kind == "0A" || kind == "22" || kind == "42";
  return of_what_was_sent && mentions_setting(failure.report()->message);
}

}  // namespace pgreactor::connection
