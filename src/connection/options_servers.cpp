#include "src/connection/options_servers.hpp"

#include <utility>

namespace pgreactor {
namespace conninfo {
namespace {

constexpr std::string_view debian_directory = "/var/run/postgresql";
constexpr std::string_view upstream_directory = "/tmp";

/// The file is asked for where the directory exists on every machine and so says nothing.
std::string default_host(std::uint16_t port, const Environment& environment) {
  if (environment.exists(std::string{debian_directory})) return std::string{debian_directory};
  const ServerAddress upstream{std::string{upstream_directory}, port};
  return environment.exists(upstream.socket_path()) ? upstream.host : "localhost";
}

std::vector<std::uint16_t> read_ports(const ParameterReader& reader, std::size_t servers) {
  auto items = split_list(reader.text("port"));
  if (items.size() == 1) items.resize(servers, items.front());
  if (items.size() != servers)
    reader.fail("port", std::to_string(items.size()) + " ports do not match " +
                            std::to_string(servers) + " hosts: give one for all, or one for each");
  std::vector<std::uint16_t> ports;
  for (const std::string& item : items) {
    const auto port =
        item.empty() ? std::optional<std::int64_t>{default_port} : parse_integer(item);
    if (!port || *port < 1 || *port > 65535)
      reader.fail("port", "must be an integer from 1 to 65535, or a list of these");
    ports.push_back(static_cast<std::uint16_t>(*port));
  }
  return ports;
}

}  // namespace

bool is_default_socket_directory(std::string_view directory) noexcept {
  return directory == debian_directory || directory == upstream_directory;
}

std::vector<ServerAddress> read_servers(const ParameterReader& reader,
                                        const Environment& environment) {
  auto hosts = split_list(reader.text("host"));
  auto addresses = split_list(reader.text("hostaddr"));
  const bool no_hosts = hosts.size() == 1 && hosts.front().empty();
  const bool no_addresses = addresses.size() == 1 && addresses.front().empty();
  if (no_hosts) hosts.resize(addresses.size());
  if (no_addresses) addresses.resize(hosts.size());
  if (addresses.size() != hosts.size())
    reader.fail("hostaddr", std::to_string(addresses.size()) + " addresses do not match " +
                                std::to_string(hosts.size()) + " hosts");
  if (hosts.size() > max_servers)
    reader.fail(no_hosts ? "hostaddr" : "host",
                "more than " + std::to_string(max_servers) + " servers");

  const auto ports = read_ports(reader, hosts.size());
  std::vector<ServerAddress> servers;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (hosts[i].empty() && addresses[i].empty()) hosts[i] = default_host(ports[i], environment);
    servers.emplace_back(std::move(hosts[i]), std::move(addresses[i]), ports[i]);
  }
  return servers;
}

}  // namespace conninfo

ServerAddress::ServerAddress(std::string host_or_directory, std::string numeric_address,
                             std::uint16_t tcp_port)
    : host(std::move(host_or_directory)), hostaddr(std::move(numeric_address)), port(tcp_port) {}

ServerAddress::ServerAddress(std::string host_or_directory, std::uint16_t tcp_port)
    : ServerAddress(std::move(host_or_directory), {}, tcp_port) {}

bool ServerAddress::is_unix_socket() const noexcept {
  return hostaddr.empty() && (host.starts_with('/') || host.starts_with('@'));
}

std::string ServerAddress::socket_path() const {
  return host + "/.s.PGSQL." + std::to_string(port);
}

std::string ServerAddress::describe() const {
  if (is_unix_socket()) return socket_path();
  const std::string& name = host.empty() ? hostaddr : host;
  const bool has_colons = name.find(':') != std::string::npos;
  return (has_colons ? "[" + name + "]" : name) + ":" + std::to_string(port);
}

}  // namespace pgreactor
