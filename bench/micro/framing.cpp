// Messages out of received bytes, and requests into the buffer that is sent.
#include <benchmark/benchmark.h>

#include <array>
#include <pgreactor/detail/parameters.hpp>
#include <pgreactor/values/integer.hpp>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "bench/micro/micro_benchmark.hpp"
#include "protocol/authentication.hpp"
#include "protocol/bind_template.hpp"
#include "protocol/extended_query.hpp"
#include "protocol/frame.hpp"
#include "protocol/result.hpp"
#include "protocol/session.hpp"
#include "protocol/startup.hpp"

namespace pgreactor::bench {
namespace {

using namespace protocol;

constexpr std::array<std::byte, 8> eight_bytes{};
const std::vector<NullableBytes> four_values(4, Bytes{eight_bytes});

template <class... Messages>
ByteBuffer written(const Messages&... messages) {
  ByteBuffer bytes;
  Writer out{bytes};
  (encode(out, messages), ...);
  return bytes;
}

/// What the server says to a query of one row.
ByteBuffer answer_to_a_query() {
  return written(BindComplete{}, DataRow{four_values}, CommandComplete{"SELECT 1"},
                 ReadyForQuery{});
}

void take_frames(Loop& loop) {
  const ByteBuffer received = answer_to_a_query();
  Bytes input = received.bytes();
  Frame frame;
  std::size_t needed = 0;
  while (loop.next()) {
    if (input.empty()) input = received.bytes();
    benchmark::DoNotOptimize(input);
    if (take_frame(input, backend_body_caps, frame, needed) != FrameState::whole)
      throw std::runtime_error("not whole");
    benchmark::DoNotOptimize(frame);
  }
}

Session ready_session() {
  StartupOptions options;
  options.user = "bench";
  const auto no_random = [](void*, std::span<std::byte>) noexcept { return false; };
  Session session(std::move(options), RandomSource(no_random));
  session.start();
  const ByteBuffer greeting = written(Authentication{AuthenticationOk{}}, ReadyForQuery{});
  Bytes input = greeting.bytes();
  for (const Event::Kind expected :
       {Event::Kind::authenticated, Event::Kind::ready_for_first_time}) {
    if (session.next(input).kind != expected)
      throw std::runtime_error("the session did not become ready");
  }
  return session;
}

/// All four messages of an answer, each checked against what is awaited.
void answer_of_session(Loop& loop) {
  Session session = ready_session();
  const ByteBuffer answer = answer_to_a_query();
  constexpr std::array kinds{Event::Kind::bind_complete, Event::Kind::data_row,
                             Event::Kind::command_complete, Event::Kind::ready};
  while (loop.next()) {
    session.expect_run();
    Bytes input = answer.bytes();
    for (const Event::Kind expected : kinds)
      if (session.next(input).kind != expected) throw std::runtime_error("the answer was refused");
  }
}

/// A row of a stream: one iteration is one row, of those that came together.
void rows_of_session(Loop& loop) {
  constexpr std::size_t together = 64;
  Session session = ready_session();
  session.expect(Step::execute);
  ByteBuffer rows;
  Writer out{rows};
  for (std::size_t i = 0; i < together; ++i) encode(out, DataRow{four_values});
  std::size_t left = 0;
  while (loop.next()) {
    if (left == 0) {
      Bytes input = rows.bytes();
      const Bytes taken = session.next_rows(input, four_values.size(), together);
      if (taken.size() != rows.size()) throw std::runtime_error("rows were refused");
      left = together;
    }
    --left;
  }
}

void describe_columns(Loop& loop) {
  RowDescription description;
  for (const char* name : {"id", "name", "email", "created_at"})
    description.columns.push_back(Column{.name = name, .type = oid::text});
  const ByteBuffer message = written(description);
  Bytes body = message.bytes().subspan(header_size);
  while (loop.next()) {
    benchmark::DoNotOptimize(body);
    const Decoded<RowDescription> decoded = decode_row_description(body);
    if (!decoded) throw std::runtime_error("the description was refused");
  }
}

void prepare(Loop& loop) {
  ByteBuffer sent;
  const Parse parse{.statement = "pgr_12", .sql = "SELECT id, randomnumber FROM world WHERE id=$1"};
  while (loop.next()) {
    sent.truncate(0);
    Writer out{sent};
    encode(out, parse);
    encode(out, Describe{.name = "pgr_12"});
    encode(out, Sync{});
    benchmark::DoNotOptimize(out.error());
  }
}

constexpr std::array binary{FormatCode::binary};

/// Every message field by field.
void query_by_writer(Loop& loop) {
  ByteBuffer sent;
  const std::array<NullableBytes, 1> values{Bytes{eight_bytes}.first(4)};
  while (loop.next()) {
    sent.truncate(0);
    Writer out{sent};
    encode(out, Bind{.statement = "pgr_12",
                     .parameter_formats = binary,
                     .parameters = values,
                     .result_formats = binary});
    encode(out, Execute{});
    encode(out, Sync{});
    benchmark::DoNotOptimize(out.error());
  }
}

/// The same query as a connection sends it: the statement's template, and a value with its type.
void query_by_template(Loop& loop) {
  const BindTemplate statement("pgr_12", binary);
  const std::array types{oid::int4};
  std::tuple values{detail::Hold<int>(1234)};
  ByteBuffer sent;
  while (loop.next()) {
    sent.truncate(0);
    benchmark::DoNotOptimize(values);
    BindRequest bind(sent, statement);
    const detail::ParameterFailure failure =
        detail::write_parameters(values, types, sent, std::index_sequence<0>{});
    if (failure.error != EncodeError::none || bind.finish() != EncodeError::none)
      throw std::runtime_error("the query was refused");
  }
}

}  // namespace

void add_framing(MicroBenchmarks& all) {
  all.push_back({"framing/take_frame", take_frames});
  all.push_back({"framing/session_answer", answer_of_session});
  all.push_back({"framing/session_row", rows_of_session});
  all.push_back({"framing/row_description_4", describe_columns});
  all.push_back({"framing/prepare", prepare});
  all.push_back({"framing/query_by_writer", query_by_writer});
  all.push_back({"framing/query_by_template", query_by_template});
}

}  // namespace pgreactor::bench
