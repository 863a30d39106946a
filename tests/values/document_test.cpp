#include <gtest/gtest.h>

#include <pgreactor/values/bytes_value.hpp>
#include <pgreactor/values/json.hpp>
#include <pgreactor/values/uuid.hpp>
#include <unordered_set>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

using Owned = std::vector<std::byte>;
constexpr std::string_view uuid_text = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
constexpr std::string_view uuid_hex = "a0eebc999c0b4ef8bb6d6bb9bd380a11";

TEST(Bytea, TravelsAsItIs) {
  EXPECT_EQ(parameter(bytes_of_hex("00ff5c"), oid::bytea), "binary 00ff5c");
  const Owned held = bytes_of_hex("00ff5c");
  EXPECT_EQ(parameter(Bytes{held}, oid::bytea), "binary 00ff5c");
  EXPECT_EQ(value_of(binary_column<Owned>("00ff5c", oid::bytea)), held);
  EXPECT_EQ(value_of(binary_column<Owned>("", oid::bytea)), Owned{});
  const Bytes view = value_of(column<Bytes>(held, oid::bytea, FormatCode::binary));
  EXPECT_EQ(view.data(), held.data());
  EXPECT_EQ(parameter(held, 16'400), "text \\x00ff5c");
  EXPECT_EQ(parameter(held, oid::text), mismatch);
}

// Requirement: W13
TEST(Bytea, ReadsBothOfItsTexts) {
  EXPECT_EQ(value_of(text_column<Owned>("\\x00fF10", oid::bytea)), bytes_of_hex("00ff10"));
  EXPECT_EQ(value_of(text_column<Owned>("\\x", oid::bytea)), Owned{});
  EXPECT_EQ(value_of(text_column<Owned>("\\000\\377\\020\\\\A", oid::bytea)),
            bytes_of_hex("00ff105c41"));
  for (const std::string_view text :
       {"\\x0", "\\x0g", "\\", "a\\", "\\1", "\\00", "\\400", "\\008"})
    EXPECT_EQ(text_column<Owned>(text, oid::bytea), DecodeError::invalid) << text;
  EXPECT_EQ(text_column<Bytes>("\\x00", oid::bytea), DecodeError::type_mismatch);
}

TEST(Uuid, ReadsItsTextInEitherCase) {
  const Uuid uuid = value_of(Uuid::parse(uuid_text));
  EXPECT_EQ(uuid.to_string(), uuid_text);
  EXPECT_EQ(value_of(Uuid::parse("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")), uuid);
  EXPECT_EQ(Uuid{}.to_string(), "00000000-0000-0000-0000-000000000000");
  for (const std::string_view text :
       {"", "a0eebc99", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", "a0eebc999-c0b-4ef8-bb6d-6bb9bd380a11",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1}"})
    EXPECT_EQ(Uuid::parse(text), DecodeError::invalid) << text;
}

TEST(Uuid, IsSixteenBytes) {
  const Uuid uuid = value_of(Uuid::parse(uuid_text));
  EXPECT_EQ(parameter(uuid, oid::uuid), "binary " + std::string(uuid_hex));
  EXPECT_EQ(value_of(binary_column<Uuid>(uuid_hex, oid::uuid)), uuid);
  EXPECT_EQ(value_of(text_column<Uuid>(uuid_text, oid::uuid)), uuid);
  EXPECT_EQ(binary_column<Uuid>(uuid_hex.substr(2), oid::uuid), DecodeError::truncated);
  EXPECT_EQ(binary_column<Uuid>(std::string(uuid_hex) + "00", oid::uuid), DecodeError::trailing);
  EXPECT_EQ(parameter(uuid, oid::text), mismatch);
}

TEST(Uuid, OrdersByItsBytesAndIsAKey) {
  const Uuid low = value_of(Uuid::parse("7fffffff-0000-0000-0000-000000000000"));
  const Uuid high = value_of(Uuid::parse("80000000-0000-0000-0000-000000000000"));
  EXPECT_LT(low, high);
  const std::unordered_set<Uuid> keys{low, high, low};
  EXPECT_EQ(keys.size(), 2u);
}

TEST(Json, HasAVersionByteInJsonbAlone) {
  const Json json{"{\"a\": 1}"};
  EXPECT_EQ(parameter(json, oid::jsonb), "binary 017b2261223a20317d");
  EXPECT_EQ(parameter(json, oid::json), "binary 7b2261223a20317d");
  EXPECT_EQ(parameter(json, 16'400), "text {\"a\": 1}");
  EXPECT_EQ(parameter(json, oid::text), mismatch);
  EXPECT_EQ(value_of(binary_column<Json>("017b2261223a20317d", oid::jsonb)), json);
  EXPECT_EQ(value_of(binary_column<Json>("7b2261223a20317d", oid::json)), json);
  EXPECT_EQ(value_of(text_column<Json>("{\"a\": 1}", oid::jsonb)), json);
}

TEST(Json, RefusesAVersionItDoesNotKnow) {
  EXPECT_EQ(binary_column<Json>("027b7d", oid::jsonb), DecodeError::invalid);
  EXPECT_EQ(binary_column<Json>("", oid::jsonb), DecodeError::truncated);
  EXPECT_EQ(binary_column<Json>("7b7d", oid::text), DecodeError::type_mismatch);
}

TEST(Json, IsTextAndObeysItsRules) {
  EXPECT_EQ(parameter(Json{"\"\xff\""}, oid::jsonb), name_of(EncodeError::invalid_text));
  EXPECT_EQ(parameter(Json{std::string("\0", 1)}, oid::json), name_of(EncodeError::embedded_nul));
  EXPECT_EQ(Json{}.text(), "null");
}

}  // namespace
}  // namespace pgreactor::testing
