#pragma once
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "bench/workload_rows.hpp"

/// What every measured C++ program shares: `PROGRAM WORKLOAD MODE N [DEPTH]` in, one line of JSON
/// out. The standard library and POSIX only, so that a rival is not built with any of our library.
///
///     void w1(const Command& command) {
///       ... connect and prepare ...
///       Measurement measurement;
///       measurement.begin();
///       for (...) {
///         const Clock::time_point asked = Clock::now();
///         ... one operation ...
///         measurement.record(asked);
///       }
///       measurement.end();
///       measurement.print({.operations = command.count, .check = sum});
///     }
///     constexpr Variant variants[] = {{"W1", "query", w1}};
///     int main(int count, char** arguments) { return run_variant(count, arguments, variants); }
namespace pgreactor::bench {

using Clock = std::chrono::steady_clock;

/// The command line. Count: queries, rows or connects, or for W4 and W7 how often the whole result
/// is read. Depth: how many queries are in flight, or how many tasks there are.
struct Command {
  std::string_view workload;
  std::string_view mode;
  std::uint64_t count = 0;
  std::uint64_t depth = 1;
};

/// A workload in one of the ways that a program knows of doing it.
struct Variant {
  std::string_view workload;
  std::string_view mode;
  void (*run)(const Command& command);
};

/// The value of an environment variable; the fallback where it is unset or empty.
inline std::string environment(const char* name, std::string_view fallback) {
  const char* value = std::getenv(name);
  return std::string(value == nullptr || *value == '\0' ? fallback : value);
}

/// What this process has used so far, all its threads together.
struct Usage {
  Clock::time_point when;
  double user_s = 0;
  double system_s = 0;
  std::int64_t sleeps = 0;  ///< voluntary context switches

  static Usage now() noexcept {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return {Clock::now(), seconds(used.ru_utime), seconds(used.ru_stime), used.ru_nvcsw};
  }
};

/// The most memory that was ever resident. VmHWM, because ru_maxrss begins at the size of the
/// parent process and keeps it across exec.
inline std::int64_t peak_resident_kb() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> status(
      std::fopen("/proc/self/status", "re"), &std::fclose);
  if (!status) return 0;
  constexpr std::string_view name = "VmHWM:";
  std::array<char, 256> line;
  while (std::fgets(line.data(), static_cast<int>(line.size()), status.get()) != nullptr)
    if (std::string_view(line.data()).starts_with(name))
      return std::strtoll(line.data() + name.size(), nullptr, 10);
  return 0;
}

/// What the timed part did.
struct Work {
  std::uint64_t operations = 0;
  std::int64_t check = 0;   ///< independent of the order in which answers came
  std::uint64_t bytes = 0;  ///< of the stream, where a program counts them; 0 leaves it out
};

/// How often each latency occurred, to within 1/256 of it. The cost is the same for every record
/// and for a million of them as for ten: sorting them would count as instructions of the program.
class Latencies {
 public:
  Latencies() : counts_((64 - exact_bits + 1) << exact_bits) {}

  void record(std::uint64_t nanoseconds) noexcept {
    ++counts_[bucket_of(nanoseconds)];
    ++total_;
  }
  /// Those of another thread.
  void add(const Latencies& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
  }
  std::uint64_t total() const noexcept { return total_; }
  /// The least latency that so many thousandths of them do not exceed.
  double microseconds(std::uint64_t thousandths) const noexcept {
    const std::uint64_t rank = total_ * thousandths / 1000;
    std::uint64_t seen = 0;
    std::size_t bucket = 0;
    while (bucket < counts_.size() && (seen += counts_[bucket]) <= rank) ++bucket;
    return 1e-3 * middle_of(bucket);
  }

 private:
  // Below 256 a bucket per value; above, 256 buckets for every doubling.
  static constexpr unsigned exact_bits = 8;

