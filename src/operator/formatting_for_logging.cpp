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
/// Documents quoted within each other that are looked into. A text that has more of them is over
/// 64 kB: each quotes the backslashes of the one within it.
constexpr std::size_t most_quotings = 16;

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

/// From where a document would begin: not with what cannot be seen.
std::string_view without_unseen_before(std::string_view text) noexcept {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  const auto is_unseen = [](char c) { return (c >= '\0' && c <= ' ') || c == '\x7f'; };
  while (!text.empty()) {
    if (text.starts_with(byte_order_mark))
      text.remove_prefix(byte_order_mark.size());
    else if (is_unseen(text.front()))
      text.remove_prefix(1);
    else
      break;
  }
  return text;
}

/// An object, a list, or a string that may quote one. `text` begins with what can be seen.
bool looks_like_a_document(std::string_view text) noexcept {
  return text.starts_with('{') || text.starts_with('[') || text.starts_with('"');
}

/// Can there be a key in what looks like a document and is none? Plain text such as "[info] ready"
/// or "\"yes\" he said" has none.
bool may_hold_keys(std::string_view text) noexcept {
  if (text.front() == '{') return true;
  return text.find_first_of(text.front() == '[' ? "{\\" : "{\\:") != std::string_view::npos;
}

std::string counted(std::string_view before, std::size_t count, std::string_view behind) {
  return std::string(before).append(std::to_string(count)).append(behind);
}

/// Where in a value, and in the documents that its texts are.
struct Depth {
  std::size_t level = 1;
  std::size_t quotings = 0;
  Depth within() const noexcept { return {level + 1, quotings}; }
  Depth quoted() const noexcept { return {level, quotings + 1}; }
};

class Abbreviation {
 public:
  explicit Abbreviation(std::size_t max_length) : max_length_(max_length) {}

  void apply_to(JsonTree& tree, Depth at = {}) const {
    if (auto* const text = tree.if_is<std::string>()) {
      shorten(*text, at);
    } else if (auto* const list = tree.if_is<JsonTree::List>()) {
      if (at.level > deepest_level && !list->empty())
        tree = JsonTree(counted("[... ", list->size(), " items]"));
      else
        shorten(*list, at);
    } else if (auto* const object = tree.if_is<JsonTree::Object>()) {
      if (at.level > deepest_level && !object->empty())
        tree = JsonTree(counted("{... ", object->size(), " fields}"));
      else
        shorten(*object, at);
    }
  }

 private:
  void shorten(std::string& text, Depth at) const {
    if (looks_like_a_document(without_unseen_before(text))) shorten_document(text, at);
    replace_invalid_bytes(text);
    cut_text(text, max_length_);
  }
  void shorten_document(std::string& text, Depth at) const {
    const std::string_view seen = without_unseen_before(text);
    StorageLosses unused;
    std::optional<JsonTree> document;
    if (at.quotings < most_quotings) document = parse_document(seen, unused);
    if (!document) {
      if (may_hold_keys(seen)) text = hidden_document(text);
      return;
    }
    const auto* const quoted = document->if_is<std::string>();
    // A string that quotes no document stays as it was written.
    if (quoted != nullptr && !looks_like_a_document(without_unseen_before(*quoted))) return;
    apply_to(*document, at.quoted());
    text.clear();
    document->append_to(text);
  }
  void shorten(JsonTree::List& list, Depth at) const {
    const std::size_t hidden = list.size() - std::min(list.size(), most_items);
    list.erase(list.end() - static_cast<std::ptrdiff_t>(hidden), list.end());
    for (JsonTree& element : list) apply_to(element, at.within());
    if (hidden != 0) list.emplace_back(counted("... (+", hidden, " more)"));
  }
  void shorten(JsonTree::Object& object, Depth at) const {
    for (JsonTree::Member& member : object) {
      if (names_a_secret(member.name))
        member.value = JsonTree(std::string("***"));
      else
        apply_to(member.value, at.within());
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
  // At the top an object or list within text is shown as one, and so is not cut.
  if (const auto* const text = tree.if_is<std::string>()) {
    const std::string_view seen = without_unseen_before(*text);
    if (seen.starts_with('{') || seen.starts_with('['))
      if (std::optional<JsonTree> document = parse_document(seen, unused))
        tree = *std::move(document);
  }
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
