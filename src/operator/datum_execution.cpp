#include "src/operator/datum_execution.hpp"

#include <pgreactor/detail/parameters.hpp>
#include <pgreactor/error.hpp>
#include <string>

#include "src/operator/operation_error.hpp"

namespace pgreactor::operators {

// n u16, format u16[n]   n u16, { length i32, bytes }[n]; `types` was checked to have n entries.
detail::ParameterFailure DatumRequest::write_parameters(std::span<const Oid> types,
                                                        ByteBuffer& out) const {
  const std::span<const Datum* const> values = parameters_.values;
  const auto count = static_cast<std::uint16_t>(values.size());
  detail::append_fixed(out, count);
  for (std::size_t i = 0; i < values.size(); ++i)
    detail::append_fixed(
        out, static_cast<std::uint16_t>(ValueCodec<Datum>::format_of(*values[i], types[i])));
  detail::append_fixed(out, count);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const EncodeError error = ValueCodec<Datum>::append(out, *values[i], types[i]);
    if (error == EncodeError::none) continue;
    if (const TableColumn* const column = parameters_.column(i))
      throw QueryError(shown_column(*column) + ": " + std::string(name_of(error)));
    return {error, i};
  }
  return {};
}

}  // namespace pgreactor::operators
