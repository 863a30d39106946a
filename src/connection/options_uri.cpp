#include "src/connection/options_uri.hpp"

#include <array>
#include <cassert>
#include <string>
#include <utility>

namespace pgreactor::conninfo {
namespace {

constexpr auto prefixes = std::to_array<std::string_view>({"postgresql://", "postgres://"});

std::size_t prefix_length(std::string_view text) noexcept {
  for (const auto prefix : prefixes)
    if (text.starts_with(prefix)) return prefix.size();
  return 0;
}

/// Removes and gives what stands before the first of the stop characters, or all of it.
std::string_view take_until(std::string_view& rest, std::string_view stops) {
  const auto taken = rest.substr(0, rest.find_first_of(stops));
  rest.remove_prefix(taken.size());
  return taken;
}

/// -1 when it is no hexadecimal digit.
int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class UriParser {
 public:
  UriParser(std::string_view uri, std::string_view origin)
      : rest_(uri.substr(prefix_length(uri))), origin_(origin) {}

  Parameters parse() && {
    read_user();
    read_hosts();
    read_database();
    read_query();
    return std::move(parameters_);
  }

 private:
  void read_user() {
    const auto end = rest_.find_first_of("@/");
    if (end == std::string_view::npos || rest_[end] == '/') return;
    auto user_part = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    set_unless_empty("user", take_until(user_part, ":"));
    if (!user_part.empty()) set_unless_empty("password", user_part.substr(1));
  }

  /// Hosts and ports are collected with a comma each, so that they stay aligned by position.
  void read_hosts() {
    std::string hosts, ports;
    for (std::size_t number = 1;; ++number) {
      hosts.append(rest_.starts_with('[') ? take_bracketed(number) : take_until(rest_, ":/?,"));
      if (rest_.starts_with(':')) {
        rest_.remove_prefix(1);
        ports.append(take_until(rest_, "/?,"));
      }
      if (!rest_.starts_with(',')) break;
      rest_.remove_prefix(1);
      hosts += ',';
      ports += ',';
    }
    set_unless_empty("host", hosts);
    set_unless_empty("port", ports);
  }

  /// An IPv6 address, without its brackets.
  std::string_view take_bracketed(std::size_t number) {
    const auto which = " of host number " + std::to_string(number);
    rest_.remove_prefix(1);
    const auto close = rest_.find(']');
    if (close == std::string_view::npos) fail("no \"]\" closes the IPv6 address" + which);
    if (close == 0) fail("the IPv6 address" + which + " is empty");
    const auto address = rest_.substr(0, close);
    rest_.remove_prefix(close + 1);
    if (!rest_.empty() && std::string_view{":/?,"}.find(rest_.front()) == std::string_view::npos)
      fail("after the \"]\"" + which + " only a port, a comma, \"/\" or \"?\" may follow");
    return address;
  }

  void read_database() {
    if (!rest_.starts_with('/')) return;
    rest_.remove_prefix(1);
    set_unless_empty("dbname", take_until(rest_, "?"));
  }

  void read_query() {
    if (rest_.empty()) return;
    assert(rest_.front() == '?');
    rest_.remove_prefix(1);
    // A '@' here may mean that the '/' and '?' before it were meant as parts of a password.
    const bool suspicious = rest_.find('@') != std::string_view::npos;
    for (std::size_t number = 1; !rest_.empty(); ++number) {
      auto value = take_until(rest_, "&");
      if (!rest_.empty()) rest_.remove_prefix(1);
      const auto raw_key = take_until(value, "=");
      const auto which = " parameter number " + std::to_string(number) + " of the query";
      if (value.empty()) fail("no \"=\" in" + which);
      value.remove_prefix(1);
      if (value.find('=') != std::string_view::npos) fail("more than one \"=\" in" + which);
      read_query_parameter({raw_key, number, suspicious}, value);
    }
  }

  void read_query_parameter(UnknownKey raw_key, std::string_view raw_value) {
    auto key = decode(raw_key.name, "a parameter's name");
    auto value = decode(raw_value, "a parameter's value");
    if (key == "ssl" && value == "true") {  // what JDBC writes
      key = "sslmode";
      value = "require";
    }
    if (!parameters_.assign(key, std::move(value), origin_))
      refuse_unknown({key, raw_key.number, raw_key.may_be_part_of_password}, origin_);
  }

  void set_unless_empty(std::string_view keyword, std::string_view raw_value) {
    if (raw_value.empty()) return;
    [[maybe_unused]] const bool known =
        parameters_.assign(keyword, decode(raw_value, "the " + std::string{keyword}), origin_);
    assert(known);
  }

  std::string decode(std::string_view raw, const std::string& what) const {
    const auto first = raw.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    raw = raw.substr(first, raw.find_last_not_of(' ') + 1 - first);
    std::string decoded;
    decoded.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] == ' ') fail("a space in " + what + " must be written %20");
      if (raw[i] != '%') {
        decoded += raw[i];
        continue;
      }
      const int high = i + 1 < raw.size() ? hex_digit(raw[i + 1]) : -1;
      const int low = i + 2 < raw.size() ? hex_digit(raw[i + 2]) : -1;
      if (high < 0 || low < 0)
        fail("in " + what + " a \"%\" is not followed by two hexadecimal digits (itself is %25)");
      if (high == 0 && low == 0) fail("%00 is not allowed in " + what);
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
    return decoded;
  }

  [[noreturn]] void fail(const std::string& reason) const { refuse("", origin_, reason); }

  std::string_view rest_;  // what is still to be read
  std::string_view origin_;
  Parameters parameters_;
};

}  // namespace

bool is_uri(std::string_view text) noexcept { return prefix_length(text) != 0; }

Parameters parse_uri(std::string_view uri, std::string_view origin) {
  assert(is_uri(uri));
  return UriParser{uri, origin}.parse();
}

}  // namespace pgreactor::conninfo
