#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "tests/protocol/exemplars.hpp"
#include "tests/protocol/player.hpp"

// Bytes that end where the next page cannot be touched: who reads one too many is killed at once,
// with or without a sanitizer.
namespace pgreactor::protocol::testing {
namespace {

class GuardedPages {
 public:
  explicit GuardedPages(std::size_t most)
      : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
        usable_((most + page_ - 1) / page_ * page_) {
    void* memory =
        mmap(nullptr, usable_ + page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("mmap failed");
    begin_ = static_cast<std::byte*>(memory);
    if (mprotect(begin_ + usable_, page_, PROT_NONE) != 0)
      throw std::runtime_error("mprotect failed");
  }
  GuardedPages(const GuardedPages&) = delete;
  GuardedPages& operator=(const GuardedPages&) = delete;
  ~GuardedPages() { munmap(begin_, usable_ + page_); }

  /// A copy that ends at the guard.
  Bytes at_the_end(std::string_view bytes) {
    std::byte* target = begin_ + usable_ - bytes.size();
    if (!bytes.empty()) std::memcpy(target, bytes.data(), bytes.size());
    return {target, bytes.size()};
  }

 private:
  std::size_t page_, usable_;
  std::byte* begin_ = nullptr;
};

constexpr std::size_t most = 4096;

// Requirement: W10
TEST(GuardPage, EveryBodyAndEveryTruncationOfItIsReadWithinItsBytes) {
  GuardedPages pages(most);
  for (const Exemplar& exemplar : exemplars()) {
    const std::string_view body = exemplar.body;
    EXPECT_EQ(exemplar.decode(pages.at_the_end(body)), DecodeError::none) << exemplar.name;
    for (std::size_t size = 0; size < body.size() && !exemplar.open_ended; ++size)
      EXPECT_EQ(exemplar.decode(pages.at_the_end(body.substr(0, size))), DecodeError::truncated)
          << exemplar.name;
  }
}

// Each NUL of each message taken for a letter: the text that it ended runs on, to the guard.
// Requirement: W10
TEST(GuardPage, ATextWithoutItsNulEndsWithTheBody) {
  GuardedPages pages(most);
  std::size_t refused = 0;
  for (const Exemplar& exemplar : exemplars()) {
    for (std::size_t at = 0; at < exemplar.body.size(); ++at) {
      if (exemplar.body[at] != '\0') continue;
      std::string body = exemplar.body;
      body[at] = 'x';
      if (exemplar.decode(pages.at_the_end(body)) != DecodeError::none) ++refused;
      std::replace(body.begin(), body.end(), '\0', 'x');
      if (exemplar.decode(pages.at_the_end(body)) != DecodeError::none) ++refused;
    }
  }
  EXPECT_GT(refused, 100U);
}

// Requirement: W10
TEST(GuardPage, AMessageThatIsAllTextHasItsNulOrIsRefused) {
  GuardedPages pages(most);
  for (const auto& decode : {error_of(decode_query), error_of(decode_command_complete),
                             error_of(decode_copy_fail), error_of(decode_password_message),
                             error_of(decode_error_response), error_of(decode_parameter_status)}) {
    for (const std::size_t size : {0U, 1U, 2U, 100U, 4096U})
      EXPECT_EQ(decode(pages.at_the_end(std::string(size, 'M'))), DecodeError::truncated) << size;
  }
}

// Requirement: W10
TEST(GuardPage, ASessionReadsNoByteThatItWasNotGiven) {
  GuardedPages pages(most);
  const std::string said = admitted + settled() + encoded(BindComplete{}) + sample_row() +
                           encoded(CommandComplete{"SELECT 1"}, ReadyForQuery{}) +
                           failed_with("42601") + encoded(ReadyForQuery{});
  for (std::size_t size = 0; size <= said.size(); ++size) {
    Session session(sample_options(), fixed_random());
    session.start();
    for (const Step step : {Step::bind, Step::execute, Step::sync, Step::query})
      session.expect(step);
    Bytes input = pages.at_the_end(said.substr(0, size));
    Event event = session.next(input);
    while (event.kind != Event::Kind::need_bytes && event.kind != Event::Kind::violation)
      event = session.next(input);
    EXPECT_EQ(event.kind, Event::Kind::need_bytes) << size << ": " << session.violation();
    EXPECT_EQ(session.outstanding() == 0, size == said.size());
  }
}

// Requirement: W10
TEST(GuardPage, RowsAreTakenWithinTheBytesReceived) {
  GuardedPages pages(most);
  const std::string rows = sample_row() + sample_row();
  for (std::size_t size = 0; size <= rows.size(); ++size) {
    Player player = ready_player();
    player.send({Step::execute, Step::sync});
    Bytes input = pages.at_the_end(rows.substr(0, size));
    const Bytes taken = player.session().next_rows(input, 3, 10);
    EXPECT_EQ(taken.size(), size / sample_row().size() * sample_row().size());
  }
}

}  // namespace
}  // namespace pgreactor::protocol::testing
