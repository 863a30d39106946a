#pragma once
#include <array>
#include <cstddef>
#include <exception>
#include <new>
#include <pgreactor/error.hpp>
#include <pgreactor/vocabulary/outcome.hpp>
#include <string>

namespace pgreactor::connection {

/// An error for when there is no memory to make one with its words: each request is told of its end
/// (P7), whatever is lacking. All are made by the first call, which is a connection's beginning.
template <class Failure>
const std::exception_ptr& out_of_memory(Outcome outcome) {
  static const auto all = [] {
    std::array<std::exception_ptr, static_cast<std::size_t>(Outcome::unknown) + 1> made;
    for (std::size_t i = 0; i < made.size(); ++i) {
      const auto each = static_cast<Outcome>(i);
      made[i] = std::make_exception_ptr(
          Failure("out of memory (outcome: " + std::string(name_of(each)) + ")", each));
    }
    return made;
  }();
  return all[static_cast<std::size_t>(outcome)];
}

/// `make()`, or that.
template <class Failure, class Make>
std::exception_ptr made_or_out_of_memory(Outcome outcome, Make make) noexcept {
  try {
    return make();
  } catch (const std::bad_alloc&) {
    return out_of_memory<Failure>(outcome);
  }
}

}  // namespace pgreactor::connection
