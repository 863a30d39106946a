#include <pgreactor/values/numeric.hpp>

#include "src/store_memory/coercion.hpp"
#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

/// Adds one to a row of digits with perhaps a point among them.
void increment(std::string& digits) {
  for (std::size_t at = digits.size(); at-- > 0;) {
    if (digits[at] == '.') continue;
    if (digits[at] != '9') return void(++digits[at]);
    digits[at] = '0';
  }
  digits.insert(0, "1");
}

[[noreturn]] void overflow(std::int32_t precision, std::int32_t scale, const std::string& rest) {
  ServerReport report = report_of("22003", "numeric field overflow");
  report.detail = "A field with precision " + std::to_string(precision) + ", scale " +
                  std::to_string(scale) + rest;
  raise(std::move(report));
}

}  // namespace

Numeric rounded(const Numeric& value, std::int32_t precision, std::int32_t scale) {
  if (value.is_nan()) return value;
  if (!value.is_finite()) overflow(precision, scale, " cannot hold an infinite value.");
  std::string digits = value.to_string();
  const bool negative = digits.starts_with('-');
  if (negative) digits.erase(0, 1);
  std::size_t point = digits.find('.');
  if (point == std::string::npos) {
    point = digits.size();
    digits.push_back('.');
  }
  const std::size_t wanted = point + 1 + static_cast<std::size_t>(scale);
  const bool up = digits.size() > wanted && digits[wanted] >= '5';
  digits.resize(wanted, '0');
  if (up) increment(digits);
  const std::size_t first = digits.find_first_not_of('0');
  const std::size_t whole = digits.find('.');
  const std::int32_t most = precision - scale;
  // A scale beyond the precision asks for zeros behind the point, too.
  const bool fits =
      first == std::string::npos ||
      (most >= 0 ? first >= whole || static_cast<std::int32_t>(whole - first) <= most
                 : digits.find_first_not_of("0.") >= whole + 1 + static_cast<std::size_t>(-most));
  if (!fits) {
    const std::string limit = most == 0 ? "1" : "10^" + std::to_string(most);
    overflow(precision, scale, " must round to an absolute value less than " + limit + ".");
  }
  if (digits.ends_with('.')) digits.pop_back();
  Decoded<Numeric> result = Numeric::parse((negative ? "-" : "") + digits);
  if (!result) overflow(precision, scale, " cannot hold it.");
  return std::move(*result);
}

}  // namespace pgreactor::store_memory
