#include "src/store_memory/comparison.hpp"

#include <algorithm>

#include "src/store_memory/comparing.hpp"
#include "src/store_memory/json_value.hpp"
#include "src/store_memory/like.hpp"
#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

using Truth = std::optional<bool>;
constexpr Truth unknown = std::nullopt;

Truth negated(Truth truth) { return truth ? Truth(!*truth) : truth; }

/// The values of one comparison. NULL is unknown unless the comparison is about NULL.
class Comparing {
 public:
  Comparing(const Datum& left, const ValueType& type) : left_(left), type_(type) {
    if (type.type == oid::bpchar) left_ = blank_trimmed(left_);
  }

  Truth equals(const Datum& right) const {
    if (left_.is_null() || right.is_null()) return unknown;
    return equal(left_, trimmed(right), type_.labels);
  }
  /// left = ANY(list)
  Truth equals_any(const Datum& list) const {
    const auto* const values = list.if_is<Datum::Array>();
    if (values == nullptr) return unknown;
    Truth result = false;
    for (const Datum& each : *values) {
      const Truth same = equals(each);
      if (same == true) return true;
      if (!same) result = unknown;
    }
    return result;
  }
  template <class Holds>
  Truth ordered(const Datum& right, Holds holds) const {
    if (left_.is_null() || right.is_null()) return unknown;
    return holds(compare(left_, trimmed(right), type_.labels));
  }
  bool is_distinct_from(const Datum& right) const {
    if (left_.is_null() || right.is_null()) return left_.is_null() != right.is_null();
    return !equal(left_, trimmed(right), type_.labels);
  }

 private:
  static Datum blank_trimmed(const Datum& value) {
    const auto* const text = value.if_is<std::string>();
    return text == nullptr ? value : Datum(without_blanks(*text));
  }
  Datum trimmed(const Datum& value) const {
    return type_.type == oid::bpchar ? blank_trimmed(value) : value;
  }

  Datum left_;
  const ValueType& type_;
};

Truth conjunction(Truth a, Truth b) {
  if (a == false || b == false) return false;
  return a && b ? Truth(true) : unknown;
}

Truth text_matches(Comparison comparison, const Datum& left, const Datum& right) {
  if (left.is_null() || right.is_null()) return unknown;
  const std::string& text = *left.if_is<std::string>();
  const std::string& pattern = *right.if_is<std::string>();
  switch (comparison) {
    case Comparison::like:
      return like(text, pattern, Letters::as_they_are);
    case Comparison::not_like:
      return !like(text, pattern, Letters::as_they_are);
    case Comparison::ilike:
      return like(text, pattern, Letters::ascii_folded);
    case Comparison::not_ilike:
      return !like(text, pattern, Letters::ascii_folded);
    case Comparison::starts_with:
      return text.starts_with(pattern);
    case Comparison::ends_with:
      return text.ends_with(pattern);
    default:
      return text.find(pattern) != std::string::npos;
  }
}

/// Is every element of `part` in `whole`? NULL is in nothing.
bool array_contains(const Datum::Array& whole, const Datum::Array& part, const ValueType& type) {
  std::vector<const Datum*> all, wanted;
  flatten(whole, all);
  flatten(part, wanted);
  return std::all_of(wanted.begin(), wanted.end(), [&](const Datum* each) {
    return !each->is_null() && std::any_of(all.begin(), all.end(), [&](const Datum* other) {
      return !other->is_null() && equal(*each, *other, type.labels);
    });
  });
}

bool arrays_overlap(const Datum::Array& a, const Datum::Array& b, const ValueType& type) {
  std::vector<const Datum*> left;
  flatten(a, left);
  return std::any_of(left.begin(), left.end(), [&](const Datum* each) {
    return array_contains(b, Datum::Array{*each}, type);
  });
}

