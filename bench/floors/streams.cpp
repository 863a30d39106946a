#include <algorithm>
#include <cstring>
#include <string>

#include "bench/binary_row.hpp"
#include "bench/floors/floors.hpp"
#include "bench/floors/session.hpp"

namespace pgreactor::bench {
namespace {

/// The end of an answer: ReadyForQuery, idle.
class LastBytes {
 public:
  bool are_ready_after(std::span<const char> bytes) noexcept {
    const std::size_t fresh = std::min(bytes.size(), last_.size());
    std::memmove(last_.data(), last_.data() + fresh, last_.size() - fresh);
    std::memcpy(last_.data() + last_.size() - fresh, bytes.data() + bytes.size() - fresh, fresh);
    return std::memcmp(last_.data(), "Z\0\0\0\5I", last_.size()) == 0;
  }

 private:
  std::array<char, 6> last_{};
};

/// Reads the whole result again and again; `is_end` tells of each piece whether it is the last.
template <typename IsEnd>
void read_result(const Command& command, IsEnd is_end) {
  const bool wide = command.workload == "W7";
  Session session;
  session.prepare(wide ? wide_sql : bulk_sql);
  const std::string request = bind_and_execute() + sync_message();
  std::uint64_t bytes = 0;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    session.send(request);
    for (bool ended = false; !ended;) {
      const std::span<const char> piece = session.receive();
      bytes += piece.size();
      ended = is_end(piece);
    }
  }
  measurement.end();
  measurement.print({.operations = command.count * (wide ? wide_rows : bulk_rows), .bytes = bytes});
}

/// CopyData messages, a row each, between the header and the end of binary COPY.
std::string copy_stream(std::uint64_t rows) {
  char row[binary_row_size];
  std::string stream =
      FrontendMessage('d').raw({binary_copy_header, binary_copy_header_size}).bytes();
  stream.reserve((rows + 2) * (binary_row_size + 8));
  for (std::uint64_t number = 1; number <= rows; ++number) {
    store_row(row, static_cast<std::int64_t>(number));
    stream += FrontendMessage('d').raw({row, sizeof row}).bytes();
  }
  stream += FrontendMessage('d').raw(binary_copy_trailer).bytes();
  return stream + FrontendMessage('c').bytes();
}

}  // namespace

void result_walked(const Command& command) {
  MessageWalk walk;
  read_result(command, [&](std::span<const char> piece) { return walk.ready_in(piece) > 0; });
}

void result_received(const Command& command) {
  LastBytes last;
  read_result(command, [&](std::span<const char> piece) { return last.are_ready_after(piece); });
}

void copy_in(const Command& command) {
  Session session;
  session.query_until(truncate_sql, 'Z');
  const std::string stream = copy_stream(command.count);
  constexpr std::size_t piece = 256 * 1024;
  Measurement measurement;
  measurement.begin();
  session.query_until(copy_in_sql, 'G');
  for (std::size_t at = 0; at < stream.size(); at += piece)
    session.send(std::string_view(stream).substr(at, piece));
  const std::string tag = session.read_until('C');  // "COPY 1000000"
  static_cast<void>(session.read_until('Z'));
  measurement.end();
  measurement.print({.operations = command.count,
                     .check = std::strtoll(tag.c_str() + tag.find(' '), nullptr, 10),
                     .bytes = stream.size()});
}

void connect_trusted(const Command& command) {
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    const Clock::time_point wanted = Clock::now();
    {
      const Session session;
    }
    measurement.record(wanted);
  }
  measurement.end();
  measurement.print({.operations = command.count});
}

}  // namespace pgreactor::bench
