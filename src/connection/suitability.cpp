#include "src/connection/suitability.hpp"

#include <string>

namespace pgreactor::connection {
namespace {

Task<bool> is_standby(Login& login) {
  if (const auto said = login.session.setting("in_hot_standby")) co_return *said == "on";
  const std::string answer = co_await login.ask("SELECT pg_catalog.pg_is_in_recovery()");
  co_return answer == "t";
}

Task<bool> is_read_only(Login& login) {
  const auto standby = login.session.setting("in_hot_standby");
  const auto by_default = login.session.setting("default_transaction_read_only");
  if (standby && by_default) co_return *standby == "on" || *by_default == "on";
  const std::string answer = co_await login.ask("SHOW transaction_read_only");
  co_return answer == "on";
}

}  // namespace

// Without a switch: compiled by g++ 12.2, `if (co_await ...)` within one never returns.
Task<std::string_view> why_unsuitable(Login& login, TargetSessionAttrs wanted) {
  using Wanted = TargetSessionAttrs;
  std::string_view reason;
  if (wanted == Wanted::read_write || wanted == Wanted::read_only) {
    const bool read_only = co_await is_read_only(login);
    if (read_only && wanted == Wanted::read_write) reason = "the session is read-only";
    if (!read_only && wanted == Wanted::read_only) reason = "the session is not read-only";
  } else if (wanted != Wanted::any) {
    const bool standby = co_await is_standby(login);
    if (standby && wanted == Wanted::primary) reason = "the server is a standby";
    if (!standby && wanted != Wanted::primary) reason = "the server is not a standby";
  }
  co_return reason;
}

bool became_unsuitable(const protocol::Session& session, std::string_view setting,
                       TargetSessionAttrs wanted) noexcept {
  using Wanted = TargetSessionAttrs;
  const bool tells_standby = setting == "in_hot_standby";
  if (!tells_standby && setting != "default_transaction_read_only") return false;
  const bool standby = session.setting("in_hot_standby") == "on";
  const bool read_only = standby || session.setting("default_transaction_read_only") == "on";
  switch (wanted) {
    case Wanted::any:
      return false;
    case Wanted::read_write:
      return read_only;
    case Wanted::read_only:
      return !read_only;
    case Wanted::primary:
      return tells_standby && standby;
    case Wanted::standby:
    case Wanted::prefer_standby:
      return tells_standby && !standby;
  }
  return false;
}

}  // namespace pgreactor::connection
