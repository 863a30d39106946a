#pragma once
#include <pgreactor/connection_options.hpp>
#include <pgreactor/task.hpp>
#include <string_view>

#include "src/connection/login.hpp"

namespace pgreactor::connection {

/// Why the server is not of the kind that is wanted; empty when it is. Since PostgreSQL 14 it says
/// so when a session begins; an older one is asked, once.
///
///   read-write, read-only             SHOW transaction_read_only
///   primary, standby, prefer-standby  SELECT pg_is_in_recovery()
///
/// Errors  as Login::ask().
/// Owner   `login` is over, and outlives the task.
/// Source  postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS
Task<std::string_view> why_unsuitable(Login& login, TargetSessionAttrs wanted);

/// Whether `setting`, which an open session's server has just reported anew, makes it one of a kind
/// that is not wanted. Always false for servers before PostgreSQL 14, which do not report.
bool became_unsuitable(const protocol::Session& session, std::string_view setting,
                       TargetSessionAttrs wanted) noexcept;

}  // namespace pgreactor::connection
