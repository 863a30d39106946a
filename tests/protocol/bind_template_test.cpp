#include "protocol/bind_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/protocol/exemplars.hpp"

namespace pgreactor::protocol::testing {
namespace {

constexpr std::array binary{FormatCode::binary};

TEST(BindTemplate, WritesWhatTheMessagesWouldBe) {
  const BindTemplate constant("s1", binary);
  const std::array formats{FormatCode::binary, FormatCode::text, FormatCode::binary};
  const std::array<NullableBytes, 3> values{as_bytes("1234"), std::nullopt, as_bytes("")};
  ByteBuffer out;
  out.append("earlier");

  BindRequest request(out, constant, formats, 3);
  const auto mark = request.begin_value();
  out.append("1234");
  request.end_value(mark, EncodeError::none);
  request.null();
  request.value(as_bytes(""));

  ASSERT_EQ(request.finish(), EncodeError::none);
  EXPECT_EQ(as_text(out.bytes()), "earlier" + encoded(Bind{.statement = "s1",
                                                           .parameter_formats = formats,
                                                           .parameters = values,
                                                           .result_formats = binary},
                                                      Execute{}, Sync{}));
}

TEST(BindTemplate, WithoutParametersOrFormatsWritesTheSame) {
  const BindTemplate constant("", {});
  ByteBuffer out;
  BindRequest request(out, constant, {}, 0);
  ASSERT_EQ(request.finish(), EncodeError::none);
  EXPECT_EQ(as_text(out.bytes()), encoded(Bind{}, Execute{}, Sync{}));
}

TEST(BindTemplate, AFailedValueUndoesTheRequest) {
  const BindTemplate constant("s1", binary);
  ByteBuffer out;
  out.append("earlier");
  {
    BindRequest request(out, constant, binary, 2);
    const auto mark = request.begin_value();
    out.append("half a value");
    request.end_value(mark, EncodeError::out_of_range);
    request.value(as_bytes("next"));
    EXPECT_EQ(request.finish(), EncodeError::out_of_range);
  }
  EXPECT_EQ(as_text(out.bytes()), "earlier");
}

TEST(BindTemplate, ARequestThatIsDroppedLeavesNothing) {
  const BindTemplate constant("s1", binary);
  ByteBuffer out;
  out.append("earlier");
  {
    BindRequest request(out, constant, binary, 1);
    request.value(as_bytes("1"));
  }
  EXPECT_EQ(as_text(out.bytes()), "earlier");
}

// Requirement: W1
TEST(BindTemplate, AHugeValueIsRefusedBeforeAByteIsRead) {
  static constexpr std::byte one{};
  for (const std::size_t size :
       {std::size_t{max_body} + 1, std::size_t{1} << 32, ~std::size_t{0}}) {
    const BindTemplate constant("s1", binary);
    ByteBuffer out;
    {
      BindRequest request(out, constant, binary, 1);
      request.value({&one, size});
      EXPECT_EQ(request.finish(), EncodeError::too_large);
    }
    EXPECT_TRUE(out.empty());
  }
}

// Requirement: W1
TEST(BindTemplate, TheLimitCountsTheWholeBody) {
  const BindTemplate constant("s", binary);
  const std::array<NullableBytes, 1> value{as_bytes("0123456789")};
  const auto body = static_cast<std::uint32_t>(encoded(Bind{.statement = "s",
                                                            .parameter_formats = binary,
                                                            .parameters = value,
                                                            .result_formats = binary})
                                                   .size() -
                                               header_size);
  for (const std::uint32_t limit : {body - 1, body}) {
    ByteBuffer out;
    {
      BindRequest request(out, constant, binary, 1, limit);
      request.value(*value[0]);
      EXPECT_EQ(request.finish() == EncodeError::none, limit == body);
    }
    EXPECT_EQ(out.empty(), limit != body);
  }
}

// Requirement: W21
TEST(BindTemplate, ANulInTheNameOrTooManyParametersAreRefused) {
  ByteBuffer out;
  const BindTemplate hostile(std::string_view("a\0b", 3), binary);
  EXPECT_EQ(hostile.error(), EncodeError::embedded_nul);
  const BindTemplate constant("s", binary);
  EXPECT_EQ(BindRequest(out, hostile, binary, 1).finish(), EncodeError::embedded_nul);
  EXPECT_EQ(BindRequest(out, constant, binary, 65536).finish(), EncodeError::too_large);
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace pgreactor::protocol::testing
