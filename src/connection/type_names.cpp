#include "src/connection/type_names.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace pgreactor {
namespace {

struct TypeName {
  Oid type;
  Oid array;  // 0 where there is none here
  std::string_view name;
};

constexpr std::array type_names = {
    TypeName{oid::boolean, oid::bool_array, "bool"},
    TypeName{oid::bytea, oid::bytea_array, "bytea"},
    TypeName{oid::character, oid::char_array, "\"char\""},
    TypeName{oid::name, oid::name_array, "name"},
    TypeName{oid::int8, oid::int8_array, "int8"},
    TypeName{oid::int2, oid::int2_array, "int2"},
    TypeName{oid::int4, oid::int4_array, "int4"},
    TypeName{oid::text, oid::text_array, "text"},
    TypeName{oid::oid, oid::oid_array, "oid"},
    TypeName{oid::json, oid::json_array, "json"},
    TypeName{oid::float4, oid::float4_array, "float4"},
    TypeName{oid::float8, oid::float8_array, "float8"},
    TypeName{oid::unknown, 0, "unknown"},
    TypeName{oid::money, 0, "money"},
    TypeName{oid::bpchar, oid::bpchar_array, "char"},
    TypeName{oid::varchar, oid::varchar_array, "varchar"},
    TypeName{oid::date, oid::date_array, "date"},
    TypeName{oid::time, oid::time_array, "time"},
    TypeName{oid::timestamp, oid::timestamp_array, "timestamp"},
    TypeName{oid::timestamptz, oid::timestamptz_array, "timestamptz"},
    TypeName{oid::interval, oid::interval_array, "interval"},
    TypeName{oid::timetz, oid::timetz_array, "timetz"},
    TypeName{oid::numeric, oid::numeric_array, "numeric"},
    TypeName{oid::uuid, oid::uuid_array, "uuid"},
    TypeName{oid::jsonb, oid::jsonb_array, "jsonb"},
    TypeName{oid::void_, 0, "void"},
    TypeName{oid::record, 0, "record"},
    TypeName{oid::xml, 0, "xml"},
};

}  // namespace

std::string type_name(Oid type) {
  const auto found = std::find_if(type_names.begin(), type_names.end(), [type](const auto& known) {
    return known.type == type || (known.array == type && type != 0);
  });
  if (found == type_names.end()) return "type " + std::to_string(type);
  return std::string(found->name) + (found->type == type ? "" : "[]");
}

}  // namespace pgreactor
