#pragma once
#include <cstddef>
#include <pgreactor/detail/parameters.hpp>
#include <span>
#include <tuple>
#include <utility>

namespace pgreactor::detail {

/// A Base, which runs a statement, with the values of that statement's parameters.
template <class Base, class... Held>
class WithValues final : public Base {
 public:
  template <class... Arguments>
  explicit WithValues(std::tuple<Held...> values, Arguments&&... arguments)
      : Base(std::forward<Arguments>(arguments)...), values_(std::move(values)) {}

 private:
  std::size_t parameter_count() const noexcept override { return sizeof...(Held); }
  ParameterFailure write_parameters(std::span<const Oid> types, ByteBuffer& out) const override {
    return detail::write_parameters(values_, types, out, std::index_sequence_for<Held...>{});
  }

  std::tuple<Held...> values_;
};

}  // namespace pgreactor::detail
