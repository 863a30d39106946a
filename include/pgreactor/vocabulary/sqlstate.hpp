#pragma once
#include <algorithm>
#include <array>
#include <compare>
#include <string_view>

namespace pgreactor {

/// The five characters that classify a server's error; the first two are its class.
/// A report without a usable SQLSTATE carries the placeholder "XXXXX" (W9).
/// Source  postgresql.org/docs/current/errcodes-appendix.html
class Sqlstate {
 public:
  static constexpr std::size_t length = 5;

  constexpr Sqlstate() noexcept = default;
  constexpr explicit(false) Sqlstate(std::string_view code) noexcept {
    const auto allowed = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
    if (code.size() == length && std::all_of(code.begin(), code.end(), allowed))
      std::copy_n(code.begin(), length, code_.begin());
  }

  constexpr std::string_view view() const noexcept { return {code_.data(), code_.size()}; }
  constexpr std::string_view class_code() const noexcept { return view().substr(0, 2); }

  friend constexpr bool operator==(const Sqlstate&, const Sqlstate&) noexcept = default;
  friend constexpr auto operator<=>(const Sqlstate&, const Sqlstate&) noexcept = default;
  friend constexpr bool operator==(const Sqlstate& a, std::string_view b) noexcept {
    return a.view() == b;
  }

 private:
  std::array<char, length> code_{'X', 'X', 'X', 'X', 'X'};
};

}  // namespace pgreactor
