#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace pgreactor::detail {

/// Types whose value in a column of their own type has always the same size: its bytes are the
/// number's.
template <class T>
concept FixedNumber =
    std::floating_point<T> || (std::signed_integral<T> && sizeof(T) >= sizeof(std::int16_t));
template <std::size_t Size>
using BitsOfSize = std::conditional_t<Size == 2, std::uint16_t,
                                      std::conditional_t<Size == 4, std::uint32_t, std::uint64_t>>;

}  // namespace pgreactor::detail
