#include <algorithm>
#include <map>
#include <pgreactor/error.hpp>
#include <pgreactor/values/text_scanner.hpp>

#include "src/store_memory/json_value.hpp"
#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

constexpr int deepest = 500;  // the server goes as deep as its stack does

/// The order of keys in jsonb.
struct ShorterFirst {
  bool operator()(std::string_view a, std::string_view b) const noexcept {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0 | point >> 6);
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
  }
  put(0x80 | (point & 0x3f));
}

class JsonParser {
 public:
  JsonParser(std::string_view text, JsonKind kind) noexcept
      : size_(text.size()), rest_(text), kind_(kind) {}

  std::size_t position() const noexcept { return size_ - rest_.size(); }

  JsonValue document() {
    JsonValue value = any(0);
    skip_blanks();
    if (!rest_.empty()) fail();
    return value;
  }

 private:
  [[noreturn]] static void fail() { raise("22P02", "invalid input syntax for type json"); }
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  bool accept(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    skip_blanks();
    if (!accept(token)) fail();
  }
  char take() {
    if (rest_.empty()) fail();
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  JsonValue any(int depth) {
    skip_blanks();
    const Offset begin{position()};
    JsonValue value = any_here(depth);
    value.offset = begin;
    return value;
  }

  // As deep as `deepest`.
  JsonValue any_here(int depth) {
    if (depth > deepest) cannot("JSON that is nested deeper than 500");
    JsonValue value;
    if (rest_.starts_with('{')) return object(depth);
    if (rest_.starts_with('[')) return array(depth);
    if (rest_.starts_with('"')) {
      value.kind = JsonValue::Kind::string;
      value.string = quoted();
    } else if (accept("true") || accept("false")) {
      value.kind = JsonValue::Kind::boolean;
      value.truth = *(rest_.data() - 2) == 'u';  // tr-u-e
    } else if (!accept("null")) {
      value.kind = JsonValue::Kind::number;
      value.number = number();
    }
    return value;
  }

  JsonValue array(int depth) {
    JsonValue value;
    value.kind = JsonValue::Kind::array;
    expect("[");
    skip_blanks();
    if (accept("]")) return value;
    do {
      value.elements.push_back(any(depth + 1));
      skip_blanks();
    } while (accept(","));
    expect("]");
    return value;
  }

  JsonValue object(int depth) {
    JsonValue value;
    value.kind = JsonValue::Kind::object;
    std::map<std::string, JsonValue, ShorterFirst> members;
    expect("{");
    skip_blanks();
    if (accept("}")) return value;
    do {
      skip_blanks();
      if (!rest_.starts_with('"')) fail();
      std::string key = quoted();
      expect(":");
      members.insert_or_assign(std::move(key), any(depth + 1));  // the last one wins
      skip_blanks();
    } while (accept(","));
    expect("}");
    for (auto& [key, each] : members) value.members.emplace_back(key, std::move(each));
    return value;
  }

  std::size_t digits() {
    const std::size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    rest_.remove_prefix(count);
    return count;
  }

  //  [ "-" ] ( "0" | digit1-9 digits ) [ "." digits ] [ ( "e" | "E" ) [ sign ] digits ]
  Numeric number() {
    const std::string_view begin = rest_;
    accept("-");
    const bool zero_first = rest_.starts_with('0');
    const std::size_t whole = digits();
    if (whole == 0 || (zero_first && whole > 1)) fail();
    if (accept(".") && digits() == 0) fail();
    if (accept("e") || accept("E")) {
      if (!accept("-")) accept("+");
      if (digits() == 0) fail();
    }
    Decoded<Numeric> value = Numeric::parse(begin.substr(0, begin.size() - rest_.size()));
    if (value) return std::move(*value);
    if (kind_ == JsonKind::jsonb) raise("22003", "value overflows numeric format");
    return {};
  }

  std::uint32_t hexadecimal() {
    std::uint32_t point = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = take();
      const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
      if (digit == std::string_view::npos) fail();
      point = point * 16 + static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
    }
    return point;
  }

  void append_code_point(std::string& out) {
    std::uint32_t point = hexadecimal();
    if (kind_ == JsonKind::json) return;
    if (point == 0) {
      ServerReport report = report_of("22P05", "unsupported Unicode escape sequence");
      report.detail = "\\u0000 cannot be converted to text.";
      raise(std::move(report));
    }
    if (point >= 0xdc00 && point < 0xe000) fail();
    if (point >= 0xd800 && point < 0xdc00) {
      if (!accept("\\u")) fail();
      const std::uint32_t low = hexadecimal();
      if (low < 0xdc00 || low >= 0xe000) fail();
      point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(out, point);
  }

  std::string quoted() {
    std::string text;
    take();  // the quote
    while (true) {
      const char c = take();
      if (c == '"') return text;
      if (static_cast<unsigned char>(c) < 0x20) fail();
      if (c != '\\') {
        text.push_back(c);
        continue;
      }
      const char escaped = take();
      constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
      if (const std::size_t at = letters.find(escaped); at != std::string_view::npos)
        text.push_back(meant[at]);
      else if (escaped == 'u')
        append_code_point(text);
      else
        fail();
    }
  }

  std::size_t size_;
  std::string_view rest_;
  JsonKind kind_;
};

}  // namespace

JsonValue parse_json(std::string_view text, JsonKind kind, std::size_t* stopped_at) {
  JsonParser parser(text, kind);
  try {
    return parser.document();
  } catch (const QueryError&) {
    if (stopped_at != nullptr) *stopped_at = parser.position();
    throw;
  }
}

}  // namespace pgreactor::store_memory
