#pragma once
#include <pgreactor/connection_options.hpp>
#include <string_view>

#include "protocol/session.hpp"

namespace pgreactor::connection {

/// Why the server is not of the kind that is wanted; empty when it is. It is not asked: since
/// PostgreSQL 14 it says so when a session begins.
/// Source  postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS
inline std::string_view why_unsuitable(const protocol::Session& session,
                                       TargetSessionAttrs wanted) noexcept {
  if (wanted == TargetSessionAttrs::any) return {};
  const auto standby = session.setting("in_hot_standby");
  const auto read_only = session.setting("default_transaction_read_only");
  if (!standby || !read_only)
    return "the server does not say whether it is a standby: that needs PostgreSQL 14";
  const bool is_standby = *standby == "on";
  const bool is_read_only = is_standby || *read_only == "on";
  switch (wanted) {
    case TargetSessionAttrs::any:
      break;
    case TargetSessionAttrs::read_write:
      if (is_read_only) return "the session is read-only";
      break;
    case TargetSessionAttrs::read_only:
      if (!is_read_only) return "the session is not read-only";
      break;
    case TargetSessionAttrs::primary:
      if (is_standby) return "the server is a standby";
      break;
    case TargetSessionAttrs::standby:
    case TargetSessionAttrs::prefer_standby:
      if (!is_standby) return "the server is not a standby";
      break;
  }
  return {};
}

}  // namespace pgreactor::connection
