#include <pgreactor/formatting.hpp>

#include "src/operator/formatting_for_storage.hpp"
#include "src/operator/formatting_text.hpp"
#include "src/operator/formatting_tree.hpp"

namespace pgreactor {
namespace operators {
namespace {

/// The last member of that name: the one that counts.
JsonTree* member_named(JsonTree& tree, std::string_view name) {
  auto* const object = tree.if_is<JsonTree::Object>();
  if (object == nullptr) return nullptr;
  JsonTree* found = nullptr;
  for (JsonTree::Member& member : *object)
    if (member.name == name) found = &member.value;
  return found;
}

std::string_view without_byte_order_marks(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  text = without_blanks_around(text);
  while (text.starts_with(mark)) text = without_blanks_around(text.substr(mark.size()));
  return text;
}

/// Line ends that are \r\n, or have more of \r, as \n.
std::string with_plain_line_ends(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (const char c : text) {
    while (c == '\n' && plain.ends_with('\r')) plain.pop_back();
    plain.push_back(c);
  }
  return plain;
}

/// What stands within one fence around all of the text; the text itself where none does.
///   ``` [ "json" ] ( blank | line end ) ... ```      or without the blank before "{" and "["
std::string_view within_fence(std::string_view text) {
  constexpr std::string_view fence = "```";
  if (text.size() < 2 * fence.size() || !text.starts_with(fence) || !text.ends_with(fence))
    return text;
  std::string_view inner = text.substr(fence.size(), text.size() - 2 * fence.size());
  if (inner.starts_with("json") || inner.starts_with("JSON")) inner.remove_prefix(4);
  // Another word names another language, and a line that begins with a fence ends the first one.
  constexpr std::string_view begins_content = " \t\r\n{[";
  if (!inner.empty() && begins_content.find(inner.front()) == std::string_view::npos) return text;
  if (without_blanks_around(inner).find("\n```") != std::string_view::npos) return text;
  return without_byte_order_marks(inner);
}

}  // namespace
}  // namespace operators

std::string format_response_for_storage(const Formattable& response, StorageLosses* losses) {
  using namespace operators;
  if (const auto text = text_of(response)) return std::string(*text);
  StorageLosses unused;
  StorageLosses& counted = losses != nullptr ? *losses : unused;
  JsonTree tree = tree_of(response, Purpose::storage, counted);
  JsonTree* const content = member_named(tree, "content");
  JsonTree& shown = content != nullptr ? *content : tree;
  if (shown.is_null()) return {};
  if (shown.if_is<std::string>() == nullptr) settle(shown, {}, counted);
  return unquoted(shown);
}

std::string clean_response_for_storage(std::string_view text) {
  using namespace operators;
  std::string valid(text);
  replace_invalid_bytes(valid);
  const std::string clean = with_plain_line_ends(without_controls(valid));
  const std::string_view content = within_fence(without_byte_order_marks(clean));
  std::optional<JsonTree> document = JsonTree::parse(content);
  if (!document) return std::string(content);
  StorageLosses unused;
  settle(*document, {}, unused);
  std::string written;
  document->append_to(written);
  return written;
}

}  // namespace pgreactor
