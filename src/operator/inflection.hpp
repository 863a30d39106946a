#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// English singulars, for comparing names and never for making them. The rules and lists are frozen
// in the first version they appear in: a word more could make a name of a running application mean
// another column. What they lack, an application adds for itself.
namespace pgreactor::operators {

/// Goes up with any change to what singular_forms() says of any word.
inline constexpr int inflection_version = 1;

/// What a word may be the plural of; itself when it is none. More than one where spelling cannot
/// tell: "caches" is read as "cach" and "cache", "matches" as "match" and "matche", "bases" as
/// "basis" and "base". A form that is no word does no harm, since only equal forms count.
class SingularForms {
 public:
  static constexpr std::size_t most = 3;

  explicit SingularForms(std::string form) { add(std::move(form)); }
  SingularForms(std::string first, std::string second) : SingularForms(std::move(first)) {
    add(std::move(second));
  }
  /// Errors  none: what there is no room for is left out.
  void add(std::string form) {
    if (count_ < most) forms_[count_++] = std::move(form);
  }
  const std::string* begin() const noexcept { return forms_.data(); }
  const std::string* end() const noexcept { return forms_.data() + count_; }

 private:
  std::array<std::string, most> forms_;
  std::size_t count_ = 0;
};

/// The words of an application beside the frozen ones. Its pairs are asked first.
class Inflections {
 public:
  /// Without regard to the case of ASCII letters. The same word twice is one that has no plural.
  void add(std::string_view singular, std::string_view plural);

  /// `word` is one word in lower case. Guarded: a singular is left as it is, so that both sides of
  /// a comparison can be asked.
  SingularForms singular_forms(std::string_view word) const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;  // singular, plural
};

}  // namespace pgreactor::operators
