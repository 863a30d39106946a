#pragma once
#include <cstddef>
#include <cstdint>
#include <pgreactor/vocabulary/server_report.hpp>
#include <string>
#include <string_view>

namespace pgreactor::store_memory {

/// What the server would report, to be filled further.
ServerReport report_of(std::string_view sqlstate, std::string message);
/// The one place where a violation is thrown. Errors  QueryError with the report, always.
[[noreturn]] void raise(ServerReport report);
[[noreturn]] void raise(std::string_view sqlstate, std::string message);
/// Errors  QueryError, always: more rows than max_affected allows.
[[noreturn]] void too_many_rows(std::size_t rows, std::uint64_t most);
/// Errors  MockModeError, always.
[[noreturn]] void cannot(const std::string& what);

}  // namespace pgreactor::store_memory
