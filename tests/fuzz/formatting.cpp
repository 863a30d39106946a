#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <pgreactor/detail/json_tree.hpp>
#include <pgreactor/formatting.hpp>
#include <pgreactor/values/utf8.hpp>
#include <string>
#include <string_view>

// Input: any text. It is formatted as text, as a JSON document and as a name, for a log and for
// storage.
namespace {

using namespace pgreactor;

void must(bool holds) {
  if (!holds) std::abort();
}

bool is_json(std::string_view text) { return detail::JsonTree::parse(text).has_value(); }
bool is_storable(std::string_view text) { return check_text(text) == EncodeError::none; }

void format(std::string_view text) {
  const Record named = record("n" + std::string(text), text, "document", Json(text));
  must(is_json(format_for_logging(named)));
  must(is_json(format_variable(named)));
  must(is_storable(format_for_logging(text)));
  must(is_storable(format_variable(text)));
  must(is_storable(clean_response_for_storage(text)));
  must(format_response_for_storage(text) == text);
  (void)format_response_for_storage(Json(text));
  const std::string masked = format_for_logging(record("userPassword", text));
  must(masked == R"({"userPassword":"***"})");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  format(text);
  const std::string prepared = prepare_variables_for_storage(text);
  must(is_json(prepared));
  must(is_storable(prepared));
  // Nothing of it is cut, so that a second time there is nothing left to do.
  if (size < 5'000) must(prepare_variables_for_storage(prepared) == prepared);
  return 0;
}
