#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "src/connection/options_parameters.hpp"

namespace pgreactor::conninfo {

constexpr std::string_view database_url = "DATABASE_URL";

/// The value of a variable, or nullopt when it is unset or empty.
std::optional<std::string> variable(const Environment& environment, std::string_view name);

/// Adds what the parameters leave open and a PG* variable sets.
void fill_from_variables(Parameters& parameters, const Environment& environment);

/// By what name the system knows a user; empty when it has no entry for it. May ask another
/// machine.
std::string login_name(std::uint32_t user);

}  // namespace pgreactor::conninfo
