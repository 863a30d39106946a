#pragma once
#include <pgreactor/detail/request.hpp>
#include <pgreactor/values/byte_buffer.hpp>
#include <vector>

#include "protocol/bind_template.hpp"
#include "src/connection/errors.hpp"
#include "src/connection/statement_entry.hpp"

namespace pgreactor::connection {

/// Appends Bind, Execute and Sync, as `constant` has them, of a statement that is prepared. In a
/// header, since every query passes here. Errors  QueryError about number or values of the
/// parameters; nothing is appended.
inline void append_run(ByteBuffer& out, detail::Request& request, const std::vector<Oid>& types,
                       const protocol::BindTemplate& constant) {
  if (request.parameter_count() != types.size()) [[unlikely]]
    throw_parameter_count(request, types.size());
  protocol::BindRequest bind(out, constant);
  detail::ParameterFailure failure = request.write_parameters(types, out);
  if (failure.error == EncodeError::none) failure.error = bind.finish();
  if (failure.error != EncodeError::none) [[unlikely]]
    throw_parameter_error(request, failure, types);
}
inline void append_run(ByteBuffer& out, detail::Request& request,
                       const detail::StatementDescription& description) {
  append_run(out, request, description.parameter_types(), description.bind());
}

}  // namespace pgreactor::connection
