#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <pgreactor/values/single_type_codec.hpp>
#include <pgreactor/values/text_scanner.hpp>
#include <pgreactor/values/ts_term.hpp>
#include <pgreactor/values/utf8.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pgreactor {

/// What joins the operands of a tsquery.
class TsOperator {
 public:
  /// From the one that binds least to the one that binds most.
  enum class Kind : std::uint8_t { disjunction, conjunction, phrase, negation };
  /// The farthest that the server looks, in words.
  static constexpr std::uint16_t max_distance = 0x4000;

  /// `distance`, in words, has a meaning between the operands of a phrase alone.
  /// Throws std::out_of_range for one above max_distance.
  explicit TsOperator(Kind kind, std::uint16_t distance = 1)
      : kind_(kind), distance_(kind == Kind::phrase ? distance : std::uint16_t{1}) {
    if (distance > max_distance) throw std::out_of_range("the distance of a tsquery's phrase");
  }
  Kind kind() const noexcept { return kind_; }
  std::uint16_t distance() const noexcept { return distance_; }
  std::size_t operands() const noexcept { return kind_ == Kind::negation ? 1 : 2; }
  /// " & ", " | ", " <-> ", " <5> " or "!"
  void append_to(std::string& out) const;
  friend bool operator==(const TsOperator&, const TsOperator&) = default;

 private:
  Kind kind_;
  std::uint16_t distance_;
};

/// tsquery: what a document is searched for, as to_tsquery() makes it.
///   TsQuery("fat") & !TsQuery("rat") | TsQuery("cat").followed_by(TsQuery("food"))
/// Equal are queries of one structure: 'a & (b & c)' is not '(a & b) & c', though the server writes
/// both as 'a' & 'b' & 'c', which parse() reads as the latter.
/// Errors  parse(): invalid for other text than the server writes: 'fat':*A & !'rat'
/// Source  postgresql.org/docs/current/datatype-textsearch.html
class TsQuery {
 public:
  using Item = std::variant<TsTerm, TsOperator>;

  /// Searches for nothing, and disappears beside another query.
  TsQuery() = default;
  explicit TsQuery(TsTerm term) { items_.emplace_back(std::move(term)); }
  explicit TsQuery(std::string word) : TsQuery(TsTerm(std::move(word))) {}
  static Decoded<TsQuery> parse(std::string_view text);

  /// An operator stands before its operands, of which the right one comes first.
  const std::vector<Item>& items() const noexcept { return items_; }
  bool empty() const noexcept { return items_.empty(); }
  void append_to(std::string& out) const;

  /// `next` stands `distance` words behind this. Throws std::out_of_range for too many.
  TsQuery followed_by(const TsQuery& next, std::uint16_t distance = 1) const {
    return joined(TsOperator(TsOperator::Kind::phrase, distance), *this, next);
  }
  friend TsQuery operator&(const TsQuery& left, const TsQuery& right) {
    return joined(TsOperator(TsOperator::Kind::conjunction), left, right);
  }
  friend TsQuery operator|(const TsQuery& left, const TsQuery& right) {
    return joined(TsOperator(TsOperator::Kind::disjunction), left, right);
  }
  TsQuery operator!() const {
    TsQuery negated = *this;
    if (!empty()) negated.items_.insert(negated.items_.begin(), negation());
    return negated;
  }
  friend bool operator==(const TsQuery&, const TsQuery&) = default;

  /// Of items in the order of items(). Errors  invalid: an operand too many or too few
  static Decoded<TsQuery> from_items(std::vector<Item> items);

 private:
  static Item negation() { return TsOperator(TsOperator::Kind::negation); }
  static TsQuery joined(TsOperator sign, const TsQuery& left, const TsQuery& right) {
    if (left.empty()) return right;
    if (right.empty()) return left;
    TsQuery query;
    query.items_.reserve(1 + left.items_.size() + right.items_.size());
    query.items_.emplace_back(sign);
    query.items_.insert(query.items_.end(), right.items_.begin(), right.items_.end());
    query.items_.insert(query.items_.end(), left.items_.begin(), left.items_.end());
    return query;
  }
  std::vector<std::size_t> subtree_sizes() const;

  std::vector<Item> items_;
};

inline Decoded<TsQuery> TsQuery::from_items(std::vector<Item> items) {
  std::size_t wanted = items.empty() ? 0 : 1;
  for (const Item& item : items) {
    if (wanted == 0) return DecodeError::invalid;
    const TsOperator* const sign = std::get_if<TsOperator>(&item);
    wanted += (sign == nullptr ? 0 : sign->operands());
    --wanted;
  }
  if (wanted != 0) return DecodeError::invalid;
  TsQuery query;
  query.items_ = std::move(items);
  return query;
}

inline void TsOperator::append_to(std::string& out) const {
  switch (kind_) {
    case Kind::disjunction:
      out.append(" | ");
      return;
    case Kind::conjunction:
      out.append(" & ");
      return;
    case Kind::negation:
      out.push_back('!');
      return;
    case Kind::phrase:
      if (distance_ == 1) {
        out.append(" <-> ");
        return;
      }
      out.append(" <");
      detail::append_padded(out, distance_, 1);
      out.append("> ");
      return;
  }
}

