#include "src/operator/formatting_for_storage.hpp"

#include <algorithm>
#include <numeric>
#include <pgreactor/formatting.hpp>

#include "src/operator/formatting_text.hpp"

namespace pgreactor {
namespace operators {
namespace {

/// Digits alone may be as many as a numeric has before its point.
bool fits_a_numeric(const std::string& number) {
  constexpr std::size_t surely = 16'000;
  if (number.size() < surely && number.find_first_of("eE") == std::string::npos) return true;
  return static_cast<bool>(Numeric::parse(number));
}

class Settlement {
 public:
  Settlement(const StorageRules& rules, StorageLosses& losses) : rules_(rules), losses_(&losses) {}

  void apply_to(JsonTree& tree) {
    if (auto* const text = tree.if_is<std::string>()) {
      clean(*text);
      if (cut_text(*text, rules_.max_length)) ++losses_->cut_strings;
    } else if (auto* const literal = tree.if_is<JsonTree::Literal>()) {
      const char first = literal->text.front();
      const bool number = first == '-' || (first >= '0' && first <= '9');
      if (number && !fits_a_numeric(literal->text)) tree = JsonTree(std::string(literal->text));
    } else if (auto* const list = tree.if_is<JsonTree::List>()) {
      for (JsonTree& element : *list) apply_to(element);
    } else if (auto* const object = tree.if_is<JsonTree::Object>()) {
      for (JsonTree::Member& member : *object) clean(member.name);
      keep_last_of_each_name(*object);
      for (JsonTree::Member& member : *object) apply_to(member.value);
    }
  }

 private:
  void clean(std::string& text) {
    losses_->nul_characters += std::erase(text, '\0');
    losses_->invalid_bytes += replace_invalid_bytes(text);
  }

  void keep_last_of_each_name(JsonTree::Object& object) {
    const auto name_at = [&](std::size_t at) -> const std::string& { return object[at].name; };
    std::vector<std::size_t> order(object.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
      const int names = name_at(a).compare(name_at(b));
      return names != 0 ? names < 0 : a < b;
    });
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < order.size(); ++i)
      if (i + 1 == order.size() || name_at(order[i]) != name_at(order[i + 1]))
        kept.push_back(order[i]);
    losses_->repeated_names += order.size() - kept.size();
    if (!rules_.sorted) std::ranges::sort(kept);
    JsonTree::Object members;
    members.reserve(kept.size());
    for (const std::size_t at : kept) members.push_back(std::move(object[at]));
    object = std::move(members);
  }

  StorageRules rules_;
  StorageLosses* losses_;
};

}  // namespace

void settle(JsonTree& tree, const StorageRules& rules, StorageLosses& losses) {
  Settlement(rules, losses).apply_to(tree);
}

}  // namespace operators

std::string format_variable(const Formattable& value, std::size_t max_length,
                            StorageLosses* losses) {
  using namespace operators;
  StorageLosses unused;
  StorageLosses& counted = losses != nullptr ? *losses : unused;
  JsonTree tree = tree_of(value, Purpose::storage, counted);
  settle(tree, {.max_length = max_length}, counted);
  return unquoted(tree);
}

std::string prepare_variables_for_storage(const Formattable& variables, StorageLosses* losses) {
  using namespace operators;
  constexpr std::size_t max_length = 10'000;
  StorageLosses unused;
  StorageLosses& counted = losses != nullptr ? *losses : unused;
  JsonTree tree = tree_of(variables, Purpose::storage, counted);
  if (const auto text = text_of(variables)) {
    if (without_blanks_around(*text).empty()) return "{}";
    if (std::optional<JsonTree> document = parse_document(*text, counted))
      tree = *std::move(document);
  } else if (tree.is_null()) {
    return "{}";
  }
  settle(tree, {.max_length = max_length, .sorted = true}, counted);
  std::string written;
  tree.append_to(written);
  return written;
}

}  // namespace pgreactor
