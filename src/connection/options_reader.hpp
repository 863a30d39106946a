#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/connection/options_parameters.hpp"

namespace pgreactor::conninfo {

/// isspace() of the C locale.
inline constexpr std::string_view white_space = " \t\n\v\f\r";
/// Without that before and behind it.
std::string_view trimmed(std::string_view text) noexcept;

/// A word that a parameter may be set to, and what it means.
template <class T>
struct Choice {
  std::string_view word;
  T meaning;
};

/// Turns written values into typed ones. Every failure names the parameter and its origin.
class ParameterReader {
 public:
  explicit ParameterReader(const Parameters& parameters) : parameters_(parameters) {}

  /// Empty when it was not given.
  std::string text(std::string_view keyword) const;

  /// nullopt when it was not given; given and empty, or outside of the range, is an error.
  std::optional<std::int64_t> integer(std::string_view keyword, std::int64_t least,
                                      std::int64_t most) const;

  /// A count of `unit`, or a count with a unit of its own: "250ms", "5s", "2min", "1h".
  std::optional<std::chrono::milliseconds> duration(std::string_view keyword,
                                                    std::chrono::milliseconds unit) const;

  template <class T>
  T choice(std::string_view keyword, std::span<const Choice<T>> choices, T otherwise) const {
    const auto* entry = parameters_.find(keyword);
    if (entry == nullptr) return otherwise;
    std::string words;
    for (const auto& [word, meaning] : choices) {
      if (entry->value.reveal() == word) return meaning;
      words.append(words.empty() ? "" : ", ").append(word);
    }
    fail(keyword, "must be one of " + words);
  }

  /// The same parameters' error, with the origin of this one.
  [[noreturn]] void fail(std::string_view keyword, const std::string& reason) const;

 private:
  const Parameters& parameters_;
};

/// A decimal number alone, white space around it as in libpq; nullopt for anything else.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// The items between the commas; an empty text is one empty item.
std::vector<std::string> split_list(std::string_view text);

}  // namespace pgreactor::conninfo
