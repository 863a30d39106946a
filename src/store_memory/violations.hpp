#pragma once
#include <pgreactor/table.hpp>
#include <pgreactor/vocabulary/server_report.hpp>
#include <string>
#include <string_view>

namespace pgreactor::store_memory {

/// What the server would report, to be filled further.
ServerReport report_of(std::string_view sqlstate, std::string message);
/// The one place where a violation is thrown. Errors  QueryError with the report, always.
[[noreturn]] void raise(ServerReport report);
[[noreturn]] void raise(std::string_view sqlstate, std::string message);
/// Errors  MockModeError, always.
[[noreturn]] void cannot(const std::string& what);

}  // namespace pgreactor::store_memory
