#include "protocol/result.hpp"

#include <charconv>

#include "protocol/frame.hpp"
#include "protocol/reader.hpp"

namespace pgreactor::protocol {

namespace {

void put_column(Writer& out, const Column& column) {
  out.cstring(column.name);
  out.u32(column.table);
  out.i16(column.attribute);
  out.u32(column.type);
  out.i16(column.type_size);
  out.i32(column.type_modifier);
  out.format(column.format);
}

void read_column(Reader& in, Column& column) {
  column.name = in.cstring();
  column.table = in.u32();
  column.attribute = in.i16();
  column.type = in.u32();
  column.type_size = in.i16();
  column.type_modifier = in.i32();
  column.format = in.format();
}

}  // namespace

void encode(Writer& out, const RowDescription& message) {
  const auto frame = out.begin(BackendTag::row_description);
  out.counted(std::span<const Column>(message.columns), put_column);
}

Decoded<RowDescription> decode_row_description(Bytes body) {
  constexpr std::size_t smallest_column = 1 + 4 + 2 + 4 + 2 + 4 + 2;
  Reader in{body};
  RowDescription message;
  message.columns.resize(in.count(smallest_column));
  for (Column& column : message.columns) read_column(in, column);
  return in.finish(std::move(message));
}

void encode(Writer& out, const DataRow& message) {
  const auto frame = out.begin(BackendTag::data_row);
  out.values(message.values);
}

Decoded<DataRowView> decode_data_row(Bytes body) {
  if (is_whole_data_row(body)) return DataRowView(body);
  Reader in{body};  // once more, slowly, for the reason
  for (std::size_t values = in.count(sizeof(std::int32_t)); values != 0; --values) in.value();
  return in.finish(DataRowView{});
}

void encode(Writer& out, const CommandComplete& message) {
  const auto frame = out.begin(BackendTag::command_complete);
  out.cstring(message.tag);
}

Decoded<CommandComplete> decode_command_complete(Bytes body) {
  Reader in{body};
  const CommandComplete message{in.cstring()};
  return in.finish(message);
}

std::uint64_t affected_rows(std::string_view tag) noexcept {
  const std::string_view last = tag.substr(tag.find_last_of(' ') + 1);
  std::uint64_t rows = 0;
  const auto [end, error] = std::from_chars(last.data(), last.data() + last.size(), rows);
  return error == std::errc{} && end == last.data() + last.size() ? rows : 0;
}

void encode(Writer& out, EmptyQueryResponse) {
  const auto frame = out.begin(BackendTag::empty_query_response);
}

}  // namespace pgreactor::protocol
