#pragma once
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <pgreactor/reactor.hpp>
#include <pgreactor/testing/throwaway_server.hpp>
#include <string>
#include <utility>
#include <vector>

#include "src/testing/server_directory.hpp"
#include "src/testing/server_programs.hpp"
#include "tests/testing/raw_client.hpp"

/// The first column of what a statement gives on a server with trust.
inline std::string ask(const pgreactor::testing::ThrowawayServer& server, const std::string& sql) {
  RawClient client(server.socket_directory(), server.port());
  const std::string started = client.start("postgres", "postgres");
  return started == "R0" ? client.query(sql) : "not started: " + started;
}

inline bool exists(const std::string& path) {
  struct stat file{};
  return ::lstat(path.c_str(), &file) == 0;
}

/// A variable of the environment, set for the time of a scope.
class ScopedVariable {
 public:
  ScopedVariable(std::string name, const std::string& value) : name_(std::move(name)) {
    if (const char* before = std::getenv(name_.c_str())) before_ = before;
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() {
    if (before_) {
      ::setenv(name_.c_str(), before_->c_str(), 1);
    } else {
      ::unsetenv(name_.c_str());
    }
  }

 private:
  std::string name_;
  std::optional<std::string> before_;
};

/// A $TMPDIR of its own below the one given, so that what a test finds there is the test's.
class PrivateTemporary {
 public:
  PrivateTemporary() {
    path_ = pgreactor::testing::base_directory(pgreactor::testing::server_account()) + path_;
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
    ::chmod(path_.c_str(), 0777);  // the server's user must be able to use it
    variable_.emplace("TMPDIR", path_);
  }
  PrivateTemporary(const PrivateTemporary&) = delete;
  PrivateTemporary& operator=(const PrivateTemporary&) = delete;
  ~PrivateTemporary() {
    variable_.reset();
    // the guard of a server whose owner was killed may be removing files at this moment
    std::error_code error;
    for (int round = 0; round < 100; ++round) {
      std::filesystem::remove_all(path_, error);
      if (!error) break;
      ::usleep(50'000);
    }
  }

  const std::string& path() const noexcept { return path_; }
  /// The names in it, or in a directory of it, that begin so.
  std::vector<std::string> names(const std::string& prefix, const std::string& below = "") const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_ + "/" + below)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(prefix)) found.push_back(name);
    }
    return found;
  }

 private:
  std::string path_ = "/pgreactor-test-XXXXXX";
  std::optional<ScopedVariable> variable_;
};

/// Skips where PostgreSQL is not installed.
class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    using pgreactor::testing::ServerSetupError;
    temporary();
    try {
      pgreactor::Reactor reactor;
      const auto account = pgreactor::testing::server_account();
      programs_ = reactor.run(pgreactor::testing::find_server_programs({}, account));
    } catch (const ServerSetupError& error) {
      if (error.reason() != ServerSetupError::Reason::not_installed) throw;
      GTEST_SKIP() << error.what();
    }
  }

  /// One for all tests of this program, so that the template is made once.
  static PrivateTemporary& temporary() {
    static PrivateTemporary made;
    return made;
  }

  /// psql, of the server or another one along $PATH; empty when there is none.
  std::string psql_program() const {
    const std::string own = programs_.directory + "/psql";
    return ::access(own.c_str(), X_OK) == 0 ? own : pgreactor::testing::find_in_path("psql");
  }

  pgreactor::testing::ServerPrograms programs_;
};
