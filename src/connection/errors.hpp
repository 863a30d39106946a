#pragma once
#include <exception>
#include <memory>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/vocabulary/outcome.hpp>
#include <pgreactor/vocabulary/server_report.hpp>
#include <source_location>
#include <span>
#include <string>
#include <string_view>

#include "src/connection/statement_entry.hpp"

// The one place where what went wrong becomes an exception of the public hierarchy.
namespace pgreactor::connection {

/// The server refused the statement, or failed in it: QueryError or the subtype of its SQLSTATE.
std::exception_ptr query_failed(const std::shared_ptr<const ServerReport>& report,
                                const detail::Request& request,
                                Outcome outcome = Outcome::rolled_back);

/// BEGIN (or the like) where statements of others share the connection.
std::exception_ptr transaction_refused(const detail::Request& request);

/// A COPY TO STDOUT in a script, which has run and whose data nobody took.
std::exception_ptr copy_in_script(const detail::Request& request);
/// A text for copy_in() or copy_out() had another COPY behind the first, whose data was dropped.
std::exception_ptr several_copies(const detail::Request& request);

/// The connection ended before the statement did.
std::exception_ptr connection_lost(const std::string& peer, std::string_view cause, Outcome outcome,
                                   const std::shared_ptr<const ServerReport>& report,
                                   std::shared_ptr<const std::string> events);

/// What a child made by fork() is told that uses its parent's "connection to ...".
ForkError inherited(const std::string& what, Outcome outcome = Outcome::not_sent);

/// "file.cpp:12", or empty when it is of no line.
std::string line_of(const std::source_location& where);

/// "FATAL 28P01: password authentication failed ..." with detail and hint.
std::string sentence_of(const ServerReport& report);

[[noreturn]] void throw_parameter_count(const detail::Request& request, std::size_t wanted);
/// And has the statement described anew at its next use, where that may help.
[[noreturn]] void throw_parameter_error(const detail::Request& request,
                                        const detail::ParameterFailure& failure,
                                        std::span<const Oid> types);
[[noreturn]] void throw_text_error(const detail::StatementEntry& entry, EncodeError error);

}  // namespace pgreactor::connection
