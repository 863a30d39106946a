#include "src/connection/event_trace.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <limits>
#include <pgreactor/values/big_endian.hpp>
#include <string_view>
#include <utility>

namespace pgreactor::connection {
namespace {

constexpr std::uint64_t not_yet = std::numeric_limits<std::uint64_t>::max();

std::int64_t now() noexcept {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

std::string_view name_of(EventTrace::Sent what) noexcept {
  switch (what) {
    case EventTrace::Sent::run:
      return "Bind Execute Sync";
    case EventTrace::Sent::batch:
      return "Bind Execute ... Sync";
    case EventTrace::Sent::prepare_and_run:
      return "Parse Describe Bind Execute Sync";
    case EventTrace::Sent::prepare:
      return "Parse Describe Sync";
    case EventTrace::Sent::close:
      return "Close Sync";
    case EventTrace::Sent::query:
      return "Query";
    case EventTrace::Sent::sync:
      return "Sync";
    case EventTrace::Sent::copy:
      return "CopyData";
    case EventTrace::Sent::copy_end:
      return "CopyDone or CopyFail";
    case EventTrace::Sent::execute:
      return "Execute Sync";
  }
  return "?";
}

std::string received_name(std::uint8_t type) {
  if (type == 0) return "more";
  const std::string_view name = protocol::name_of(static_cast<protocol::BackendTag>(type));
  return name.empty() ? "type " + std::to_string(type) : std::string(name);
}

std::string size_of(std::uint32_t bytes) { return ", " + std::to_string(bytes) + " bytes\n"; }

}  // namespace

#if !defined(__x86_64__)
std::uint64_t EventTrace::ticks() noexcept { return static_cast<std::uint64_t>(now()); }
#endif

EventTrace::EventTrace() noexcept
    : last_(&received_.entries[0]), first_ticks_(ticks()), first_time_(now()) {}

void EventTrace::received_first_of(Bytes input) noexcept {
  if (input.size() < protocol::header_size) return;
  const auto length = load_big_endian<std::uint32_t>(input.data() + 1);
  last_ = &received_.add(std::to_integer<std::uint8_t>(input[0]), std::size_t{length} + 1);
}

void EventTrace::queued_copy_data(std::size_t bytes) noexcept {
  Entry& last = sent_.entries[(sent_.next - 1) % most];
  if ((last.head & (0xff | time_only)) != static_cast<std::uint32_t>(Sent::copy))
    return queued(Sent::copy, bytes);
  last.head += one_piece;
  last.bytes += static_cast<std::uint32_t>(bytes);
}

// Behind the time of the receive that brought it, "and so on" in the same entry.
std::vector<EventTrace::Line> EventTrace::received_lines() const {
  std::vector<Line> lines;
  std::uint64_t time = 0;
  for (std::uint32_t i = received_.next - std::min(received_.next, most); i != received_.next;
       ++i) {
    const Entry& entry = received_.entries[i % most];
    if ((entry.head & time_only) != 0) time = received_.times[i % most];
    if ((entry.head & time_only) != 0 && entry.bytes == 0) continue;
    std::string text = "  received  " + received_name(static_cast<std::uint8_t>(entry.head));
    if (const auto pieces = (entry.head / one_piece) & pieces_mask; pieces != 0)
      text += ", DataRow or CopyData (" + std::to_string(pieces) + " times)";
    if ((entry.head & command_complete) != 0) text += ", CommandComplete";
    if ((entry.head & ready) != 0) text += ", ReadyForQuery";
    lines.push_back({time, text + size_of(entry.bytes)});
  }
  return lines;
}

// Before the time of the send that took it.
std::vector<EventTrace::Line> EventTrace::sent_lines() const {
  std::vector<Line> lines;
  std::uint64_t time = not_yet;
  for (std::uint32_t left = std::min(sent_.next, most), i = sent_.next; left != 0; --left) {
    const Entry& entry = sent_.entries[--i % most];
    if ((entry.head & time_only) != 0) {
      time = sent_.times[i % most];
      continue;
    }
    std::string text = time == not_yet ? "  queued    " : "  sent      ";
    text += name_of(static_cast<Sent>(entry.head & 0xff));
    if (const auto pieces = (entry.head / one_piece) & pieces_mask; pieces != 0)
      text += " and " + std::to_string(pieces) + " more";
    lines.push_back({time, text + size_of(entry.bytes)});
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

std::string EventTrace::text(std::size_t unsent) const {
  const std::uint64_t end = ticks();
  const auto span = static_cast<double>(std::max<std::uint64_t>(end - first_ticks_, 1));
  const double ms_per_tick = static_cast<double>(now() - first_time_) / span / 1e6;
  const std::vector<Line> sent = sent_lines(), received = received_lines();
  std::vector<Line> lines;
  std::merge(sent.begin(), sent.end(), received.begin(), received.end(), std::back_inserter(lines),
             [](const Line& a, const Line& b) { return a.ticks < b.ticks; });
  if (lines.size() > most) lines.erase(lines.begin(), lines.end() - most);
  std::string text;
  for (const Line& line : lines) {
    std::array<char, 40> age{"               "};
    if (line.ticks != 0 && line.ticks != not_yet)
      std::snprintf(age.data(), age.size(), "%12.3f ms",
                    -static_cast<double>(end - line.ticks) * ms_per_tick);
    text += age.data() + line.text;
  }
  if (unsent != 0)
    text += "the kernel did not take the last " + std::to_string(unsent) + " bytes\n";
  return text;
}

}  // namespace pgreactor::connection
