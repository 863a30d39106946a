#pragma once
#include <array>
#include <optional>
#include <pgreactor/values/big_endian.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/canned/canned_session.hpp"
#include "bench/canned/wire_text.hpp"
#include "protocol/authentication.hpp"
#include "protocol/result.hpp"
#include "protocol/startup.hpp"

namespace pgreactor::bench {

/// One value of a row; nullopt is NULL.
using Value = std::optional<std::string>;
using Row = std::vector<Value>;

template <class T>
std::string big_endian(T value) {
  std::array<std::byte, sizeof(T)> bytes;
  store_big_endian(bytes.data(), value);
  return std::string(as_text(bytes));
}
inline std::string int4(std::int32_t value) { return big_endian(value); }

inline std::string all_of(CannedOutput& output) {
  std::string text;
  while (!output.empty()) {
    const Bytes next = output.front();
    text += as_text(next);
    output.consume(next.size());
  }
  return text;
}

enum class KeepRows { all, first };

/// What a backend said, decoded as a frontend would. Throws std::runtime_error when it can't be.
struct Answer {
  explicit Answer(std::string said, KeepRows keep = KeepRows::all) : text(std::move(said)) {
    Bytes input = as_bytes(text);
    std::size_t needed = 0;
    while (!input.empty()) {
      protocol::Frame frame;
      if (protocol::take_frame(input, protocol::backend_body_caps, frame, needed) !=
          protocol::FrameState::whole)
        throw std::runtime_error("not a whole message");
      if (frame.tag == 'D' && ++data_rows > 1 && keep == KeepRows::first) {
        if (!protocol::is_whole_data_row(frame.body)) throw std::runtime_error("not a row");
        continue;
      }
      tags += frame.tag;
      bodies.push_back(frame.body);
      if (frame.tag == 'D') add_row(frame.body);
    }
  }
  Answer(const Answer&) = delete;  // views point into `text`
  Answer& operator=(const Answer&) = delete;

  Bytes body(char tag) const {
    const auto at = tags.find(tag);
    if (at == tags.npos) throw std::runtime_error("no such message in: " + tags);
    return bodies[at];
  }
  TransactionStatus status() const { return protocol::decode_ready_for_query(body('Z'))->status; }

  std::string text;
  std::string tags;
  std::vector<Bytes> bodies;
  std::vector<Row> rows;
  std::size_t data_rows = 0;

 private:
  void add_row(Bytes body) {
    auto values = protocol::decode_data_row(body);
    if (!values) throw std::runtime_error("not a row");
    Row& row = rows.emplace_back();
    while (!values->at_end()) {
      const NullableBytes value = values->next();
      row.push_back(value ? Value(as_text(*value)) : std::nullopt);
    }
  }
};

inline const CannedAnswers& canned_answers() {
  static const CannedAnswers answers;
  return answers;
}

enum class Start { yes, no };

/// A frontend and a CannedSession.
class CannedConversation {
 public:
  explicit CannedConversation(Start start = Start::yes) : session_(canned_answers()) {
    if (start == Start::yes) say(protocol::StartupMessage{});
  }

  std::string raw(std::string_view bytes) {
    session_.feed(as_bytes(bytes));
    return all_of(session_.output());
  }
  template <class... Messages>
  Answer say(const Messages&... messages) {
    return Answer(raw(wire_text(messages...)));
  }
  /// Makes it the statement "s"; gives the types of its parameters.
  std::vector<Oid> prepare(std::string_view sql, std::vector<Oid> declared = {}) {
    const Answer answer =
        say(protocol::Parse{"s", sql, std::move(declared)},
            protocol::Describe{protocol::Target::statement, "s"}, protocol::Sync{});
    return protocol::decode_parameter_description(answer.body('t'))->parameter_types;
  }
  /// Binds and executes "s", with one format for the parameters and the rows.
  Answer run(const std::vector<Value>& parameters, FormatCode format = FormatCode::binary,
             KeepRows keep = KeepRows::all) {
    return Answer(raw(request(parameters, format) + wire_text(protocol::Sync{})), keep);
  }
  static std::string request(const std::vector<Value>& parameters,
                             FormatCode format = FormatCode::binary) {
    std::vector<NullableBytes> views;
    for (const Value& value : parameters)
      views.push_back(value ? NullableBytes(as_bytes(*value)) : std::nullopt);
    const std::span formats(&format, 1);
    return wire_text(protocol::Bind{.statement = "s",
                                    .parameter_formats = formats,
                                    .parameters = views,
                                    .result_formats = formats},
                     protocol::Execute{});
  }

  CannedSession& session() noexcept { return session_; }
  bool ended() const noexcept { return session_.ended(); }

 private:
  CannedSession session_;
};

}  // namespace pgreactor::bench
