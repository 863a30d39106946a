#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <pgreactor/row.hpp>
#include <pgreactor/values/boolean.hpp>
#include <pgreactor/values/bytes_value.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/text.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgreactor::testing {

struct Troubled {};

}  // namespace pgreactor::testing

// An application's codec that throws.
template <>
struct pgreactor::ValueCodec<pgreactor::testing::Troubled> {
  static constexpr Oid natural_type = oid::text;
  static constexpr FormatCode parameter_format(Oid) noexcept { return FormatCode::text; }
  static EncodeError encode(ByteBuffer&, testing::Troubled, Oid) { return EncodeError::none; }
  static DecodeError decode(Bytes, Oid, FormatCode, testing::Troubled&) {
    throw std::runtime_error("troubled");
  }
};

namespace pgreactor::testing {
namespace {

template <class T>
inline constexpr bool decodes_without_throwing =
    noexcept(std::declval<const Field&>().decode_into(std::declval<T&>()));
static_assert(decodes_without_throwing<std::string_view> && decodes_without_throwing<bool>);
static_assert(!decodes_without_throwing<std::string>, "it allocates");
static_assert(!decodes_without_throwing<std::vector<std::byte>>, "it allocates");
static_assert(!decodes_without_throwing<Troubled>);

TEST(Field, LetsThroughWhatACodecThrows) {
  Column column;
  column.type = oid::text;
  Troubled value;
  EXPECT_THROW(Field(column, as_bytes("x")).decode_into(value), std::runtime_error);
  EXPECT_EQ(Field(column, std::nullopt).decode_into(value), DecodeError::null_value);
}

}  // namespace
}  // namespace pgreactor::testing
