#include "src/connection/options_key_value.hpp"

#include <string>
#include <utility>

#include "src/connection/options_reader.hpp"

namespace pgreactor::conninfo {
namespace {

class KeyValueParser {
 public:
  KeyValueParser(std::string_view text, std::string_view origin) : rest_(text), origin_(origin) {}

  Parameters parse() && {
    for (skip_white_space(); !rest_.empty(); skip_white_space()) {
      ++number_;
      read_parameter();
    }
    return std::move(parameters_);
  }

 private:
  void read_parameter() {
    const auto name = rest_.substr(0, rest_.find_first_of(" \t\n\v\f\r="));
    rest_.remove_prefix(name.size());
    skip_white_space();
    if (!rest_.starts_with('=')) {
      if (name.find("://") != std::string_view::npos)
        fail("a URI must start with postgresql:// or postgres://");
      fail("no \"=\" after the name of parameter number " + std::to_string(number_) +
           (after_bare_secret_ ? "; a password with spaces must be quoted" : ""));
    }
    rest_.remove_prefix(1);
    skip_white_space();

    const bool quoted = rest_.starts_with('\'');
    auto value = quoted ? take_quoted() : take_bare();
    if (!parameters_.assign(name, std::move(value), origin_))
      refuse_unknown({name, number_, after_bare_secret_}, origin_);
    if (const Keyword* keyword = find_keyword(name); keyword != nullptr && keyword->secret)
      after_bare_secret_ = after_bare_secret_ || !quoted;
  }

  std::string take_bare() {
    std::string value;
    std::size_t i = 0;
    for (; i < rest_.size() && white_space.find(rest_[i]) == std::string_view::npos; ++i) {
      if (rest_[i] == '\\') ++i;
      if (i == rest_.size()) break;  // a backslash at the end is dropped
      value += rest_[i];
    }
    rest_.remove_prefix(i);
    return value;
  }

  std::string take_quoted() {
    std::string value;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '\'') {
        rest_.remove_prefix(i + 1);
        return value;
      }
      if (rest_[i] == '\\') ++i;
      if (i == rest_.size()) break;
      value += rest_[i];
    }
    fail("no quote ends the value of parameter number " + std::to_string(number_));
  }

  void skip_white_space() {
    const auto first = rest_.find_first_not_of(white_space);
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
  }

  [[noreturn]] void fail(const std::string& reason) const { refuse("", origin_, reason); }

  std::string_view rest_;  // what is still to be read
  std::string_view origin_;
  std::size_t number_ = 0;          // of the parameter being read, for messages
  bool after_bare_secret_ = false;  // what follows an unquoted password may be its second word
  Parameters parameters_;
};

}  // namespace

Parameters parse_key_value(std::string_view text, std::string_view origin) {
  return KeyValueParser{text, origin}.parse();
}

}  // namespace pgreactor::conninfo
