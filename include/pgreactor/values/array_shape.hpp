#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <pgreactor/values/array_layout.hpp>
#include <pgreactor/values/array_text.hpp>
#include <string>
#include <string_view>

namespace pgreactor::detail {

/// Takes the elements of an array's text of any rank. The first element tells how deep they lie;
/// all dimensions have to be filled alike.
class NestedArrayReader {
 public:
  NestedArrayReader(std::string_view text, char delimiter) noexcept
      : in_(text), delimiter_(delimiter) {}

  /// Calls `add(text, null)` with each, which returns a DecodeError.
  template <class Add>
  DecodeError read(ArrayHeader& header, Add add) {
    if (!declare()) return DecodeError::invalid;
    if (in_.accept(std::string_view{"{}"})) return finish_empty();
    std::string text;
    bool null = false;
    std::size_t depth = 0;  // braces that are open
    do {
      while (in_.accept('{')) {
        if (depth == ArrayHeader::max_dimensions) return DecodeError::out_of_range;
        counts_[depth++] = 0;
      }
      if (rank_ == 0) rank_ = depth;
      if (depth == 0 || depth != rank_) return DecodeError::invalid;
      DecodeError error = scan_array_element(in_, delimiter_, text, null);
      if (error == DecodeError::none) error = add(std::string_view{text}, null);
      if (error != DecodeError::none) return error;
      ++header.elements;
      ++counts_[depth - 1];
      while (depth != 0 && in_.accept('}'))
        if (!close(--depth)) return DecodeError::invalid;
    } while (depth != 0 && in_.accept(delimiter_));
    if (depth != 0) return in_.at_end() ? DecodeError::truncated : DecodeError::invalid;
    if (!in_.at_end()) return DecodeError::trailing;
    return give(header) ? DecodeError::none : DecodeError::invalid;
  }

 private:
  /// "[1:2][0:3]=" before the braces, if it is there.
  bool declare() noexcept {
    while (in_.accept('[')) {
      std::int64_t lower = 0;
      std::int64_t upper = 0;
      if (declared_ == ArrayHeader::max_dimensions || !scan_array_bounds(in_, lower, upper))
        return false;
      if (lower > upper || lower < std::numeric_limits<std::int32_t>::min() ||
          upper > std::numeric_limits<std::int32_t>::max())
        return false;
      lower_[declared_] = lower;
      upper_[declared_++] = upper;
    }
    return declared_ == 0 || in_.accept('=');
  }
  DecodeError finish_empty() const noexcept {
    if (!in_.at_end()) return DecodeError::trailing;
    return declared_ == 0 ? DecodeError::none : DecodeError::invalid;
  }
  /// A brace of dimension `depth` closed; the one around it has an element more.
  bool close(std::size_t depth) noexcept {
    if (sizes_[depth] == 0) sizes_[depth] = counts_[depth];
    if (depth != 0) ++counts_[depth - 1];
    return sizes_[depth] == counts_[depth];
  }
  bool give(ArrayHeader& header) const noexcept {
    header.dimension_count = rank_;
    for (std::size_t i = 0; i < rank_; ++i) {
      const std::int64_t lower = declared_ == 0 ? 1 : lower_[i];
      if (declared_ != 0 && (declared_ != rank_ || upper_[i] - lower + 1 != sizes_[i]))
        return false;
      header.dimensions[i] = {static_cast<std::int32_t>(sizes_[i]),
                              static_cast<std::int32_t>(lower)};
    }
    return true;
  }

  template <class T>
  using PerDimension = std::array<T, ArrayHeader::max_dimensions>;
  TextScanner in_;
  char delimiter_;
  std::size_t declared_ = 0;  // dimensions whose bounds were written
  PerDimension<std::int64_t> lower_{};
  PerDimension<std::int64_t> upper_{};
  std::size_t rank_ = 0;                 // 0 before the first element
  PerDimension<std::int64_t> counts_{};  // elements since the brace opened
  PerDimension<std::int64_t> sizes_{};   // 0 before a brace closed
};

}  // namespace pgreactor::detail