/// How many items each item and its operands are.
inline std::vector<std::size_t> TsQuery::subtree_sizes() const {
  std::vector<std::size_t> sizes(items_.size(), 1);
  for (std::size_t at = items_.size(); at-- != 0;) {
    const TsOperator* const sign = std::get_if<TsOperator>(&items_[at]);
    if (sign == nullptr) continue;
    for (std::size_t i = 0; i < sign->operands(); ++i) sizes[at] += sizes[at + sizes[at]];
  }
  return sizes;
}

// Steps instead of recursion: a server may send a query as deep as it is long.
inline void TsQuery::append_to(std::string& out) const {
  enum class What : std::uint8_t { operand, sign, closing };
  struct Step {
    What what;
    std::size_t item = 0;
    TsOperator::Kind around = TsOperator::Kind::disjunction;  // the operator whose operand it is
    bool ends_phrase = false;                                 // and is the right one of a phrase
  };
  if (empty()) return;
  const std::vector<std::size_t> sizes = subtree_sizes();
  std::vector<Step> steps{{What::operand}};
  while (!steps.empty()) {
    const Step step = steps.back();
    steps.pop_back();
    if (step.what == What::closing) {
      out.append(" )");
      continue;
    }
    if (const TsTerm* const term = std::get_if<TsTerm>(&items_[step.item])) {
      term->append_to(out);
      continue;
    }
    const TsOperator& sign = std::get<TsOperator>(items_[step.item]);
    if (step.what == What::sign) {
      sign.append_to(out);
      continue;
    }
    const bool is_phrase = sign.kind() == TsOperator::Kind::phrase;
    if (sign.kind() < step.around || (is_phrase && step.ends_phrase)) {
      out.append("( ");
      steps.push_back({What::closing});
    }
    const std::size_t right = step.item + 1;
    steps.push_back({What::operand, right, sign.kind(), is_phrase});
    steps.push_back({What::sign, step.item});
    if (sign.operands() == 2)
      steps.push_back({What::operand, right + sizes[right], sign.kind(), false});
  }
}

namespace detail {

/// Takes an operator between two operands.
inline std::optional<TsOperator> scan_operator(TextScanner& in) {
  using Kind = TsOperator::Kind;
  if (in.accept(" | ")) return TsOperator(Kind::disjunction);
  if (in.accept(" & ")) return TsOperator(Kind::conjunction);
  if (in.accept(" <-> ")) return TsOperator(Kind::phrase);
  if (!in.accept(" <")) return std::nullopt;
  const auto distance = in.number(1, 5);
  if (!distance || *distance > TsOperator::max_distance || !in.accept("> ")) return std::nullopt;
  return TsOperator(Kind::phrase, static_cast<std::uint16_t>(*distance));
}

/// Operands before their operator, from operators between their operands.
/// Source  E. W. Dijkstra's shunting-yard algorithm, Algol 60 translation (1961)
class TsQueryParser {
 public:
  std::optional<std::vector<TsQuery::Item>> run(TextScanner in) {
    bool wants_operand = true;
    while (!in.at_end()) {
      if (!wants_operand && in.accept(" )")) {
        if (!close()) return std::nullopt;
      } else if (!wants_operand) {
        const auto sign = scan_operator(in);
        if (!sign) return std::nullopt;
        settle(sign->kind());
        pending_.push_back(sign);
        wants_operand = true;
      } else if (in.accept('!')) {
        pending_.push_back(TsOperator(TsOperator::Kind::negation));
      } else if (in.accept("( ")) {
        pending_.push_back(opening);
      } else {
        TsTerm term;
        if (!scan_term(in, term)) return std::nullopt;
        items_.emplace_back(std::move(term));
        wants_operand = false;
      }
    }
    settle(TsOperator::Kind::disjunction);
    if (wants_operand || !pending_.empty()) return std::nullopt;
    return std::move(items_);
  }

 private:
  static constexpr std::nullopt_t opening = std::nullopt;

  /// Whatever binds at least as much as `kind` has its operands.
  void settle(TsOperator::Kind kind) {
    while (!pending_.empty() && pending_.back() && pending_.back()->kind() >= kind) {
      items_.emplace_back(*pending_.back());
      pending_.pop_back();
    }
  }
  bool close() {
    settle(TsOperator::Kind::disjunction);
    if (pending_.empty()) return false;
    pending_.pop_back();
    return true;
  }

  std::vector<TsQuery::Item> items_;
  std::vector<std::optional<TsOperator>> pending_;
};

}  // namespace detail

inline Decoded<TsQuery> TsQuery::parse(std::string_view text) {
  if (text.empty()) return TsQuery{};
  auto items = detail::TsQueryParser{}.run(detail::TextScanner{text});
  if (!items) return DecodeError::invalid;
  std::reverse(items->begin(), items->end());
  Decoded<TsQuery> query = from_items(*std::move(items));
  if (!query) return query;
  // Parentheses that the server would not write.
  std::string again;
  query->append_to(again);
  if (again != text) return DecodeError::invalid;
  return query;
}

