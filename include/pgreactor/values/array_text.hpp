#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <pgreactor/values/array_layout.hpp>
#include <pgreactor/values/text_scanner.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <string>
#include <string_view>

namespace pgreactor::detail {

/// Takes "lower:upper]" after the bracket that opens the bounds of a dimension.
inline bool scan_array_bounds(TextScanner& in, std::int64_t& lower, std::int64_t& upper) noexcept {
  const auto signed_number = [&](std::int64_t& value) {
    const bool negative = in.accept('-');
    const auto number = in.number(1, 10);
    if (number) value = negative ? -*number : *number;
    return number.has_value();
  };
  return signed_number(lower) && in.accept(':') && signed_number(upper) && in.accept(']');
}

/// Takes one element, quoted or bare, without what stands behind it.
inline DecodeError scan_array_element(TextScanner& in, char delimiter, std::string& text,
                                      bool& null) {
  null = false;
  text.clear();
  if (in.accept('"')) {
    while (!in.accept('"')) {
      in.accept('\\');  // what follows it, be it a quote, stands for itself
      if (in.at_end()) return DecodeError::truncated;
      text.push_back(in.take());
    }
    return DecodeError::none;
  }
  const char ends[] = {'{', '}', '"', '\\', delimiter};
  const std::size_t length = in.rest().find_first_of({ends, sizeof(ends)});
  if (length == std::string_view::npos) return DecodeError::truncated;
  if (length == 0) return DecodeError::invalid;
  text = in.rest().substr(0, length);
  in.accept(std::string_view{text});
  null = is_null_word(text);
  return DecodeError::none;
}

/// Takes the elements of a one-dimensional array's text, one after the other:
///   [ "[" lower ":" upper "]" "=" ]  "{" [ element { delimiter element } ] "}"
///   element:  NULL  |  bare text  |  "text with \" and \\"
class ArrayTextReader {
 public:
  ArrayTextReader(std::string_view text, char delimiter) noexcept
      : in_(text), delimiter_(delimiter) {}

  /// Reads up to the first element.
  /// Errors  out_of_range for more than one dimension, which is not read here.
  DecodeError open() noexcept {
    if (in_.accept('[')) {
      std::int64_t lower = 0;
      std::int64_t upper = 0;
      if (!scan_array_bounds(in_, lower, upper)) return DecodeError::invalid;
      if (in_.rest().starts_with('[')) return DecodeError::out_of_range;
      if (!in_.accept('=')) return DecodeError::invalid;
      declared_ = upper - lower + 1;
    }
    if (!in_.accept('{')) return DecodeError::invalid;
    if (in_.rest().starts_with('{')) return DecodeError::out_of_range;
    done_ = in_.accept('}');
    return DecodeError::none;
  }
  bool done() const noexcept { return done_; }
  /// Takes one element, which stands in text() until the next call.
  DecodeError next() {
    ++taken_;
    const DecodeError error = scan_array_element(in_, delimiter_, text_, null_);
    if (error != DecodeError::none) return error;
    if (in_.accept(delimiter_)) return DecodeError::none;
    done_ = in_.accept('}');
    return done_ ? DecodeError::none : DecodeError::invalid;
  }
  bool null() const noexcept { return null_; }
  std::string_view text() const noexcept { return text_; }
  /// After the last element: is that the end of the text, and of the bounds it declared?
  DecodeError close() const noexcept {
    if (!in_.at_end()) return DecodeError::trailing;
    return declared_ && *declared_ != taken_ ? DecodeError::invalid : DecodeError::none;
  }

 private:
  TextScanner in_;
  char delimiter_;
  std::string text_;
  std::optional<std::int64_t> declared_;
  std::int64_t taken_ = 0;
  bool null_ = false;
  bool done_ = false;
};

}  // namespace pgreactor::detail