Truth array_matches(Comparison comparison, const Datum& left, const Datum& right,
                    const ValueType& type) {
  if (left.is_null() || right.is_null()) return unknown;
  const auto& a = *left.if_is<Datum::Array>();
  const auto& b = *right.if_is<Datum::Array>();
  if (comparison == Comparison::array_overlaps) return arrays_overlap(a, b, type);
  return comparison == Comparison::array_contains ? array_contains(a, b, type)
                                                  : array_contains(b, a, type);
}

/// NULL among the keys does not count.
bool has_keys(const JsonValue& document, const Datum::Array& keys, bool all) {
  for (const Datum& key : keys) {
    if (key.is_null()) continue;
    if (json_has_key(document, *key.if_is<std::string>()) != all) return !all;
  }
  return all;
}

Truth json_matches(Comparison comparison, const Datum& left, const Datum& right) {
  if (left.is_null() || right.is_null()) return unknown;
  const JsonValue document = parse_json(left.if_is<Json>()->text(), JsonKind::jsonb);
  if (comparison == Comparison::has_key) return json_has_key(document, *right.if_is<std::string>());
  if (const auto* const keys = right.if_is<Datum::Array>())
    return has_keys(document, *keys, comparison == Comparison::has_all_keys);
  const JsonValue other = parse_json(right.if_is<Json>()->text(), JsonKind::jsonb);
  return comparison == Comparison::json_contains ? json_contains(document, other)
                                                 : json_contains(other, document);
}

/// `=`: of NULL it is IS NULL, of a list = ANY.
Truth equality(const Comparing& left, bool left_is_null, bool left_is_array, const Datum& right) {
  if (right.is_null()) return left_is_null;
  const bool is_list = right.kind() == Datum::Kind::array && !left_is_array;
  return is_list ? left.equals_any(right) : left.equals(right);
}

}  // namespace

Truth holds_for(Comparison comparison, const Datum& left, std::span<const Datum> values,
                const ValueType& type) {
  const Comparing side(left, type);
  const bool is_array = type.is_array();
  const auto greater_equal = [](std::weak_ordering order) { return order >= 0; };
  const auto less_equal = [](std::weak_ordering order) { return order <= 0; };
  switch (comparison) {
    case Comparison::equal:
      return equality(side, left.is_null(), is_array, values[0]);
    case Comparison::not_equal:
      return negated(equality(side, left.is_null(), is_array, values[0]));
    case Comparison::greater:
      return side.ordered(values[0], [](std::weak_ordering order) { return order > 0; });
    case Comparison::greater_equal:
      return side.ordered(values[0], greater_equal);
    case Comparison::less:
      return side.ordered(values[0], [](std::weak_ordering order) { return order < 0; });
    case Comparison::less_equal:
      return side.ordered(values[0], less_equal);
    case Comparison::between:
      return conjunction(side.ordered(values[0], greater_equal),
                         side.ordered(values[1], less_equal));
    case Comparison::in:
      return side.equals_any(values[0]);
    case Comparison::not_in:
      return negated(side.equals_any(values[0]));
    case Comparison::is_null:
      return left.is_null();
    case Comparison::is_not_null:
      return !left.is_null();
    case Comparison::is_distinct:
      return side.is_distinct_from(values[0]);
    case Comparison::is_not_distinct:
      return !side.is_distinct_from(values[0]);
    case Comparison::like:
    case Comparison::not_like:
    case Comparison::ilike:
    case Comparison::not_ilike:
    case Comparison::starts_with:
    case Comparison::ends_with:
    case Comparison::contains:
      return text_matches(comparison, left, values[0]);
    case Comparison::array_contains:
    case Comparison::array_contained_by:
    case Comparison::array_overlaps:
      return array_matches(comparison, left, values[0], type);
    case Comparison::json_contains:
    case Comparison::json_contained_by:
    case Comparison::has_key:
    case Comparison::has_any_key:
    case Comparison::has_all_keys:
      return json_matches(comparison, left, values[0]);
    case Comparison::regex:
    case Comparison::iregex:
    case Comparison::full_text:
      break;
  }
  cannot("a regular expression or a full-text search");
}

}  // namespace pgreactor::store_memory
