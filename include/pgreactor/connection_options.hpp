#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <pgreactor/credentials.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/tls_options.hpp>
#include <pgreactor/vocabulary/secret.hpp>
#include <pgreactor/vocabulary/server_report.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgreactor {

/// An option that cannot be used: unreadable, out of range, contradictory, or asking for something
/// this library does not do. Thrown before any connection is attempted; outcome() is not_sent.
/// The message names the parameter, where it came from and why. It never repeats the connection
/// string, nor a value, since a misplaced character can make a password look like anything else;
/// but the paths of the files that TLS needs.
class PGREACTOR_API ConfigurationError : public ConnectionError {
 public:
  /// `parameter` is a keyword in static storage, or empty.
  ConfigurationError(std::string_view parameter, const std::string& message)
      : ConnectionError(message), parameter_(parameter) {}

  /// The keyword at fault; empty when the text as a whole cannot be read or the key is unknown.
  std::string_view parameter() const noexcept { return parameter_; }

 private:
  std::string_view parameter_;  // static storage: copying an error must not throw
};

/// What defaults are taken from, besides the connection string. Tests pass their own.
class PGREACTOR_API Environment {
 public:
  Environment() = default;
  Environment(const Environment&) = default;
  Environment& operator=(const Environment&) = default;
  virtual ~Environment();

  /// nullopt when unset.
  virtual std::optional<std::string> variable(const std::string& name) const = 0;
  /// The login name of the effective user; empty when the system has no entry for it.
  virtual std::string user_name() const = 0;
  /// Where ~ points to; empty when unknown.
  virtual std::string home_directory() const = 0;
  /// Does this path name anything? Asked for the places where a server's Unix socket may be.
  virtual bool exists(const std::string& path) const = 0;
};

/// The environment of this process. Reads with getenv(): no other thread may call setenv()
/// meanwhile.
PGREACTOR_API const Environment& process_environment() noexcept;

/// Which kind of server will do, when several hosts are named.
enum class TargetSessionAttrs : std::uint8_t {
  any,
  read_write,
  read_only,
  primary,
  standby,
  prefer_standby,
};

/// In which order hosts, and the addresses of each, are tried.
enum class LoadBalanceHosts : std::uint8_t { disable, random };

/// A version of the wire protocol. 3.2, which PostgreSQL 18 brought, has cancel keys of up to 256
/// bytes instead of 4, and is 3.0 in all else; there is no 3.1.
enum class ProtocolVersion : std::uint32_t { v3_0 = 3 << 16, v3_2 = 3 << 16 | 2 };

/// How a statement is made known to the server.
enum class StatementMode : std::uint8_t {
  named,    ///< prepared once on each connection, and kept there
  unnamed,  ///< sent along each time: for poolers that swap servers between transactions
};

/// The ways to log in that this side agrees to (`require_auth`); a server that asks for another is
/// refused before anything is sent. By default SCRAM, servers that ask for no proof at all, and the
/// password as it is to a host that was verified; elsewhere methods that give the password, or an
/// equal of it, away have to be named: `require_auth=scram-sha-256,md5`. `!method` only takes away
/// from the default.
struct AllowedAuthentication {
  bool none = true;  ///< the server asks for no proof (trust, peer)
  bool scram_sha_256 = true;
  bool md5 = false;
  bool cleartext_password = false;  ///< without TLS anybody on the way can read the password
  bool cleartext_over_tls = true;   ///< to the host that a certificate names (verify-full)

  friend bool operator==(const AllowedAuthentication&, const AllowedAuthentication&) = default;
};

/// TCP keep-alive probes; no meaning on Unix sockets. 0 leaves the system's value.
struct KeepAlive {
  bool enabled = true;
  std::chrono::seconds idle{15};
  std::chrono::seconds interval{5};
  int count = 3;

  friend bool operator==(const KeepAlive&, const KeepAlive&) = default;
};

/// One place to look for the server.
class PGREACTOR_API ServerAddress {
 public:
  /// A host starting with '/' is the directory of a Unix socket, with '@' an abstract one.
  ServerAddress(std::string host_or_directory, std::string numeric_address, std::uint16_t tcp_port);
  ServerAddress(std::string host_or_directory, std::uint16_t tcp_port);

