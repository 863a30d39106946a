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
      const auto lower = signed_number();
      if (!lower || !in_.accept(':')) return DecodeError::invalid;
      const auto upper = signed_number();
      if (!upper || !in_.accept(']')) return DecodeError::invalid;
      if (in_.rest().starts_with('[')) return DecodeError::out_of_range;
      if (!in_.accept('=')) return DecodeError::invalid;
      declared_ = *upper - *lower + 1;
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
    null_ = false;
    text_.clear();
    const DecodeError error = in_.accept('"') ? quoted() : bare();
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
  std::optional<std::int64_t> signed_number() noexcept {
    const bool negative = in_.accept('-');
    const auto number = in_.number(1, 10);
    if (!number) return std::nullopt;
    return negative ? -*number : *number;
  }
  DecodeError quoted() {
    while (!in_.accept('"')) {
      in_.accept('\\');  // what follows it, be it a quote, stands for itself
      if (in_.at_end()) return DecodeError::truncated;
      text_.push_back(in_.take());
    }
    return DecodeError::none;
  }
  DecodeError bare() {
    const char ends[] = {'{', '}', '"', '\\', delimiter_};
    const std::size_t length = in_.rest().find_first_of({ends, sizeof(ends)});
    if (length == std::string_view::npos) return DecodeError::truncated;
    text_ = in_.rest().substr(0, length);
    if (length == 0) return DecodeError::invalid;
    in_.accept(std::string_view{text_});
    null_ = is_null_word(text_);
    return DecodeError::none;
  }

  TextScanner in_;
  char delimiter_;
  std::string text_;
  std::optional<std::int64_t> declared_;
  std::int64_t taken_ = 0;
  bool null_ = false;
  bool done_ = false;
};

}  // namespace pgreactor::detail
