#include "src/operator/formatting_tree.hpp"

#include <cmath>
#include <utility>

#include "src/operator/formatting_text.hpp"

namespace pgreactor::operators {
namespace {

/// What JSON writes without quotes.
JsonTree literal_of(const Datum& value) {
  std::string text;
  value.append_json(text);
  return JsonTree(JsonTree::Literal{std::move(text)});
}

/// "2024-02-29T12:00:00.5+00:00" of the server's "2024-02-29 12:00:00.5+00", with " BC" behind it
/// as the server's own JSON has it; an infinity keeps its word.
template <class Stamp>
std::string iso_text(const Stamp& stamp) {
  std::string text = stamp.to_string();
  if (!stamp.is_finite()) return text;
  text[text.find(' ')] = 'T';
  const std::size_t end = text.ends_with(" BC") ? text.size() - 3 : text.size();
  text.insert(end, Stamp::has_zone ? ":00" : "+00:00");
  return text;
}

class TreeBuilder {
 public:
  TreeBuilder(Purpose purpose, StorageLosses& losses) : losses_(&losses), purpose_(purpose) {}

  JsonTree of(const Record& record) {
    JsonTree::Object members;
    members.reserve(record.size());
    for (const Record::Entry entry : record) members.push_back({entry.name(), of(entry.value())});
    return JsonTree(std::move(members));
  }
  JsonTree of(const std::vector<Record>& records) {
    JsonTree::List list;
    list.reserve(records.size());
    for (const Record& record : records) list.push_back(of(record));
    return JsonTree(std::move(list));
  }
  JsonTree of(const Datum& value);

 private:
  bool for_a_log() const { return purpose_ == Purpose::logging; }
  JsonTree of(const Datum::Array& array);
  JsonTree of(const Json& document);
  /// A number JSON has no word for.
  JsonTree not_finite(const Datum& value) {
    if (for_a_log()) return JsonTree(value.to_string());
    ++losses_->not_finite;
    return literal_of({});
  }

  StorageLosses* losses_;
  std::size_t level_ = 0;
  Purpose purpose_;
};

JsonTree TreeBuilder::of(const Datum& value) {
  switch (value.kind()) {
    case Datum::Kind::null:
    case Datum::Kind::boolean:
    case Datum::Kind::integer:
      return literal_of(value);
    case Datum::Kind::default_value:
      return for_a_log() ? JsonTree(value.to_string()) : literal_of({});
    case Datum::Kind::floating:
      return std::isfinite(*value.if_is<double>()) ? literal_of(value) : not_finite(value);
    case Datum::Kind::numeric: {
      if (!value.if_is<Numeric>()->is_finite()) return not_finite(value);
      JsonTree number = literal_of(value);
      const bool quoted = number.if_is<JsonTree::Literal>()->text.starts_with('"');
      return quoted ? JsonTree(value.to_string()) : number;
    }
    case Datum::Kind::bytes:
      if (!for_a_log()) break;
      return JsonTree("<bytes " + std::to_string(value.if_is<std::vector<std::byte>>()->size()) +
                      ">");
    case Datum::Kind::timestamp:
      return JsonTree(iso_text(*value.if_is<Timestamp>()));
    case Datum::Kind::timestamptz:
      return JsonTree(iso_text(*value.if_is<TimestampTz>()));
    case Datum::Kind::json:
      return of(*value.if_is<Json>());
    case Datum::Kind::array:
      return of(*value.if_is<Datum::Array>());
    case Datum::Kind::text:
    case Datum::Kind::uuid:
    case Datum::Kind::date:
    case Datum::Kind::time:
    case Datum::Kind::timetz:
    case Datum::Kind::interval:
      break;
  }
  return JsonTree(value.to_string());
}

JsonTree TreeBuilder::of(const Datum::Array& array) {
  if (level_ == JsonTree::deepest) {
    ++losses_->too_deep;
    return JsonTree(std::string("[...]"));
  }
  ++level_;
  JsonTree::List list;
  list.reserve(array.size());
  for (const Datum& element : array) list.push_back(of(element));
  --level_;
  return JsonTree(std::move(list));
}

JsonTree TreeBuilder::of(const Json& document) {
  std::optional<JsonTree> tree = parse_document(document.text(), *losses_);
  if (tree) return *std::move(tree);
  return JsonTree(for_a_log() ? hidden_document(document.text()) : document.text());
}

}  // namespace

JsonTree tree_of(const Formattable& value, Purpose purpose, StorageLosses& losses) {
  TreeBuilder builder(purpose, losses);
  return std::visit(
      [&]<class T>(const T& each) {
        if constexpr (std::is_same_v<T, std::string_view>)
          return JsonTree(std::string(each));
        else if constexpr (std::is_pointer_v<T>)
          return builder.of(*each);
        else
          return builder.of(each);
      },
      value.alternatives());
}

std::optional<JsonTree> parse_document(std::string_view text, StorageLosses& losses) {
  std::optional<JsonTree> tree = JsonTree::parse(text);
  if (tree) return tree;
  std::string cleaned(text);
  const std::size_t nuls = std::erase(cleaned, '\0');
  const std::size_t invalid = replace_invalid_bytes(cleaned);
  if (nuls + invalid == 0) return std::nullopt;
  tree = JsonTree::parse(cleaned);
  if (!tree) return std::nullopt;
  losses.nul_characters += nuls;
  losses.invalid_bytes += invalid;
  return tree;
}

std::optional<std::string_view> text_of(const Formattable& value) noexcept {
  const auto& alternatives = value.alternatives();
  if (const auto* const text = std::get_if<std::string_view>(&alternatives)) return *text;
  const auto* const own = std::get_if<Datum>(&alternatives);
  const auto* const other = std::get_if<const Datum*>(&alternatives);
  const Datum* const datum = other != nullptr ? *other : own;
  if (datum == nullptr) return std::nullopt;
  const auto* const text = datum->if_is<std::string>();
  return text == nullptr ? std::nullopt : std::optional<std::string_view>(*text);
}

std::string hidden_document(std::string_view text) {
  return "<document of " + std::to_string(text.size()) + " bytes>";
}

std::string unquoted(const JsonTree& tree) {
  if (const auto* const text = tree.if_is<std::string>()) return *text;
  std::string written;
  tree.append_to(written);
  return written;
}

}  // namespace pgreactor::operators