  bool is_unix_socket() const noexcept;
  /// "<directory>/.s.PGSQL.<port>"; a leading '@' stands for the NUL of the abstract namespace.
  std::string socket_path() const;
  /// For messages: "db.example.com:5432", "[::1]:5432" or the socket's path.
  std::string describe() const;

  std::string host;          ///< name, address or directory; may be empty when hostaddr is not
  std::string hostaddr;      ///< numeric address to connect to instead of resolving the host
  std::uint16_t port;        ///< 1 to 65535; for Unix sockets a part of the file's name
  Secret passfile_password;  ///< this host's line in the password file; empty when there is none
};

/// Where to connect, as whom, and with which limits: everything one session or pool needs to know.
/// A value: copy it, change members, pass it on. Every source is read once, when it is made; files
/// and variables that change later do not reach it.
///
/// Sources of each value, first wins: the connection string; the service that it or PGSERVICE
/// names; PG* variables (for what these leave open, as in libpq); the built-in default.
/// DATABASE_URL stands in for a string that was not given and is not mixed with one that was: its
/// password belongs to its host.
class PGREACTOR_API ConnectionOptions {
 public:
  /// The built-in defaults, without servers, user and database: fill these in.
  ConnectionOptions();

  /// Reads a connection string in either form that libpq knows:
  ///   postgresql://user:password@host1:5432,host2:5433/database?application_name=shop
  ///   host=/var/run/postgresql dbname=shop user=app password='it\'s quoted'
  /// Limits  64 KiB; 64 hosts.
  /// Errors  ConfigurationError. Unknown keys are errors, with a suggestion. Every keyword of libpq
  ///         18 is known: what this version does not do and would be unsafe to ignore is refused.
  /// Source  postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
  static ConnectionOptions parse(std::string_view conninfo,
                                 const Environment& environment = process_environment());

  /// Reads DATABASE_URL (either form), else the PG* variables alone. Errors as for parse().
  /// Empty variables count as unset. PGTZ and PGGEQO become session settings; PGDATESTYLE has no
  /// effect: what comes as text is read in the style ISO.
  /// Source  postgresql.org/docs/current/libpq-envars.html
  static ConnectionOptions from_environment(const Environment& environment = process_environment());

  /// Throws ConfigurationError unless a connection may be attempted with these values. parse() and
  /// from_environment() have done so; connecting does it again, since members can be changed.
  void check() const;

  /// What to prove the identity with at this server: `password`, else its line of the password
  /// file.
  const Secret& password_for(const ServerAddress& server) const noexcept;

  /// For messages: "db1:5432,db2:5432/shop as app". Never contains a secret; a name with control
  /// characters, '@' or '/' is left out, since it may be the tail of a badly quoted password.
  std::string describe() const;

  std::vector<ServerAddress> servers;  ///< host, hostaddr, port: tried in this order
  std::string database;                ///< dbname; default: the user's name
  std::string user;                    ///< default: the login name of the process's owner
  Secret password;                     ///< for all servers; wins over the password file
  /// Asked at each log-in, in place of all other passwords, if there is one. Set in code alone.
  CredentialsCallback credentials;
  /// What SCRAM makes of a password, for who has that and not the password (a proxy): base64 of 32
  /// bytes, both or neither. They win over passwords, and only SCRAM can be answered with them.
  Secret scram_client_key, scram_server_key;
  /// requirepeer: who the server must run as, on a Unix socket; empty: anybody.
  std::string required_peer;
  std::string application_name;  ///< else fallback_application_name
  std::string server_options;    ///< options: switches for the backend ("-c work_mem=64MB")
  /// Startup parameters besides the above, by the server's names ("TimeZone", "geqo").
  std::vector<std::pair<std::string, std::string>> session_settings;

