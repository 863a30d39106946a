#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace pgreactor {

/// A view of bytes somebody else owns; whoever hands one out says until when it is valid.
using Bytes = std::span<const std::byte>;

/// nullopt is SQL NULL; an empty view is a value of zero bytes.
using NullableBytes = std::optional<Bytes>;

inline Bytes as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span{text.data(), text.size()});
}

inline std::string_view as_text(Bytes bytes) noexcept {
  // char may alias any object, so this is the one defined way to read bytes as text.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace pgreactor
