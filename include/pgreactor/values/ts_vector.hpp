#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <pgreactor/values/lexeme_text.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <pgreactor/values/text_scanner.hpp>
#include <pgreactor/values/utf8.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgreactor {

/// Where a lexeme stands in a document, and how much that place weighs.
/// Units  word, counted from 1 to 16383, where the server stops counting.
class TsPosition {
 public:
  enum class Weight : std::uint8_t { d, c, b, a };
  static constexpr std::uint16_t max_word = 0x3fff;

  constexpr TsPosition() = default;
  constexpr explicit TsPosition(std::uint16_t word, Weight weight = Weight::d) noexcept
      : word_(std::clamp<std::uint16_t>(word, 1, max_word)), weight_(weight) {}

  constexpr std::uint16_t word() const noexcept { return word_; }
  constexpr Weight weight() const noexcept { return weight_; }
  friend constexpr bool operator==(const TsPosition&, const TsPosition&) = default;

 private:
  std::uint16_t word_ = 1;
  Weight weight_ = Weight::d;
};

/// A word of a tsvector with its places, of which there may be none.
class Lexeme {
 public:
  static constexpr std::size_t max_positions = 256;  // MAXNUMPOS of the server

  Lexeme() = default;
  /// Throws std::length_error for more places than the server keeps.
  explicit Lexeme(std::string text, std::vector<TsPosition> positions = {})
      : text_(std::move(text)), positions_(std::move(positions)) {
    if (positions_.size() > max_positions) throw std::length_error("too many places of a lexeme");
  }
  const std::string& text() const noexcept { return text_; }
  const std::vector<TsPosition>& positions() const noexcept { return positions_; }
  friend bool operator==(const Lexeme&, const Lexeme&) = default;

 private:
  std::string text_;
  std::vector<TsPosition> positions_;
};

/// tsvector: the lexemes of a document, as to_tsvector() makes them; the server keeps them sorted.
/// Errors  parse(): invalid for other text than the server writes: 'cat':3A,5 'fat'
/// Source  postgresql.org/docs/current/datatype-textsearch.html
class TsVector {
 public:
  TsVector() = default;
  explicit TsVector(std::vector<Lexeme> lexemes) noexcept : lexemes_(std::move(lexemes)) {}
  static Decoded<TsVector> parse(std::string_view text);

  const std::vector<Lexeme>& lexemes() const noexcept { return lexemes_; }
  void append_to(std::string& out) const;
  friend bool operator==(const TsVector&, const TsVector&) = default;

 private:
  std::vector<Lexeme> lexemes_;
};

namespace detail {

inline constexpr std::string_view weight_letters = "DCBA";

/// ":1A,2" after a lexeme; nothing when it has none.
inline void append_positions(std::string& out, const std::vector<TsPosition>& positions) {
  char before = ':';
  for (const TsPosition& position : positions) {
    out.push_back(std::exchange(before, ','));
    append_padded(out, position.word(), 1);
    if (position.weight() != TsPosition::Weight::d)
      out.push_back(weight_letters[static_cast<std::size_t>(position.weight())]);
  }
}

inline bool scan_positions(TextScanner& in, std::vector<TsPosition>& positions) {
  if (!in.accept(':')) return true;
  do {
    const auto word = in.number(1, 5);
    if (!word || *word < 1 || *word > TsPosition::max_word) return false;
    auto weight = TsPosition::Weight::d;
    for (const auto each : {TsPosition::Weight::a, TsPosition::Weight::b, TsPosition::Weight::c})
      if (in.accept(weight_letters[static_cast<std::size_t>(each)])) weight = each;
    if (positions.size() == Lexeme::max_positions) return false;
    positions.emplace_back(static_cast<std::uint16_t>(*word), weight);
  } while (in.accept(','));
  return true;
}

}  // namespace detail

inline Decoded<TsVector> TsVector::parse(std::string_view text) {
  detail::TextScanner in{text};
  std::vector<Lexeme> lexemes;
  while (!in.at_end()) {
    if (!lexemes.empty() && !in.accept(' ')) return DecodeError::invalid;
    std::string word;
    std::vector<TsPosition> positions;
    if (!detail::scan_lexeme(in, word) || !detail::scan_positions(in, positions))
      return DecodeError::invalid;
    lexemes.emplace_back(std::move(word), std::move(positions));
  }
  return TsVector{std::move(lexemes)};
}

inline void TsVector::append_to(std::string& out) const {
  bool first = true;
  for (const Lexeme& lexeme : lexemes_) {
    if (!std::exchange(first, false)) out.push_back(' ');
    detail::append_lexeme(out, lexeme.text());
    detail::append_positions(out, lexeme.positions());
  }
}

namespace detail {

// i32 lexemes, then for each:
//   text, NUL
//   u16 positions
//   u16[positions]   weight in the upper two bits: 0 is D, 3 is A
// Source  src/backend/utils/adt/tsvector.c, tsvectorsend
struct TsVectorLayout {
  static constexpr unsigned weight_shift = 14;

  static void write(ByteBuffer& out, const TsVector& value) {
    append_fixed(out, static_cast<std::int32_t>(value.lexemes().size()));
    for (const Lexeme& lexeme : value.lexemes()) {
      out.append(std::string_view{lexeme.text()});
      append_fixed(out, std::uint8_t{0});
      append_fixed(out, static_cast<std::uint16_t>(lexeme.positions().size()));
      for (const TsPosition& position : lexeme.positions())
        append_fixed(
            out, static_cast<std::uint16_t>(
                     static_cast<unsigned>(position.weight()) << weight_shift | position.word()));
    }
  }
  static DecodeError read(Bytes in, TsVector& value) {
    ValueReader reader{in};
    const auto count = reader.number<std::int32_t>();
    constexpr std::size_t smallest = 1 + sizeof(std::uint16_t);
    if (count < 0) return DecodeError::invalid;
    if (static_cast<std::size_t>(count) > reader.remaining() / smallest)
      return DecodeError::truncated;
    std::vector<Lexeme> lexemes;
    lexemes.reserve(static_cast<std::size_t>(count));
    for (std::int32_t i = 0; i < count; ++i) {
      const std::string_view text = read_cstring(reader);
      std::vector<TsPosition> positions(reader.number<std::uint16_t>());
      if (reader.ran_short()) return DecodeError::truncated;
      if (positions.size() > Lexeme::max_positions) return DecodeError::invalid;
      for (TsPosition& position : positions) {
        const auto bits = reader.number<std::uint16_t>();
        const auto word = static_cast<std::uint16_t>(bits & TsPosition::max_word);
        if (word == 0 && !reader.ran_short()) return DecodeError::invalid;
        position = TsPosition{word, static_cast<TsPosition::Weight>(bits >> weight_shift)};
      }
      lexemes.emplace_back(std::string{text}, std::move(positions));
    }
    const DecodeError error = reader.error();
    if (error == DecodeError::none) value = TsVector{std::move(lexemes)};
    return error;
  }
};

using TsVectorCodec = SingleTypeCodec<TsVector, oid::tsvector, TsVectorLayout>;

}  // namespace detail

/// TsVector <-> tsvector.
/// Errors  embedded_nul, invalid_text for a lexeme that is no text of the server's.
template <>
struct ValueCodec<TsVector> : detail::TsVectorCodec {
  static EncodeError encode(ByteBuffer& out, const TsVector& value, Oid type) {
    for (const Lexeme& lexeme : value.lexemes())
      if (const EncodeError error = check_text(lexeme.text()); error != EncodeError::none)
        return error;
    return detail::TsVectorCodec::encode(out, value, type);
  }
};

}  // namespace pgreactor
