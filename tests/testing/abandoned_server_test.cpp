// What happens to a server whose owner is killed. The owners are forked children: this process has
// no other thread and no loop while it forks.
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>

#include "src/testing/postmaster_file.hpp"
#include "tests/testing/server_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using pgreactor::testing::ThrowawayServer;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Clock = std::chrono::steady_clock;

template <class Condition>
bool becomes_true(Condition condition, std::chrono::seconds within) {
  const auto deadline = Clock::now() + within;
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    ::usleep(10'000);
  }
  return true;
}

// An orphan that has ended stays visible until init has reaped it, which may take init long.
bool alive(pid_t pid) {
  const pgreactor::net::FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return errno != ESRCH && ::kill(pid, 0) == 0;  // before Linux 5.3
  pollfd ended{process.get(), POLLIN, 0};
  return ::poll(&ended, 1, 0) == 0;
}

bool dies(pid_t pid) {
  return becomes_true([&] { return !alive(pid); }, 15s);
}

// A process that makes a server, tells about it, and holds it until it is killed.
class Owner {
 public:
  Owner() {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) hold_a_server(ends[1]);
    ::close(ends[1]);
    char path[256] = {};
    if (::read(ends[0], &postmaster_, sizeof postmaster_) == sizeof postmaster_ &&
        ::read(ends[0], path, sizeof path - 1) > 0)
      directory_ = path;
    ::close(ends[0]);
  }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  ~Owner() {
    kill();
    becomes_true([this] { return !exists(directory_); }, 15s);
  }

  void kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }
  bool holds_a_server() const { return !directory_.empty() && alive(postmaster_); }
  pid_t pid() const { return pid_; }
  pid_t postmaster() const { return postmaster_; }
  const std::string& directory() const { return directory_; }

 private:
  [[noreturn]] static void hold_a_server(int out) {
    try {
      ThrowawayServer server;
      const pid_t postmaster = server.pid();
      const std::string path = server.socket_directory();
      if (::write(out, &postmaster, sizeof postmaster) < 0 ||
          ::write(out, path.data(), path.size()) < 0)
        ::_exit(1);
      for (;;) ::pause();
    } catch (const std::exception&) {
      ::_exit(1);
    }
  }

  pid_t pid_ = 0;
  pid_t postmaster_ = 0;
  std::string directory_;
};

// By /proc, which a bare chroot may lack: 0 then.
pid_t guard_of(pid_t owner) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    std::ifstream file(entry.path() / "stat");
    pid_t pid = 0;
    std::string name;
    char state = 0;
    pid_t parent = 0;
    // the kernel cuts the name to 15 bytes
    if (file >> pid >> name >> state >> parent && parent == owner && name == "(pgreactor-guard)")
      return pid;
  }
  return 0;
}

using AbandonedServer = ServerTest;

TEST_F(AbandonedServer, TheGuardEndsItAndRemovesItsDirectory) {
  Owner owner;
  ASSERT_TRUE(owner.holds_a_server());
  owner.kill();
  EXPECT_TRUE(becomes_true([&] { return !exists(owner.directory()); }, 15s));
  EXPECT_TRUE(dies(owner.postmaster()));
  EXPECT_THAT(temporary().names("pgreactor-server-"), IsEmpty());
}

TEST_F(AbandonedServer, TheGuardEndsAFrozenOneToo) {
  Owner owner;
  ASSERT_TRUE(owner.holds_a_server());
  ::kill(owner.postmaster(), SIGSTOP);
  owner.kill();
  EXPECT_TRUE(becomes_true([&] { return !exists(owner.directory()); }, 15s));
  EXPECT_TRUE(dies(owner.postmaster()));
}

TEST_F(AbandonedServer, TheNextStartDoesItWhenTheGuardIsKilledToo) {
  Owner owner;
  ASSERT_TRUE(owner.holds_a_server());
  const pid_t guard = guard_of(owner.pid());
  if (guard == 0) GTEST_SKIP() << "/proc is not mounted";
  ::kill(guard, SIGKILL);
  owner.kill();
  EXPECT_TRUE(exists(owner.directory()));
  EXPECT_TRUE(alive(owner.postmaster()));

  const ThrowawayServer next;

  EXPECT_FALSE(exists(owner.directory()));
  EXPECT_TRUE(dies(owner.postmaster()));
}

TEST_F(AbandonedServer, OneWhoseOwnerLivesIsLeftAlone) {
  Owner owner;
  ASSERT_TRUE(owner.holds_a_server());
  {
    const ThrowawayServer next;
  }
  EXPECT_TRUE(exists(owner.directory()));
  EXPECT_TRUE(owner.holds_a_server());
}

TEST_F(AbandonedServer, OneWhoseGuardIsKilledIsStillTheOwners) {
  Owner owner;
  ASSERT_TRUE(owner.holds_a_server());
  const pid_t guard = guard_of(owner.pid());
  if (guard == 0) GTEST_SKIP() << "/proc is not mounted";
  ::kill(guard, SIGKILL);
  {
    const ThrowawayServer next;
  }
  EXPECT_TRUE(owner.holds_a_server());
  EXPECT_TRUE(exists(owner.directory()));

  owner.kill();
  {
    const ThrowawayServer next;
  }
  EXPECT_FALSE(exists(owner.directory()));
}

TEST_F(AbandonedServer, ProcessesThatStartTogetherMakeOneTemplate) {
  const PrivateTemporary empty;
  const auto start_one = [] {
    const pid_t child = ::fork();
    if (child != 0) return child;
    try {
      ThrowawayServer server;
      ::_exit(server.running() ? 0 : 1);  // its guard takes it down
    } catch (const std::exception&) {
      ::_exit(2);
    }
  };
  for (const pid_t child : {start_one(), start_one(), start_one()}) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const auto template_directories = empty.names("pgreactor-template-");
  ASSERT_THAT(template_directories, SizeIs(1));
  EXPECT_THAT(empty.names("cluster-", template_directories[0]), SizeIs(1));
  EXPECT_THAT(empty.names("building-", template_directories[0]), IsEmpty());
  EXPECT_TRUE(becomes_true([&] { return empty.names("pgreactor-server-").empty(); }, 15s));
}

TEST_F(AbandonedServer, ATemplateDirectoryOfSomebodyElseIsNotUsed) {
  const PrivateTemporary empty;
  const auto account = pgreactor::testing::server_account();
  const std::string planted = empty.path() + "/pgreactor-template-" + std::to_string(account.uid);
  ASSERT_EQ(::mkdir(planted.c_str(), 0700), 0);
  ::chmod(planted.c_str(), 0777);  // as everybody could have made it
  const ThrowawayServer server;
  EXPECT_EQ(ask(server, "select 1"), "1");
  EXPECT_TRUE(std::filesystem::is_empty(planted));
}

}  // namespace
