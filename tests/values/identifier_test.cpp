#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <pgreactor/values/all.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

TEST(Tid, IsABlockAndAnOffset) {
  const Tid tid{7, 2};
  EXPECT_EQ(tid.to_string(), "(7,2)");
  EXPECT_EQ(parameter(tid, oid::tid), "binary 000000070002");
  EXPECT_EQ(parameter(tid, 16'400), "text (7,2)");
  EXPECT_EQ(parameter(tid, oid::text), mismatch);
  EXPECT_EQ(value_of(text_column<Tid>("(4294967295,65535)", oid::tid)), Tid(4'294'967'295, 65'535));
  EXPECT_EQ(text_column<Tid>("(4294967296,1)", oid::tid), DecodeError::out_of_range);
  EXPECT_EQ(text_column<Tid>("(1,65536)", oid::tid), DecodeError::out_of_range);
  for (const std::string_view text : {"", "(", "(1", "(1,", "(1,2", "1,2", "(1,2) ", "(-1,2)"})
    EXPECT_EQ(text_column<Tid>(text, oid::tid), DecodeError::invalid) << text;
}

TEST(Lsn, IsAPositionInTheLog) {
  const Lsn lsn{0x16'B374'D848};
  EXPECT_EQ(lsn.to_string(), "16/B374D848");
  EXPECT_EQ(Lsn{}.to_string(), "0/0");
  EXPECT_EQ(Lsn{std::numeric_limits<std::uint64_t>::max()}.to_string(), "FFFFFFFF/FFFFFFFF");
  EXPECT_EQ(parameter(lsn, oid::pg_lsn), "binary 00000016b374d848");
  EXPECT_EQ(value_of(binary_column<Lsn>("00000016b374d848", oid::pg_lsn)), lsn);
  EXPECT_EQ(value_of(text_column<Lsn>("16/B374D848", oid::pg_lsn)), lsn);
  EXPECT_EQ(value_of(text_column<Lsn>("0/00000001", oid::pg_lsn)), Lsn{1}) << "with zeros in front";
  EXPECT_LT(Lsn{1}, Lsn{2});
  EXPECT_EQ(binary_column<Lsn>("00000016b374d8", oid::pg_lsn), DecodeError::truncated);
  for (const std::string_view text :
       {"", "/", "1", "1/", "/1", "1/g", "123456789/0", "1/2/3", "1/ 2"})
    EXPECT_EQ(text_column<Lsn>(text, oid::pg_lsn), DecodeError::invalid) << text;
}

TEST(Money, CountsTheSmallestUnit) {
  EXPECT_EQ(parameter(Money{-12'345}, oid::money), "binary ffffffffffffcfc7");
  EXPECT_EQ(parameter(Money{1}, oid::numeric), mismatch);
  EXPECT_EQ(value_of(binary_column<Money>("8000000000000000", oid::money)),
            Money{std::numeric_limits<std::int64_t>::min()});
  EXPECT_EQ(binary_column<Money>("00000000000000", oid::money), DecodeError::truncated);
  EXPECT_EQ(text_column<Money>("1", oid::int8), DecodeError::type_mismatch);
}

TEST(Money, IsReadFromTheTextOfAnyLocale) {
  const auto units = [](std::string_view text) {
    return value_of(text_column<Money>(text, oid::money)).smallest_units();
  };
  EXPECT_EQ(units("$1,234.56"), 123'456);
  EXPECT_EQ(units("-$0.05"), -5);
  EXPECT_EQ(units("($0.05)"), -5);
  EXPECT_EQ(units("1.234,56 \xE2\x82\xAC"), 123'456);
  EXPECT_EQ(units("\xE2\x88\x92"
                  "7 kr"),
            -7);
  EXPECT_EQ(units("-$92,233,720,368,547,758.08"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(text_column<Money>("$92,233,720,368,547,758.08", oid::money),
            DecodeError::out_of_range);
  EXPECT_EQ(text_column<Money>("$", oid::money), DecodeError::invalid);
}

TEST(Character, IsOneByteOfItsOwnType) {
  EXPECT_EQ(parameter('r', oid::character), "binary 72");
  EXPECT_EQ(parameter('\0', oid::character), "binary 00");
  EXPECT_EQ(parameter('\xff', oid::character), "binary ff");
  EXPECT_EQ(value_of(binary_column<char>("ff", oid::character)), '\xff');
  EXPECT_EQ(value_of(text_column<char>("r", oid::character)), 'r');
  EXPECT_EQ(value_of(text_column<char>("", oid::character)), '\0');
  EXPECT_EQ(value_of(text_column<char>("\xff", oid::character)), '\xff') << "up to version 15";
  EXPECT_EQ(value_of(text_column<char>("\\377", oid::character)), '\xff') << "from version 16 on";
  EXPECT_EQ(text_column<char>("\\400", oid::character), DecodeError::invalid);
  EXPECT_EQ(text_column<char>("\\08", oid::character), DecodeError::invalid);
  EXPECT_EQ(text_column<char>("ab", oid::character), DecodeError::invalid);
  EXPECT_EQ(binary_column<char>("", oid::character), DecodeError::truncated);
  EXPECT_EQ(binary_column<char>("7272", oid::character), DecodeError::trailing);
}

TEST(Character, IsTextOfOneAsciiCharacterElsewhere) {
  EXPECT_EQ(parameter('x', oid::text), "binary 78");
  EXPECT_EQ(parameter('x', 16'400), "text x");
  EXPECT_EQ(parameter('\xff', oid::text), out_of_range);
  EXPECT_EQ(parameter('\0', oid::bpchar), name_of(EncodeError::embedded_nul));
  EXPECT_EQ(parameter('1', oid::int4), mismatch);
  EXPECT_EQ(value_of(binary_column<char>("78", oid::bpchar)), 'x');
  EXPECT_EQ(binary_column<char>("7878", oid::text), DecodeError::out_of_range);
  EXPECT_EQ(text_column<char>("", oid::text), DecodeError::out_of_range);
  EXPECT_EQ(text_column<char>("1", oid::int4), DecodeError::type_mismatch);
}

TEST(Xid8, IsAnUnsignedIntegerOf64Bits) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(parameter(most, oid::xid8), "binary ffffffffffffffff");
  EXPECT_EQ(parameter(-1, oid::xid8), out_of_range);
  EXPECT_EQ(value_of(binary_column<std::uint64_t>("ffffffffffffffff", oid::xid8)), most);
  EXPECT_EQ(value_of(text_column<std::uint64_t>("18446744073709551615", oid::xid8)), most);
  EXPECT_EQ(binary_column<std::int64_t>("ffffffffffffffff", oid::xid8), DecodeError::out_of_range);
  EXPECT_EQ(text_column<std::uint64_t>("18446744073709551616", oid::xid8),
            DecodeError::out_of_range);
  EXPECT_EQ(text_column<std::uint64_t>("-1", oid::xid8), DecodeError::invalid);
}

TEST(OidAlias, TakesANumberAndShowsAName) {
  for (const Oid type : {oid::regclass, oid::regtype, oid::regproc, oid::regrole}) {
    EXPECT_EQ(parameter(1259u, type), "binary 000004eb");
    EXPECT_EQ(parameter(-1, type), out_of_range);
    EXPECT_EQ(parameter(std::string("pg_class"), type), "text pg_class");
    EXPECT_FALSE(has_binary_decoder(type)) << "its text needs the catalogue";
    EXPECT_EQ(value_of(text_column<std::string>("pg_class", type)), "pg_class");
    EXPECT_EQ(text_column<std::uint32_t>("pg_class", type), DecodeError::type_mismatch);
    EXPECT_EQ(value_of(binary_column<std::uint32_t>("000004eb", type)), 1259u);
  }
}

TEST(ArrayType, IsFoundByEitherNumberAndIsNoElement) {
  for (const detail::ArrayType& type : detail::array_types) {
    EXPECT_EQ(element_type(type.array), type.element);
    EXPECT_EQ(array_type(type.element), type.array);
    EXPECT_EQ(element_type(type.element), oid::unspecified);
    EXPECT_EQ(array_type(type.array), oid::unspecified);
  }
  for (const Oid type : {oid::unspecified, oid::void_, Oid{16'400}, Oid{0xffffffff}}) {
    EXPECT_EQ(element_type(type), oid::unspecified);
    EXPECT_EQ(array_type(type), oid::unspecified);
  }
}

}  // namespace
}  // namespace pgreactor::testing
