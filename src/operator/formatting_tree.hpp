#pragma once
#include <optional>
#include <pgreactor/detail/json_tree.hpp>
#include <pgreactor/formatting.hpp>
#include <string>
#include <string_view>

namespace pgreactor::operators {

using pgreactor::detail::JsonTree;

enum class Purpose : std::uint8_t { logging, storage };

/// A value as JSON has it, each of its texts whole and as it came: the first half of formatting,
/// before a log's or a store's own rules. Records are objects; JSON documents are taken apart, and
/// are strings where they are none; hidden ones in a log.
JsonTree tree_of(const Formattable& value, Purpose purpose, StorageLosses& losses);

/// Reads text as JSON; where it is none only for NULs and for what is no UTF-8, without those.
std::optional<JsonTree> parse_document(std::string_view text, StorageLosses& losses);

/// The text, if it is that.
std::optional<std::string_view> text_of(const Formattable& value) noexcept;

/// What is shown in a log of a document that cannot be read, in which a secret would not be found:
/// "<document of 7 bytes>".
std::string hidden_document(std::string_view text);

/// A string without its quotes; anything else as JSON.
std::string unquoted(const JsonTree& tree);

}  // namespace pgreactor::operators
