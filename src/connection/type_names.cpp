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
    TypeName{oid::money, oid::money_array, "money"},
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
    TypeName{oid::xml, oid::xml_array, "xml"},
    TypeName{oid::xid, oid::xid_array, "xid"},
    TypeName{oid::cid, oid::cid_array, "cid"},
    TypeName{oid::tid, oid::tid_array, "tid"},
    TypeName{oid::xid8, oid::xid8_array, "xid8"},
    TypeName{oid::pg_lsn, oid::pg_lsn_array, "pg_lsn"},
    TypeName{oid::jsonpath, oid::jsonpath_array, "jsonpath"},
    TypeName{oid::regproc, oid::regproc_array, "regproc"},
    TypeName{oid::regprocedure, oid::regprocedure_array, "regprocedure"},
    TypeName{oid::regoper, oid::regoper_array, "regoper"},
    TypeName{oid::regoperator, oid::regoperator_array, "regoperator"},
    TypeName{oid::regclass, oid::regclass_array, "regclass"},
    TypeName{oid::regtype, oid::regtype_array, "regtype"},
    TypeName{oid::regconfig, oid::regconfig_array, "regconfig"},
    TypeName{oid::regdictionary, oid::regdictionary_array, "regdictionary"},
    TypeName{oid::regnamespace, oid::regnamespace_array, "regnamespace"},
    TypeName{oid::regrole, oid::regrole_array, "regrole"},
    TypeName{oid::regcollation, oid::regcollation_array, "regcollation"},
    TypeName{oid::inet, oid::inet_array, "inet"},
    TypeName{oid::cidr, oid::cidr_array, "cidr"},
    TypeName{oid::macaddr, oid::macaddr_array, "macaddr"},
    TypeName{oid::macaddr8, oid::macaddr8_array, "macaddr8"},
    TypeName{oid::bit, oid::bit_array, "bit"},
    TypeName{oid::varbit, oid::varbit_array, "varbit"},
    TypeName{oid::tsvector, oid::tsvector_array, "tsvector"},
    TypeName{oid::tsquery, oid::tsquery_array, "tsquery"},
    TypeName{oid::point, oid::point_array, "point"},
    TypeName{oid::lseg, oid::lseg_array, "lseg"},
    TypeName{oid::path, oid::path_array, "path"},
    TypeName{oid::box, oid::box_array, "box"},
    TypeName{oid::polygon, oid::polygon_array, "polygon"},
    TypeName{oid::line, oid::line_array, "line"},
    TypeName{oid::circle, oid::circle_array, "circle"},
    TypeName{oid::int4range, oid::int4range_array, "int4range"},
    TypeName{oid::numrange, oid::numrange_array, "numrange"},
    TypeName{oid::tsrange, oid::tsrange_array, "tsrange"},
    TypeName{oid::tstzrange, oid::tstzrange_array, "tstzrange"},
    TypeName{oid::daterange, oid::daterange_array, "daterange"},
    TypeName{oid::int8range, oid::int8range_array, "int8range"},
    TypeName{oid::int4multirange, oid::int4multirange_array, "int4multirange"},
    TypeName{oid::nummultirange, oid::nummultirange_array, "nummultirange"},
    TypeName{oid::tsmultirange, oid::tsmultirange_array, "tsmultirange"},
    TypeName{oid::tstzmultirange, oid::tstzmultirange_array, "tstzmultirange"},
    TypeName{oid::datemultirange, oid::datemultirange_array, "datemultirange"},
    TypeName{oid::int8multirange, oid::int8multirange_array, "int8multirange"},
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
