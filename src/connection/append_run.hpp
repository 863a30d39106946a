#pragma once
#include <pgreactor/detail/request.hpp>
#include <pgreactor/values/byte_buffer.hpp>

#include "protocol/bind_template.hpp"
#include "src/connection/errors.hpp"
#include "src/connection/statement_entry.hpp"

namespace pgreactor::connection {

/// Appends Bind, Execute and Sync of a statement that is prepared. In a header, since every query
/// passes here. Errors  QueryError about number or values of the parameters; nothing is appended.
inline void append_run(ByteBuffer& out, detail::Request& request,
                       const detail::StatementDescription& description) {
  const auto& types = description.parameter_types();
  if (request.parameter_count() != types.size()) [[unlikely]]
    throw_parameter_count(request, types.size());
  protocol::BindRequest bind(out, description.bind());
  detail::ParameterFailure failure = request.write_parameters(types, out);
  if (failure.error == EncodeError::none) failure.error = bind.finish();
  if (failure.error != EncodeError::none) [[unlikely]]
    throw_parameter_error(request, failure, types);
}

}  // namespace pgreactor::connection
