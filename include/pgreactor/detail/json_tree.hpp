#pragma once
#include <cstddef>
#include <optional>
#include <pgreactor/export.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pgreactor::detail {

/// A JSON value taken apart, for what has to walk through a document and change it.
/// Shape   numbers stand as they were written, all their digits; members in their order, also two
///         of one name.
/// Owner   owns its texts.
class PGREACTOR_API JsonTree {
 public:
  /// null, true, false or a number, as written.
  struct Literal {
    std::string text;
  };
  struct Member;
  using List = std::vector<JsonTree>;
  using Object = std::vector<Member>;

  /// Lists and objects within each other: what a reader takes, each level being a call.
  static constexpr std::size_t deepest = 1024;

  explicit JsonTree(Literal literal);
  explicit JsonTree(std::string text);
  explicit JsonTree(List list);
  explicit JsonTree(Object object);

  /// Reads one value of any kind; a lone surrogate that stands escaped becomes U+FFFD. Nothing when
  /// the text is no JSON, no UTF-8, or deeper than that.
  static std::optional<JsonTree> parse(std::string_view text);

  /// Null when the value is of another kind.
  template <class T>
  T* if_is() noexcept {
    return std::get_if<T>(&value_);
  }
  template <class T>
  const T* if_is() const noexcept {
    return std::get_if<T>(&value_);
  }
  bool is_null() const noexcept;

  /// Without blanks.
  void append_to(std::string& out) const;

 private:
  std::variant<Literal, std::string, List, Object> value_;
};

struct JsonTree::Member {
  std::string name;
  JsonTree value;
};

inline JsonTree::JsonTree(Literal literal) : value_(std::move(literal)) {}
inline JsonTree::JsonTree(std::string text) : value_(std::move(text)) {}
inline JsonTree::JsonTree(List list) : value_(std::move(list)) {}
inline JsonTree::JsonTree(Object object) : value_(std::move(object)) {}

}  // namespace pgreactor::detail