namespace detail {

// i32 items, in the order of TsQuery::items(), each of
//   u8 1, u8 weights, u8 prefix, text, NUL
//   u8 2, u8 operator; u16 distance behind a phrase
// Source  src/backend/utils/adt/tsquery.c, tsquerysend
struct TsQueryLayout {
  static constexpr std::uint8_t term_tag = 1, operator_tag = 2;
  static constexpr std::uint8_t negation = 1, conjunction = 2, disjunction = 3, phrase = 4;

  static void write(ByteBuffer& out, const TsQuery& value) {
    append_fixed(out, static_cast<std::int32_t>(value.items().size()));
    for (const TsQuery::Item& item : value.items()) {
      if (const TsTerm* const term = std::get_if<TsTerm>(&item)) {
        append_fixed(out, term_tag);
        append_fixed(out, term->weights().bits());
        append_fixed(out, static_cast<std::uint8_t>(term->match()));
        out.append(std::string_view{term->text()});
        append_fixed(out, std::uint8_t{0});
      } else {
        const TsOperator& sign = std::get<TsOperator>(item);
        append_fixed(out, operator_tag);
        append_fixed(out, code_of(sign.kind()));
        if (sign.kind() == TsOperator::Kind::phrase) append_fixed(out, sign.distance());
      }
    }
  }
  static DecodeError read(Bytes in, TsQuery& value) {
    ValueReader reader{in};
    const auto count = reader.number<std::int32_t>();
    constexpr std::size_t smallest = 2;
    if (count < 0) return DecodeError::invalid;
    if (static_cast<std::size_t>(count) > reader.remaining() / smallest)
      return DecodeError::truncated;
    std::vector<TsQuery::Item> items;
    items.reserve(static_cast<std::size_t>(count));
    for (std::int32_t i = 0; i < count; ++i) {
      const auto tag = reader.number<std::uint8_t>();
      std::optional<TsQuery::Item> item;
      if (tag == term_tag) item = read_term(reader);
      if (tag == operator_tag) item = read_operator(reader);
      if (reader.ran_short()) return DecodeError::truncated;
      if (!item) return DecodeError::invalid;
      items.push_back(*std::move(item));
    }
    if (const DecodeError error = reader.error(); error != DecodeError::none) return error;
    Decoded<TsQuery> query = TsQuery::from_items(std::move(items));
    if (!query) return query.error();
    value = *std::move(query);
    return DecodeError::none;
  }

 private:
  static std::uint8_t code_of(TsOperator::Kind kind) noexcept {
    switch (kind) {
      case TsOperator::Kind::negation:
        return negation;
      case TsOperator::Kind::conjunction:
        return conjunction;
      case TsOperator::Kind::disjunction:
        return disjunction;
      case TsOperator::Kind::phrase:
        break;
    }
    return phrase;
  }
  static std::optional<TsQuery::Item> read_term(ValueReader& in) {
    const auto bits = in.number<std::uint8_t>();
    const auto prefix = in.number<std::uint8_t>();
    const std::string_view text = read_cstring(in);
    if (bits > TsWeights::all_bits || prefix > 1) return std::nullopt;
    TsWeights weights;
    for (std::size_t bit = 0; bit < weight_letters.size(); ++bit)
      if ((bits >> bit & 1U) != 0) weights.add(static_cast<TsPosition::Weight>(bit));
    return TsTerm(std::string{text}, weights, static_cast<TsTerm::Match>(prefix));
  }
  static std::optional<TsQuery::Item> read_operator(ValueReader& in) {
    switch (in.number<std::uint8_t>()) {
      case negation:
        return TsOperator(TsOperator::Kind::negation);
      case conjunction:
        return TsOperator(TsOperator::Kind::conjunction);
      case disjunction:
        return TsOperator(TsOperator::Kind::disjunction);
      case phrase:
        break;
      default:
        return std::nullopt;
    }
    const auto distance = in.number<std::uint16_t>();
    if (distance > TsOperator::max_distance) return std::nullopt;
    return TsOperator(TsOperator::Kind::phrase, distance);
  }
};

using TsQueryCodec = SingleTypeCodec<TsQuery, oid::tsquery, TsQueryLayout>;

}  // namespace detail

/// TsQuery <-> tsquery.
/// Errors  embedded_nul, invalid_text for a word that is no text of the server's.
template <>
struct ValueCodec<TsQuery> : detail::TsQueryCodec {
  static EncodeError encode(ByteBuffer& out, const TsQuery& value, Oid type) {
    for (const TsQuery::Item& item : value.items()) {
      const TsTerm* const term = std::get_if<TsTerm>(&item);
      if (term == nullptr) continue;
      if (const EncodeError error = check_text(term->text()); error != EncodeError::none)
        return error;
    }
    return detail::TsQueryCodec::encode(out, value, type);
  }
};

}  // namespace pgreactor
