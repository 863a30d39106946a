#include "tests/support/local_address.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace pgreactor::testing_support {

LocalAddress::LocalAddress(Where where) {
  if (where == Where::tcp) return;
  std::string path = std::filesystem::temp_directory_path() / "pgreactor-test-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), "mkdtemp " + path);
  folder_ = path;
}

LocalAddress::~LocalAddress() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

net::Endpoint LocalAddress::endpoint() const {
  if (folder_.empty()) return *net::Endpoint::numeric("127.0.0.1", 0);
  return net::Endpoint::unix_socket((folder_ / (".s.PGSQL." + std::to_string(unix_port))).string());
}

std::string LocalAddress::host() const { return folder_.empty() ? "127.0.0.1" : folder_.string(); }

}  // namespace pgreactor::testing_support
