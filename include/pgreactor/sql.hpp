#pragma once
#include <cstddef>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace pgreactor {

/// SQL text and the place in the program that it comes from. A literal or a std::string lvalue is
/// viewed and must live until the statement has ended; a std::string rvalue is owned. Values never
/// enter this text: they travel as parameters `$1`, `$2` ...
class Sql {
 public:
  template <std::size_t N>
  explicit(false) Sql(const char (&literal)[N],
                      std::source_location where = std::source_location::current()) noexcept
      : text_(std::string_view(literal)), where_(where) {}
  explicit(false) Sql(std::string_view text,
                      std::source_location where = std::source_location::current()) noexcept
      : text_(text), where_(where) {}
  explicit(false) Sql(const std::string& text,
                      std::source_location where = std::source_location::current()) noexcept
      : text_(std::string_view(text)), where_(where) {}
  explicit(false)
      Sql(std::string&& text, std::source_location where = std::source_location::current()) noexcept
      : text_(std::move(text)), where_(where) {}

  std::string_view text() const noexcept {
    if (const auto* owned = std::get_if<std::string>(&text_)) return *owned;
    return *std::get_if<std::string_view>(&text_);
  }
  const std::source_location& where() const noexcept { return where_; }

 private:
  std::variant<std::string_view, std::string> text_;
  std::source_location where_;
};

}  // namespace pgreactor