  static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= exact_bits + 1) return value;
    const unsigned shift = width - exact_bits - 1;
    return (static_cast<std::size_t>(shift) << exact_bits) + (value >> shift);
  }
  static constexpr double middle_of(std::size_t bucket) noexcept {
    const std::size_t doublings = bucket >> exact_bits;
    if (doublings < 2) return static_cast<double>(bucket);
    const std::size_t shift = doublings - 1;
    const std::uint64_t least = (bucket - (shift << exact_bits)) << shift;
    return static_cast<double>(least) + 0.5 * static_cast<double>(std::uint64_t{1} << shift);
  }

  std::vector<std::uint32_t> counts_;  // made and touched before the clock starts
  std::uint64_t total_ = 0;
};

/// Clocks around the timed part, and how long each operation in it took.
class Measurement {
 public:
  void begin() noexcept { before_ = Usage::now(); }
  void end() noexcept { after_ = Usage::now(); }

  /// An operation that was wanted then is complete now. In W2 `batch` all of a batch are complete
  /// when the batch is; in W3 an operation is wanted as soon as its task has ended the one before,
  /// so that waiting for a connection counts.
  void record(Clock::time_point wanted) noexcept { record(wanted, Clock::now()); }
  void record(Clock::time_point wanted, Clock::time_point complete) noexcept {
    latencies_.record(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(complete - wanted).count()));
  }
  /// What a thread recorded by itself; after the end.
  void add(const Latencies& of_a_thread) noexcept { latencies_.add(of_a_thread); }

  /// The line of JSON.
  void print(const Work& work) const {
    const double wall_s = std::chrono::duration<double>(after_.when - before_.when).count();
    std::printf(
        "{\"ops\":%llu,\"wall_s\":%.6f,\"user_s\":%.6f,\"sys_s\":%.6f,\"rss_kb\":%lld,"
        "\"check\":%lld,\"sleeps\":%lld",
        static_cast<unsigned long long>(work.operations), wall_s, after_.user_s - before_.user_s,
        after_.system_s - before_.system_s, static_cast<long long>(peak_resident_kb()),
        static_cast<long long>(work.check), static_cast<long long>(after_.sleeps - before_.sleeps));
    if (work.bytes > 0) std::printf(",\"bytes\":%llu", static_cast<unsigned long long>(work.bytes));
    if (latencies_.total() > 0)
      std::printf(",\"p50_us\":%.2f,\"p99_us\":%.2f,\"p999_us\":%.2f", latencies_.microseconds(500),
                  latencies_.microseconds(990), latencies_.microseconds(999));
    std::printf("}\n");
  }

 private:
  Latencies latencies_;
  Usage before_, after_;
};

/// The compiler must believe that somebody looks at this value, and so compute it.
template <typename Value>
void keep(const Value& value) noexcept {
  asm volatile("" : : "r,m"(value) : "memory");
}

/// Nothing when the text is not a whole number.
inline std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Runs what the command line asks for and gives the exit status: 1 when that failed, 2 when it is
/// not among the variants.
inline int run_variant(int argument_count, char** arguments, std::span<const Variant> variants) {
  std::optional<std::uint64_t> count, depth;
  if (argument_count == 4 || argument_count == 5) {
    count = parse_count(arguments[3]);
    depth = argument_count == 5 ? parse_count(arguments[4]) : 1;
  }
  if (!count || !depth || *depth == 0 || *count > (1U << 31U) || *depth > (1U << 20U)) {
    std::fprintf(stderr, "usage: %s WORKLOAD MODE N [DEPTH]\n", arguments[0]);
    return 2;
  }
  const Command command{arguments[1], arguments[2], *count, *depth};
  const auto known = [&](const Variant& variant) {
    return variant.workload == command.workload && variant.mode == command.mode;
  };
  const auto variant = std::find_if(variants.begin(), variants.end(), known);
  if (variant == variants.end()) {
    std::fprintf(stderr, "%s: no %s %s; there is:", arguments[0], arguments[1], arguments[2]);
    for (const Variant& each : variants)
      std::fprintf(stderr, " %s", std::string(each.workload).append(" ").append(each.mode).c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  try {
    variant->run(command);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s %s %s: %s\n", arguments[0], arguments[1], arguments[2], error.what());
    return 1;
  }
  return 0;
}

}  // namespace pgreactor::bench
