#include <gtest/gtest.h>

#include <pgreactor/values/all.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

TEST(Inet, IsAnAddressWithAPrefix) {
  const Inet host = value_of(Inet::parse("192.168.0.1"));
  EXPECT_TRUE(host.is_v4());
  EXPECT_EQ(host.prefix(), 32u);
  EXPECT_EQ(hex_of(host.address()), "c0a80001");
  EXPECT_EQ(parameter(host, oid::inet), "binary 02200004c0a80001");
  EXPECT_EQ(parameter(host, oid::cidr), mismatch);
  EXPECT_EQ(parameter(host, 16'400), "text 192.168.0.1");
  const Inet in_network = value_of(Inet::parse("2001:db8::1/64"));
  EXPECT_FALSE(in_network.is_v4());
  EXPECT_EQ(in_network.to_string(), "2001:db8::1/64");
  EXPECT_EQ(parameter(in_network, oid::inet),
            "binary 03400010" + packed("20010db8000000000000000000000001"));
}

TEST(Inet, ReadsEveryFormOfAnIpv6Address) {
  const auto shown = [](std::string_view text) { return value_of(Inet::parse(text)).to_string(); };
  EXPECT_EQ(shown("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8");
  EXPECT_EQ(shown("::"), "::");
  EXPECT_EQ(shown("1::"), "1::");
  EXPECT_EQ(shown("::1"), "::1");
  EXPECT_EQ(shown("0:0:0:0:0:0:0:1"), "::1");
  EXPECT_EQ(shown("1:0:0:4:0:0:0:8"), "1:0:0:4::8") << "the longest run of zeros";
  EXPECT_EQ(shown("1:0:0:4:5:0:0:8"), "1::4:5:0:0:8") << "the first of two";
  EXPECT_EQ(shown("1:0:3:4:5:6:7:8"), "1:0:3:4:5:6:7:8") << "one zero is no run";
  EXPECT_EQ(shown("ABCD:0123::"), "abcd:123::");
  EXPECT_EQ(shown("::ffff:1.2.3.4"), "::ffff:1.2.3.4");
  EXPECT_EQ(shown("1:2:3:4:5:6:1.2.3.4"), "1:2:3:4:5:6:102:304");
  EXPECT_EQ(shown("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
}

TEST(Inet, RefusesTextThatIsNone) {
  for (const std::string_view text : {"",
                                      "1",
                                      "1.2.3",
                                      "1.2.3.4.5",
                                      "1.2.3.256",
                                      "1.2.3.",
                                      ".1.2.3",
                                      "1..2.3",
                                      "1.2.3.4/",
                                      "/8",
                                      "1.2.3.4/x",
                                      "1.2.3.4/8 ",
                                      "1.2.3.4 ",
                                      "-1.2.3.4",
                                      ":",
                                      ":::",
                                      "1:",
                                      ":1",
                                      "1:2",
                                      "1::2::3",
                                      "1:2:3:4:5:6:7:8:9",
                                      "1:2:3:4:5:6:7:8::",
                                      "::1:2:3:4:5:6:7:8",
                                      "12345::",
                                      "g::",
                                      "::1.2.3",
                                      "1:2:3:4:5:6:7:1.2.3.4",
                                      "1.2.3.4::",
                                      "::1.2.3.4:5",
                                      "1:2:3:4:5:6:7:",
                                      "::1/64/3"})
    EXPECT_EQ(text_column<Inet>(text, oid::inet), DecodeError::invalid) << text;
  EXPECT_EQ(text_column<Inet>("1.2.3.4/33", oid::inet), DecodeError::out_of_range);
  EXPECT_EQ(text_column<Inet>("::/129", oid::inet), DecodeError::out_of_range);
}

TEST(Inet, RefusesBytesThatAreNone) {
  for (const std::string_view hex :
       {"0020000401020304", "0120000401020304", "0420000401020304", "0220010401020304",
        "0221000401020304", "0220000501020304", "0320000401020304", "02200000", "03810010"})
    EXPECT_NE(binary_column<Inet>(hex, oid::inet), DecodeError::none) << hex;
  EXPECT_EQ(binary_column<Inet>("02210004 01020304", oid::inet), DecodeError::invalid);
  EXPECT_EQ(binary_column<Inet>("02200004 010203", oid::inet), DecodeError::truncated);
}

TEST(Cidr, HasNoBitsBeyondItsPrefix) {
  const Cidr network = value_of(Cidr::parse("10.0.0.0/8"));
  EXPECT_EQ(parameter(network, oid::cidr), "binary 020801040a000000");
  EXPECT_EQ(network.to_string(), "10.0.0.0/8");
  EXPECT_EQ(value_of(Cidr::parse("10.1.2.3")).to_string(), "10.1.2.3/32");
  EXPECT_EQ(Cidr::parse("10.1.0.0/8"), DecodeError::out_of_range);
  EXPECT_EQ(Cidr::parse("::1/127"), DecodeError::out_of_range);
  EXPECT_EQ(binary_column<Cidr>("02080104 0a000001", oid::cidr), DecodeError::invalid);
}

TEST(Inet, IsMadeOfBytes) {
  const std::vector<std::byte> four = bytes_of_hex("01020304");
  EXPECT_EQ(value_of(Inet::from(four, 24)).to_string(), "1.2.3.4/24");
  EXPECT_EQ(Inet::from(four, 33), DecodeError::out_of_range);
  EXPECT_EQ(Inet::from(Bytes{four}.first(3), 1), DecodeError::invalid);
  EXPECT_EQ(Inet::from({}, 0), DecodeError::invalid);
}

TEST(MacAddress, IsSixOrEightBytes) {
  const MacAddress address = value_of(MacAddress::parse("08:00:2B:01:02:03"));
  EXPECT_EQ(address.to_string(), "08:00:2b:01:02:03");
  EXPECT_EQ(parameter(address, oid::macaddr), "binary 08002b010203");
  EXPECT_EQ(parameter(address, oid::macaddr8), mismatch);
  EXPECT_EQ(parameter(MacAddress8{}, oid::macaddr8), "binary 0000000000000000");
  EXPECT_EQ(binary_column<MacAddress>("08002b0102", oid::macaddr), DecodeError::truncated);
  EXPECT_EQ(binary_column<MacAddress>("08002b01020304", oid::macaddr), DecodeError::trailing);
  for (const std::string_view text : {"", "08:00:2b:01:02", "08:00:2b:01:02:0", "08-00-2b-01-02-03",
                                      "08:00:2b:01:02:0g", "08:00:2b:01:02:03:04"})
    EXPECT_EQ(text_column<MacAddress>(text, oid::macaddr), DecodeError::invalid) << text;
}

}  // namespace
}  // namespace pgreactor::testing
