#include "src/operator/datum_execution.hpp"

#include <pgreactor/detail/parameters.hpp>

namespace pgreactor::operators {

// n u16, format u16[n]   n u16, { length i32, bytes }[n]; `types` was checked to have n entries.
detail::ParameterFailure DatumRequest::write_parameters(std::span<const Oid> types,
                                                        ByteBuffer& out) const {
  const auto count = static_cast<std::uint16_t>(values_.size());
  detail::append_fixed(out, count);
  for (std::size_t i = 0; i < values_.size(); ++i)
    detail::append_fixed(
        out, static_cast<std::uint16_t>(ValueCodec<Datum>::format_of(*values_[i], types[i])));
  detail::append_fixed(out, count);
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const EncodeError error = ValueCodec<Datum>::append(out, *values_[i], types[i]);
    if (error != EncodeError::none) return {error, i};
  }
  return {};
}

}  // namespace pgreactor::operators