  /// How long a transaction may be idle before the server ends its session (25P03): one that waits
  /// for something else holds its locks, and a connection that others wait for. Given to the server
  /// as a startup parameter, unless that stands in `session_settings` or `server_options`, or a
  /// pooler refuses it. 0 leaves what the server or the role has.
  std::chrono::milliseconds idle_in_transaction_session_timeout{60'000};

  /// For each address tried: TCP, TLS and log-in together; once more for looking up a host's name,
  /// and twice this for all addresses of one host, which overlap. 0 waits forever.
  std::chrono::milliseconds connect_timeout{5000};
  /// Of a host with several addresses, how long one may stay without an answer before the next is
  /// tried beside it (RFC 8305, "Happy Eyeballs"): 10 ms to 2 s. Set in code alone.
  std::chrono::milliseconds connection_attempt_delay{250};
  KeepAlive keepalive;
  /// How long sent bytes may stay unacknowledged before the kernel gives up. 0 leaves the system's.
  std::chrono::milliseconds tcp_user_timeout{4000};

  /// The version asked for, and the oldest that a server may make of it. As in libpq 18 the default
  /// is 3.0, since some servers and poolers refuse what they do not know instead of saying what
  /// they do; but 3.2 where min_protocol_version demands that.
  ProtocolVersion max_protocol_version = ProtocolVersion::v3_0;
  ProtocolVersion min_protocol_version = ProtocolVersion::v3_0;
  SslMode sslmode = SslMode::prefer;
  TlsOptions tls;
  AllowedAuthentication authentication;
  /// How often SCRAM's digest may be repeated (scram_iterations of PostgreSQL 16): the server says,
  /// and fewer make our proof cheap to guess the password from, while more cost processor time, a
  /// second for four million. 1 to 10,000,000.
  std::uint32_t min_scram_iterations = 4096, max_scram_iterations = 100'000;
  /// Anything but `any` costs a query on servers before PostgreSQL 14. A pool leaves a server that
  /// is not of that kind any more, as it does one that shuts down or, unless only reading is
  /// wanted, refuses to write: connections are used to the end of what they are at, and others are
  /// opened. Declare a transaction that is to read only so, then its mistakes are not laid to the
  /// server.
  TargetSessionAttrs target_session_attrs = TargetSessionAttrs::any;
  LoadBalanceHosts load_balance_hosts = LoadBalanceHosts::disable;

  /// Called with each notice and warning that the server sends once a session is open, on the
  /// loop's thread and in the order in which they come; without it they are dropped. Must not
  /// throw, nor end the pool.
  std::function<void(const ServerReport&)> on_notice;

  std::string passfile;          ///< the file looked at; empty when `password` made it needless
  std::string passfile_problem;  ///< why it was ignored ("... readable by group or others ...")

  /// Of the rows that one statement may return as a whole, in memory: of a larger result nothing is
  /// kept, and the statement fails when all of it has been read and dropped; the connection goes
  /// on. Streams and COPY hold no result. 0: no limit.
  std::uint64_t max_result_bytes = std::uint64_t{256} << 20U;
  std::uint32_t statement_cache_capacity =
      256;  ///< prepared statements per connection; 0 counts as 1
  /// `unnamed` takes one round trip, as `named` does, once a text is known to the pool, and costs
  /// both sides its parsing each time. It leaves nothing behind on the server.
  StatementMode statement_mode = StatementMode::named;
  std::uint32_t pool_min_conns = 5;
  std::uint32_t pool_max_conns = 20;
  /// From the request for a connection to its error. Longer than tcp_user_timeout (P17): a dead
  /// peer is found before the wait ends. When a connection string or the environment gives only one
  /// of the two, the other adapts; who sets one of them here sets both.
  std::chrono::milliseconds pool_acquire_timeout{5000};
  /// A connection is replaced at 0.9 to 1 times this age, when it is idle or given back: one in a
  /// second, or a tenth of the pool. Its successor is opened first, where there may be one more.
  /// 0: it lives as long as the server lets it.
  std::chrono::milliseconds pool_max_lifetime{std::chrono::minutes{30}};
  /// Beyond pool_min_conns, one that had nothing to do for so long is closed. 0: never.
  std::chrono::milliseconds pool_idle_timeout{std::chrono::minutes{10}};
  /// While more statements are under way than there are connections, those known to be fast share a
  /// connection although others are idle: one send for many. This is how long the last of them may
  /// be expected to wait. 0 gives an idle connection one statement only; at most 10 s.
  std::chrono::microseconds pool_sharing_time{1000};
  /// How long the loop looks for answers, again and again, before it may sleep: it takes a core for
  /// itself while a statement is under way, and gains the tens of microseconds that waking up
  /// costs. 0 never does; at most 10 ms. What else the loop serves waits for that long.
  std::chrono::microseconds busy_poll{0};
};

}  // namespace pgreactor
