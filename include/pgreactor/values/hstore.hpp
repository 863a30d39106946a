#pragma once
#include <functional>
#include <map>
#include <optional>
#include <pgreactor/values/array_text.hpp>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/utf8.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor {

/// hstore: texts by key, each of which may be NULL.
/// Errors  parse(): invalid for other text than the server writes: "a"=>"1", "b"=>NULL
/// Source  postgresql.org/docs/current/hstore.html
class Hstore {
 public:
  using Map = std::map<std::string, std::optional<std::string>, std::less<>>;

  Hstore() = default;
  explicit Hstore(Map entries) noexcept : entries_(std::move(entries)) {}
  static Decoded<Hstore> parse(std::string_view text);

  const Map& entries() const noexcept { return entries_; }
  Map& entries() noexcept { return entries_; }
  void append_to(std::string& out) const;
  friend bool operator==(const Hstore&, const Hstore&) = default;

 private:
  Map entries_;
};

inline Decoded<Hstore> Hstore::parse(std::string_view text) {
  detail::TextScanner in{text};
  Map entries;
  std::string key;
  std::string value;
  bool null = false;
  const auto quoted = [&](std::string& part) {
    return in.rest().starts_with('"') &&
           detail::scan_array_element(in, ',', part, null) == DecodeError::none;
  };
  while (!in.at_end()) {
    if (!entries.empty() && !in.accept(std::string_view{", "})) return DecodeError::invalid;
    if (!quoted(key) || !in.accept(std::string_view{"=>"})) return DecodeError::invalid;
    std::optional<std::string> held;
    if (!in.accept(std::string_view{"NULL"})) {
      if (!quoted(value)) return DecodeError::invalid;
      held = value;
    }
    if (!entries.emplace(key, std::move(held)).second) return DecodeError::invalid;
  }
  return Hstore{std::move(entries)};
}

inline void Hstore::append_to(std::string& out) const {
  bool first = true;
  for (const auto& [key, value] : entries_) {
    if (!std::exchange(first, false)) out.append(", ");
    detail::append_quoted_element(out, key);
    out.append("=>");
    if (value)
      detail::append_quoted_element(out, *value);
    else
      out.append("NULL");
  }
}

/// Hstore <-> hstore, whose number differs from server to server: every application type is given
/// its text, and read as one.
/// Errors  embedded_nul, invalid_text.
template <>
struct ValueCodec<Hstore> {
  static constexpr Oid natural_type = oid::unspecified;

  static constexpr FormatCode parameter_format(Oid) noexcept { return FormatCode::text; }
  static EncodeError encode(ByteBuffer& out, const Hstore& value, Oid type) {
    if (!is_application_type(type)) return EncodeError::type_mismatch;
    std::string text;
    value.append_to(text);
    const EncodeError error = check_text(text);
    if (error == EncodeError::none) out.append(std::string_view{text});
    return error;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, Hstore& value) {
    if (!is_application_type(type) || format != FormatCode::text) return DecodeError::type_mismatch;
    Decoded<Hstore> parsed = Hstore::parse(as_text(in));
    if (!parsed) return parsed.error();
    value = *std::move(parsed);
    return DecodeError::none;
  }
};

}  // namespace pgreactor
