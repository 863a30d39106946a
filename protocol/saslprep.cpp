#include "protocol/saslprep.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pgreactor::protocol {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// RFC 3454, table C.1.2: mapped to a space (U+200B stands in B.1 too; PostgreSQL looks here first)
constexpr std::array<Range, 6> other_spaces{{
    {0xA0, 0xA0},
    {0x1680, 0x1680},
    {0x2000, 0x200B},
    {0x202F, 0x202F},
    {0x205F, 0x205F},
    {0x3000, 0x3000},
}};

// RFC 3454, table B.1: mapped to nothing
constexpr std::array<Range, 7> invisible{{
    {0xAD, 0xAD},
    {0x34F, 0x34F},
    {0x1806, 0x1806},
    {0x180B, 0x180D},
    {0x200C, 0x200D},
    {0x2060, 0x2060},
    {0xFE00, 0xFE0F},
}};
constexpr char32_t byte_order_mark = 0xFEFF;  // of B.1 as well

// Characters of which all is certain: assigned in Unicode 3.2, allowed by RFC 4013, not written
// from right to left, and never changed by NFKC whatever stands beside them. Longer runs only.
// Source  UnicodeData-3.2.0.txt
constexpr std::array<Range, 108> plain{{
    {0x20, 0x7E},     {0xA1, 0xA7},     {0xA9, 0xA9},     {0xAB, 0xAC},     {0xAE, 0xAE},
    {0xB0, 0xB1},     {0xB6, 0xB7},     {0xBB, 0xBB},     {0xBF, 0x131},    {0x134, 0x13E},
    {0x141, 0x148},   {0x14A, 0x17E},   {0x180, 0x1C3},   {0x1CD, 0x1F0},   {0x1F4, 0x220},
    {0x222, 0x233},   {0x250, 0x2AD},   {0x2B9, 0x2D7},   {0x38E, 0x3A1},   {0x3A3, 0x3CE},
    {0x3D7, 0x3EF},   {0x400, 0x482},   {0x488, 0x4CE},   {0x4D0, 0x4F5},   {0x500, 0x50F},
    {0x531, 0x556},   {0x561, 0x586},   {0x660, 0x66C},   {0x905, 0x939},   {0x93D, 0x94C},
    {0x960, 0x970},   {0x993, 0x9A8},   {0x9E6, 0x9FA},   {0xA13, 0xA28},   {0xA66, 0xA74},
    {0xA93, 0xAA8},   {0xB13, 0xB28},   {0xC12, 0xC28},   {0xC92, 0xCA8},   {0xD12, 0xD28},
    {0xD2A, 0xD39},   {0xD85, 0xD96},   {0xD9A, 0xDB1},   {0xE01, 0xE32},   {0xE4C, 0xE5B},
    {0xF1A, 0xF34},   {0x1000, 0x1021}, {0x1040, 0x1059}, {0x10A0, 0x10C5}, {0x10D0, 0x10F8},
    {0x1100, 0x1159}, {0x1176, 0x11A2}, {0x11C3, 0x11F9}, {0x1208, 0x1246}, {0x1260, 0x1286},
    {0x1290, 0x12AE}, {0x12D8, 0x12EE}, {0x12F0, 0x130E}, {0x1320, 0x1346}, {0x1348, 0x135A},
    {0x1361, 0x137C}, {0x13A0, 0x13F4}, {0x1401, 0x1676}, {0x1681, 0x169C}, {0x16A0, 0x16F0},
    {0x1700, 0x170C}, {0x1720, 0x1733}, {0x1740, 0x1753}, {0x1760, 0x176C}, {0x1780, 0x17D1},
    {0x1820, 0x1877}, {0x1880, 0x18A8}, {0x1E00, 0x1E99}, {0x1EA0, 0x1EF9}, {0x1F00, 0x1F15},
    {0x1F20, 0x1F45}, {0x1F5F, 0x1F70}, {0x1F80, 0x1FB4}, {0x2190, 0x222B}, {0x2231, 0x2328},
    {0x232B, 0x23CE}, {0x2400, 0x2426}, {0x24EB, 0x24FE}, {0x2500, 0x2613}, {0x2619, 0x267D},
    {0x270C, 0x2727}, {0x2729, 0x274B}, {0x2761, 0x2794}, {0x2798, 0x27AF}, {0x27B1, 0x27BE},
    {0x27D0, 0x27EB}, {0x27F0, 0x2A0B}, {0x2A0D, 0x2A73}, {0x2A77, 0x2ADB}, {0x2ADD, 0x2AFF},
    {0x2E80, 0x2E99}, {0x2EA0, 0x2EF2}, {0x3001, 0x3029}, {0x3041, 0x3096}, {0x30A0, 0x30FE},
    {0x3105, 0x312C}, {0x31A0, 0x31B7}, {0x31F0, 0x31FF}, {0x3400, 0x4DB5}, {0x4E00, 0x9FA5},
    {0xA000, 0xA48C}, {0xA490, 0xA4C6}, {0xAC00, 0xD7A3},
}};

bool contains(std::span<const Range> table, char32_t code) noexcept {
  const auto after =
      std::upper_bound(table.begin(), table.end(), code,
                       [](char32_t c, const Range& range) { return c < range.first; });
  return after != table.begin() && code <= std::prev(after)->last;
}

constexpr char32_t invalid = 0xFFFFFFFF;

// Takes one code point of well-formed UTF-8 from the front; `invalid` for anything else.
char32_t take_code_point(std::string_view& text) noexcept {
  const auto at = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xC2 ? 0
                           : lead < 0xE0 ? 2
                           : lead < 0xF0 ? 3
                           : lead < 0xF5 ? 4
                                         : 0;
  if (size == 0 || text.size() < size) return invalid;
  char32_t code = size == 1 ? lead : lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xC0) != 0x80) return invalid;
    code = code << 6 | (at(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[size] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return invalid;
  text.remove_prefix(size);
  return code;
}

}  // namespace

std::string saslprep(std::string_view password) {
  std::string mapped;
  for (std::string_view rest = password; !rest.empty();) {
    const std::string_view before = rest;
    const char32_t code = take_code_point(rest);
    if (code == invalid) return std::string(password);
    if (contains(other_spaces, code)) {
      mapped += ' ';
    } else if (contains(invisible, code) || code == byte_order_mark) {
      continue;
    } else if (contains(plain, code)) {
      mapped += before.substr(0, before.size() - rest.size());
    } else {
      return std::string(password);
    }
  }
  return mapped.empty() ? std::string(password) : mapped;  // what maps to nothing is not accepted
}

}  // namespace pgreactor::protocol
