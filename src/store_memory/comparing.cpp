#include "src/store_memory/comparing.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "src/store_memory/json_value.hpp"
#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

using Order = std::weak_ordering;

Order order(double a, double b) noexcept {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) <=> std::isnan(b);
  if (a < b) return Order::less;
  return a > b ? Order::greater : Order::equivalent;
}

Order order(const std::vector<std::byte>& a, const std::vector<std::byte>& b) noexcept {
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
}

/// By the moment, then by the zone: the one further west is greater.
Order order(const TimeTz& a, const TimeTz& b) noexcept {
  const auto moment = [](const TimeTz& time) {
    return (time.time().since_midnight() - std::chrono::microseconds(time.utc_offset())).count();
  };
  if (moment(a) != moment(b)) return moment(a) <=> moment(b);
  return b.utc_offset().count() <=> a.utc_offset().count();
}

/// A month counts for 30 days and a day for 24 hours.
Order order(const Interval& a, const Interval& b) noexcept {
  __extension__ using Wide = __int128;
  const auto span = [](const Interval& interval) {
    constexpr std::int64_t day = 86'400'000'000, days_per_month = 30;
    const std::int64_t days = interval.months() * days_per_month + interval.days();
    return Wide{days} * day + interval.time().count();
  };
  const Wide left = span(a), right = span(b);
  if (left < right) return Order::less;
  return left > right ? Order::greater : Order::equivalent;
}

std::vector<std::size_t> dimensions_of(const Datum::Array& array) {
  std::vector<std::size_t> sizes;
  for (const Datum::Array* at = &array; at != nullptr && !at->empty();
       at = at->front().if_is<Datum::Array>())
    sizes.push_back(at->size());
  return sizes;
}

/// Element by element, NULL last; then by their number, and by the dimensions.
Order order(const Datum::Array& a, const Datum::Array& b, const std::vector<std::string>* labels) {
  std::vector<const Datum*> left, right;
  flatten(a, left);
  flatten(b, right);
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    const bool null = left[i]->is_null();
    if (null != right[i]->is_null()) return null ? Order::greater : Order::less;
    if (null) continue;
    if (const Order each = compare(*left[i], *right[i], labels); each != 0) return each;
  }
  if (left.size() != right.size()) return left.size() <=> right.size();
  const auto sizes = dimensions_of(a), others = dimensions_of(b);
  if (sizes.size() != others.size()) return sizes.size() <=> others.size();
  return sizes <=> others;
}

/// Kinds whose order is not that of their operators.
template <class T>
inline constexpr bool has_own_order =
    detail::OneOf<T, double, std::vector<std::byte>, TimeTz, Interval>;

std::size_t rank_in(const std::vector<std::string>& labels, const std::string& label) {
  return static_cast<std::size_t>(std::find(labels.begin(), labels.end(), label) - labels.begin());
}

}  // namespace

Order compare(const Datum& a, const Datum& b, const std::vector<std::string>* labels) {
  return std::visit(
      [&]<class T, class U>(const T& left, const U& right) -> Order {
        if constexpr (!std::is_same_v<T, U> || std::is_same_v<T, std::monostate> ||
                      std::is_same_v<T, ColumnDefault>) {
          cannot("a comparison of values of two kinds");
        } else if constexpr (std::is_same_v<T, Json>) {
          cannot("the order of JSON documents");
        } else if constexpr (std::is_same_v<T, Datum::Array>) {
          return order(left, right, labels);
        } else if constexpr (std::is_same_v<T, std::string>) {
          if (labels != nullptr && !labels->empty())
            return rank_in(*labels, left) <=> rank_in(*labels, right);
          return left.compare(right) <=> 0;
        } else if constexpr (has_own_order<T>) {
          return order(left, right);
        } else {
          return left <=> right;
        }
      },
      a.alternatives(), b.alternatives());
}

bool equal(const Datum& a, const Datum& b, const std::vector<std::string>* labels) {
  const Json* const left = a.if_is<Json>();
  const Json* const right = b.if_is<Json>();
  if (left != nullptr && right != nullptr)
    return parse_json(left->text(), JsonKind::jsonb) == parse_json(right->text(), JsonKind::jsonb);
  return compare(a, b, labels) == 0;
}

std::string without_blanks(std::string text) {
  text.resize(text.find_last_not_of(' ') + 1);
  return text;
}

void flatten(const Datum::Array& array, std::vector<const Datum*>& out) {
  for (const Datum& each : array) {
    if (const auto* const inner = each.if_is<Datum::Array>())
      flatten(*inner, out);
    else
      out.push_back(&each);
  }
}

}  // namespace pgreactor::store_memory
