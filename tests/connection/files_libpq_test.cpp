// Built only where libpq is found: the witness of what a password or service file says.
#include <gmock/gmock.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "src/connection/options_passfile.hpp"
#include "src/connection/options_service.hpp"
#include "tests/connection/options_fixture.hpp"

namespace pgreactor {
namespace {

class FilesAgainstLibpq : public testing::Test {
 protected:
  FilesAgainstLibpq() {
    std::string name = std::filesystem::temp_directory_path() / "pgreactor-libpq-XXXXXX";
    directory_ = mkdtemp(name.data());
  }
  ~FilesAgainstLibpq() override {
    std::filesystem::remove_all(directory_);
    unsetenv("PGSERVICEFILE");
    unsetenv("PGSYSCONFDIR");
  }
  std::string path() const { return directory_ + "/file"; }
  void write(const std::string& content, mode_t mode = 0600) const {
    std::ofstream{path(), std::ios::binary} << content;
    ASSERT_EQ(chmod(path().c_str(), mode), 0);
  }

  std::string pick(const std::vector<std::string>& choices) {
    return choices[std::uniform_int_distribution<std::size_t>{0, choices.size() - 1}(random_)];
  }

  std::string directory_;
  std::mt19937 random_{1};
};

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

/// Options alone are of interest: nobody listens at any of the places.
Connection begin(const std::string& conninfo) {
  return Connection{PQconnectStart(conninfo.c_str()), &PQfinish};
}

TEST_F(FilesAgainstLibpq, GeneratedPasswordFiles) {
  const auto field = [&](const std::string& match) {
    return pick({match, match, match, match, match, "*", "*", "*", "\\" + match, "", match + "\\",
                 match + " ", "**", "#" + match});
  };
  const auto line = [&] {
    return pick({"", "", "", "", "#", " "}) + field(pick({"g", "h"})) + ":" + field("1") + ":" +
           field("d") + pick({":", ":", ":", ":", ":", "\\:", ""}) + field(pick({"u", "v"})) +
           pick({":", ":", ":", ":", ""}) +
           pick({"pw", "a:b", "a\\:b", "a\\\\", "\\", "", " p ", "\xc3\xa9", "*"}) +
           pick({"\n", "\n", "\r\n", "\r\r\n", "\n\n"});
  };
  int found = 0;
  for (int i = 0; i < 300; ++i) {
    std::string content;
    for (int lines = 0; lines <= i % 12; ++lines) content += line();
    if (i % 3 == 0) content.pop_back();
    write(content);
    const auto file = conninfo::read_passfile(path());
    for (const std::string host : {"g", "h"})
      for (const std::string user : {"u", "v"}) {
        const auto connection =
            begin("host=" + host + " hostaddr=127.0.0.1 port=1 dbname=d user=" + user +
                  " passfile=" + path());
        const char* theirs = PQpass(connection.get());
        const auto ours = conninfo::find_password(file.content.reveal(), {host, "1", "d", user});
        ASSERT_EQ(ours ? std::string(ours->reveal()) : "", theirs == nullptr ? "" : theirs)
            << content;
        if (ours) ++found;
      }
  }
  EXPECT_GT(found, 200) << "the grammar should not only make mistakes";
}

TEST_F(FilesAgainstLibpq, NamesOfServersInAPasswordFile) {
  write(
      "localhost:*:*:*:of localhost\n127.0.0.1:*:*:*:of the address\nh:*:*:*:of the host\n"
      "/srv/none:*:*:*:of the directory\n@none:*:*:*:of the abstract socket\n");
  for (const std::string server :
       {"host=h hostaddr=127.0.0.1 port=1", "hostaddr=127.0.0.1 port=1",
        "host=/var/run/postgresql port=1", "host=/srv/none port=1", "host=@none port=1"}) {
    const std::string conninfo = server + " dbname=d user=u passfile=" + path();
    const auto connection = begin(conninfo);
    const auto options = ConnectionOptions::parse(conninfo, FakeEnvironment{});
    EXPECT_STREQ(PQpass(connection.get()),
                 std::string(options.password_for(options.servers[0]).reveal()).c_str())
        << server;
  }
}

TEST_F(FilesAgainstLibpq, ModesOfAPasswordFile) {
  for (const mode_t more : {0u, 0100u, 040u, 020u, 010u, 04u, 02u, 01u}) {
    write("*:*:*:*:pw\n", 0600 | more);
    testing::internal::CaptureStderr();  // where libpq warns
    const auto connection =
        begin("host=h hostaddr=127.0.0.1 port=1 dbname=d user=u passfile=" + path());
    testing::internal::GetCapturedStderr();
    EXPECT_EQ(conninfo::read_passfile(path()).problem.empty(),
              std::string(PQpass(connection.get())) == "pw")
        << std::oct << more;
  }
}

/// What libpq takes from the service [s] of that file; nullopt when it refuses the file.
std::optional<WrittenOptions> libpq_service() {
  const auto connection = begin("service=s host=/nowhere port=1 application_name=given");
  if (std::string(PQerrorMessage(connection.get())).find("service") != std::string::npos)
    return std::nullopt;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{
      PQconninfo(connection.get()), &PQconninfoFree};
  WrittenOptions result;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr && *option->val != '\0')
      result.emplace(option->keyword, option->val);
  return result;
}

std::optional<WrittenOptions> our_service(const std::string& content) {
  conninfo::Parameters parameters;
  for (const auto& [name, value] : {std::pair("host", "/nowhere"), std::pair("port", "1"),
                                    std::pair("application_name", "given")})
    EXPECT_TRUE(parameters.assign(name, value, "the test"));
  try {
    if (!conninfo::read_service(content, "s", {"the test", "file"}, parameters))
      return std::nullopt;
  } catch (const ConfigurationError&) {
    return std::nullopt;
  }
  WrittenOptions result;
  for (const auto& entry : parameters.entries())
    if (!entry.value.reveal().empty()) result.emplace(entry.keyword->name, entry.value.reveal());
  return result;
}

TEST_F(FilesAgainstLibpq, GeneratedServiceFiles) {
  setenv("PGSERVICEFILE", path().c_str(), 1);
  setenv("PGSYSCONFDIR", "/nowhere", 1);
  // The connection is not to depend on what they say.
  const std::vector<std::string> keywords{"options", "sslcert",          "sslkey", "host",
                                          "port",    "application_name", "sslcrl"};
  const auto line = [&]() -> std::string {
    if (pick({"y", "n", "n"}) == "y")
      return pick({"[s]", "[s]", "[s]", "[t]", "[ s]", "[s] x", "[ss]", "[s", "[]", "[S]"});
    if (pick({"y", "n", "n", "n", "n", "n", "n", "n"}) == "y")
      return pick({"", " ", "#", "# host=a", ";", "service=x", "nothing=x", "=x", "host"});
    return pick(keywords) + pick({"=", "=", "=", "=", "=", "=", " ="}) +
           pick({"a", "", " a", "'a b'", "a=b", "a#b", "\\a", "[s]", std::string(1100, 'x')});
  };
  int accepted = 0;
  for (int i = 0; i < 500; ++i) {
    std::string content = i % 2 == 0 ? "[s]\n" : "";
    for (int lines = 0; lines <= i % 7; ++lines)
      content += pick({"", "", " ", "\t"}) + line() + pick({"", "", " ", "\r"}) + "\n";
    write(content);
    auto theirs = libpq_service();
    const auto ours = our_service(content);
    ASSERT_EQ(ours.has_value(), theirs.has_value()) << content;
    if (!ours) continue;
    ++accepted;
    for (const auto& keyword : keywords) {
      const auto at = ours->find(keyword);
      EXPECT_EQ(at == ours->end() ? "" : at->second, (*theirs)[keyword]) << keyword << content;
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(accepted, 100) << "the grammar should not only make mistakes";
}

}  // namespace
}  // namespace pgreactor
