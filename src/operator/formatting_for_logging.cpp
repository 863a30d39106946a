#include <algorithm>
#include <array>
#include <pgreactor/formatting.hpp>

#include "src/operator/formatting_text.hpp"
#include "src/operator/formatting_tree.hpp"
#include "src/operator/name_style.hpp"

namespace pgreactor {
namespace operators {
namespace {

constexpr std::size_t most_items = 20;
constexpr std::size_t deepest_level = 6;

/// As they are when only the letters are left of a key.
constexpr std::array<std::string_view, 6> secret_parts{"password", "secret",        "token",
                                                       "apikey",   "authorization", "cookie"};

/// Whatever stands between the letters of a key, seen or not, hides no secret: better one value
/// masked too many.
bool names_a_secret(std::string_view key) {
  std::string letters;
  for (const char c : key)
    if (lower(c) >= 'a' && lower(c) <= 'z') letters.push_back(lower(c));
  return std::ranges::any_of(
      secret_parts, [&](std::string_view part) { return letters.find(part) != std::string::npos; });
}

bool looks_like_a_document(std::string_view text) {
  const std::string_view inner = without_blanks_around(text);
  return inner.starts_with('{') || inner.starts_with('[');
}

std::string counted(std::string_view before, std::size_t count, std::string_view behind) {
  return std::string(before).append(std::to_string(count)).append(behind);
}

class Abbreviation {
 public:
  explicit Abbreviation(std::size_t max_length) : max_length_(max_length) {}

  void apply_to(JsonTree& tree, std::size_t level = 1) const {
    if (auto* const text = tree.if_is<std::string>()) {
      shorten(*text, level);
    } else if (auto* const list = tree.if_is<JsonTree::List>()) {
      if (level > deepest_level && !list->empty())
        tree = JsonTree(counted("[... ", list->size(), " items]"));
      else
        shorten(*list, level);
    } else if (auto* const object = tree.if_is<JsonTree::Object>()) {
      if (level > deepest_level && !object->empty())
        tree = JsonTree(counted("{... ", object->size(), " fields}"));
      else
        shorten(*object, level);
    }
  }

 private:
  void shorten(std::string& text, std::size_t level) const {
    // As deep as documents are quoted within documents, each of which doubles the backslashes of
    // the one in it: the depth is no more than the logarithm of the size.
    if (looks_like_a_document(text)) {
      StorageLosses unused;
      if (std::optional<JsonTree> document = parse_document(text, unused)) {
        apply_to(*document, level);
        text = unquoted(*document);
      }
    }
    replace_invalid_bytes(text);
    cut_text(text, max_length_);
  }
  void shorten(JsonTree::List& list, std::size_t level) const {
    const std::size_t hidden = list.size() - std::min(list.size(), most_items);
    list.erase(list.end() - static_cast<std::ptrdiff_t>(hidden), list.end());
    for (JsonTree& element : list) apply_to(element, level + 1);
    if (hidden != 0) list.emplace_back(counted("... (+", hidden, " more)"));
  }
  void shorten(JsonTree::Object& object, std::size_t level) const {
    for (JsonTree::Member& member : object) {
      if (names_a_secret(member.name))
        member.value = JsonTree(std::string("***"));
      else
        apply_to(member.value, level + 1);
      replace_invalid_bytes(member.name);
      cut_text(member.name, max_length_);
    }
  }

  std::size_t max_length_;
};

}  // namespace
}  // namespace operators

std::string format_for_logging(const Formattable& value, std::size_t max_length) {
  using namespace operators;
  StorageLosses unused;
  JsonTree tree = tree_of(value, Purpose::logging, unused);
  // At the top a document within text is shown as one, and so is not cut.
  if (const auto* const text = tree.if_is<std::string>())
    if (looks_like_a_document(*text))
      if (std::optional<JsonTree> document = parse_document(*text, unused))
        tree = *std::move(document);
  Abbreviation(max_length).apply_to(tree);
  const auto* const text = tree.if_is<std::string>();
  return text != nullptr ? with_controls_escaped(*text) : unquoted(tree);
}

void DataLog::write(std::string_view message, std::string_view data) const noexcept {
  try {
    sink_(std::string(message).append(": ").append(data));
    // NOLINTNEXTLINE(bugprone-empty-catch): logging is no reason to fail; the line is lost
  } catch (...) {
  }
}

}  // namespace pgreactor
