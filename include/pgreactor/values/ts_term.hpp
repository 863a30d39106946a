#pragma once
#include <concepts>
#include <cstdint>
#include <pgreactor/values/lexeme_text.hpp>
#include <pgreactor/values/text_scanner.hpp>
#include <pgreactor/values/ts_vector.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor {

/// The weights that a place in a document may have to be found; an empty set stands for all.
class TsWeights {
 public:
  using Weight = TsPosition::Weight;
  static constexpr std::uint8_t all_bits = 0xf;

  constexpr explicit TsWeights(std::same_as<Weight> auto... weights) noexcept {
    (add(weights), ...);
  }
  constexpr void add(Weight weight) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | 1U << static_cast<unsigned>(weight));
  }
  constexpr bool contains(Weight weight) const noexcept {
    return (bits_ >> static_cast<unsigned>(weight) & 1U) != 0;
  }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  /// As the server keeps them: D is bit 0, A is bit 3.
  constexpr std::uint8_t bits() const noexcept { return bits_; }
  friend constexpr bool operator==(const TsWeights&, const TsWeights&) = default;

 private:
  std::uint8_t bits_ = 0;
};

/// A word that a tsquery searches for.
class TsTerm {
 public:
  enum class Match : std::uint8_t { whole, prefix };

  TsTerm() = default;
  explicit TsTerm(std::string text, TsWeights weights = TsWeights(),
                  Match match = Match::whole) noexcept
      : text_(std::move(text)), weights_(weights), match_(match) {}

  const std::string& text() const noexcept { return text_; }
  TsWeights weights() const noexcept { return weights_; }
  Match match() const noexcept { return match_; }
  /// 'cat':*AB
  void append_to(std::string& out) const;
  friend bool operator==(const TsTerm&, const TsTerm&) = default;

 private:
  std::string text_;
  TsWeights weights_;
  Match match_ = Match::whole;
};

inline void TsTerm::append_to(std::string& out) const {
  detail::append_lexeme(out, text_);
  if (weights_.empty() && match_ == Match::whole) return;
  out.push_back(':');
  if (match_ == Match::prefix) out.push_back('*');
  for (auto bit = detail::weight_letters.size(); bit-- != 0;)
    if (weights_.contains(static_cast<TsPosition::Weight>(bit)))
      out.push_back(detail::weight_letters[bit]);
}

namespace detail {

/// Takes what append_to() writes.
inline bool scan_term(TextScanner& in, TsTerm& term) {
  std::string text;
  if (!scan_lexeme(in, text)) return false;
  TsWeights weights;
  auto match = TsTerm::Match::whole;
  if (in.accept(':')) {
    if (in.accept('*')) match = TsTerm::Match::prefix;
    for (auto bit = weight_letters.size(); bit-- != 0;)
      if (in.accept(weight_letters[bit])) weights.add(static_cast<TsPosition::Weight>(bit));
    if (weights.empty() && match == TsTerm::Match::whole) return false;
  }
  term = TsTerm(std::move(text), weights, match);
  return true;
}

}  // namespace detail

}  // namespace pgreactor
