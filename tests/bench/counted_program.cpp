// counted_program N   makes N times a known number of calls, for counting_test.py
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <thread>

namespace {

// Keeps the compiler from leaving an allocation out.
void* volatile kept;
void keep(void* block) {
  kept = block;
  std::free(block);
}

// 5 sends, 5 receives
void exchange(const int (&ends)[2]) {
  char byte = 'x';
  iovec piece{&byte, 1};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  bool good = send(ends[0], &byte, 1, 0) == 1 && recv(ends[1], &byte, 1, 0) == 1;
  good &= sendto(ends[0], &byte, 1, 0, nullptr, 0) == 1 &&
          recvfrom(ends[1], &byte, 1, 0, nullptr, nullptr) == 1;
  good &= sendmsg(ends[0], &message, 0) == 1 && recvmsg(ends[1], &message, 0) == 1;
  good &= write(ends[0], &byte, 1) == 1 && read(ends[1], &byte, 1) == 1;
  good &= writev(ends[0], &piece, 1) == 1 && readv(ends[1], &piece, 1) == 1;
  if (!good) std::abort();
}

// 5 waits, 2 others
void wait_for_nothing(int epoll, int end) {
  epoll_event event{};
  event.events = EPOLLIN;
  bool good = epoll_ctl(epoll, EPOLL_CTL_ADD, end, &event) == 0;
  good &= epoll_wait(epoll, &event, 1, 0) == 0;
  good &= epoll_pwait(epoll, &event, 1, 0, nullptr) == 0;
  good &= epoll_ctl(epoll, EPOLL_CTL_DEL, end, nullptr) == 0;
  pollfd watched{end, POLLIN, 0};
  good &= poll(&watched, 1, 0) == 0;
  const timespec no_time{};
  good &= ppoll(&watched, 1, &no_time, nullptr) == 0;
  timeval none{};
  fd_set reads;
  FD_ZERO(&reads);
  good &= select(0, &reads, nullptr, nullptr, &none) == 0;
  if (!good) std::abort();
}

// 8 allocations
void allocate() {
  keep(std::malloc(100));
  keep(std::calloc(10, 10));
  void* grown = std::realloc(std::realloc(nullptr, 100), 10'000);
  keep(std::realloc(grown, 50));  // shrinks: not counted
  keep(std::aligned_alloc(64, 640));
  void* aligned = nullptr;
  if (posix_memalign(&aligned, 64, 640) != 0) std::abort();
  keep(aligned);
  const auto one = std::make_unique<int>(1);
  kept = one.get();
  const auto made = std::make_unique<int[]>(100);
  kept = made.get();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  int rounds = 0, ends[2];
  const std::string_view text = arguments[1];
  std::from_chars(text.data(), text.data() + text.size(), rounds);
  const int epoll = epoll_create1(0);
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || epoll < 0) return 1;
  for (int i = 0; i < rounds; ++i) exchange(ends), wait_for_nothing(epoll, ends[1]), allocate();
  // a second thread counts into the same figures
  std::thread([&] {
    for (int i = 0; i < rounds; ++i) exchange(ends);
  }).join();
  return 0;
}
