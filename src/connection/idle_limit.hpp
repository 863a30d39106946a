#pragma once
#include <pgreactor/connection_options.hpp>
#include <string_view>

#include "protocol/session.hpp"

// The one startup parameter that is given without being asked for: how long a transaction may be
// idle before the server ends the session. A pooler may refuse what it does not know (PgBouncer
// does, with a FATAL that names it); then it is left out.
namespace pgreactor::connection {

/// False where the options say 0, or name the setting themselves.
bool names_idle_limit(const ConnectionOptions& options);
void add_idle_limit(protocol::StartupOptions& startup, const ConnectionOptions& options);
/// Does this failure of a log-in say so?
bool refuses_idle_limit(const Error& failure) noexcept;

}  // namespace pgreactor::connection
