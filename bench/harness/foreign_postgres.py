"""The server that DATABASE_URL names: the tables go into a schema of their own.

Measured programs send nothing but the queries of their workload, so that the tables must be found
by the search path as it is. Its first entry is by default the schema named like the user: that is
the one made, and removed. If it is there already nothing is touched.
"""
import getpass
import os
import shlex
import urllib.parse

from harness.failures import BadArguments, CannotRun
from harness.postgres_programs import psql
from harness.servers import bare_environment

TABLES = ("world", "bulk", "bulkin", "wide")
TLS = ("require", "verify-ca", "verify-full")


def parse_url(text):
    """{PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE}; raises BadArguments."""
    if text.startswith(("postgresql://", "postgres://")):
        named = from_uri(text)
    else:
        try:
            named = dict(word.split("=", 1) for word in shlex.split(text))
        except ValueError:
            raise BadArguments("DATABASE_URL: neither postgresql://... nor host=...") from None
    if "," in named.get("host", ""):
        raise BadArguments("DATABASE_URL: more than one host")
    user = named.get("user") or os.environ.get("PGUSER") or getpass.getuser()
    return {
        "PGHOST": named.get("host") or os.environ.get("PGHOST") or "/var/run/postgresql",
        "PGPORT": named.get("port") or os.environ.get("PGPORT") or "5432",
        "PGUSER": user,
        "PGPASSWORD": named.get("password") or os.environ.get("PGPASSWORD") or "",
        "PGDATABASE": named.get("dbname") or os.environ.get("PGDATABASE") or user,
        "PGSSLMODE": "require" if named.get("sslmode") in TLS else "disable",
    }


def from_uri(text):
    try:
        parts = urllib.parse.urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadArguments(f"DATABASE_URL: {error}") from None
    plain = urllib.parse.unquote
    named = {
        "host": plain(parts.hostname or ""),
        "port": str(port or ""),
        "user": plain(parts.username or ""),
        "password": plain(parts.password or ""),
        "dbname": plain(parts.path.lstrip("/")),
    }
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    if host.lower().startswith("%2f"):  # hostname is in lower case, which is wrong for a folder
        named["host"] = plain(host)
    query = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
    return {**named, **{name: values[-1] for name, values in query.items()}}


class ForeignPostgres:
    """Somebody else's server, and our schema in it."""

    name = "postgres"

    def __init__(self, url, setup):
        self.where = parse_url(url)
        self.setup = setup
        self.schema = None  # set once it is ours

    def __enter__(self):
        environment = self.environment("", "local")
        user = psql(environment, "-c", "SELECT current_user")
        quoted = '"' + user.replace('"', '""') + '"'
        literal = "'" + user.replace("'", "''") + "'"
        if psql(environment, "-c", f"SELECT 1 FROM pg_namespace WHERE nspname = {literal}"):
            raise CannotRun(f"DATABASE_URL: there is a schema {quoted} already; touched nothing")
        psql(environment, "-c", f"CREATE SCHEMA {quoted}")
        self.schema = quoted
        try:
            if psql(environment, "-c", "SELECT current_schema()") != user:
                raise CannotRun(f"DATABASE_URL: a schema {quoted} is not what search_path looks in")
            self.has_tls = psql(environment, "-c", "SHOW ssl") == "on"
            psql(environment, "-f", self.setup)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """Drops what was made, and nothing that was added to it by others."""
        if self.schema:
            tables = ", ".join(f"{self.schema}.{table}" for table in TABLES)
            psql(self.environment("", "local"), "-c", "SET client_min_messages = warning", "-c",
                 f"DROP TABLE IF EXISTS {tables}", "-c", f"DROP SCHEMA {self.schema}")
            self.schema = None

    def environment(self, _peer, transport):
        environment = {**bare_environment(), **self.where}
        if transport == "tls":
            environment["PGSSLMODE"] = "require"
        return environment

    def lacks(self, transport, placement):
        by_socket = self.where["PGHOST"].startswith(("/", "@"))
        if placement:
            return "the server of DATABASE_URL cannot be pinned to a processor"
        if transport != "local" and by_socket:
            return "DATABASE_URL names a Unix socket"
        if transport == "tls" and not self.has_tls:
            return "the server of DATABASE_URL has no TLS"
        return ""

    def pin(self, cores):
        pass

    def alive(self):
        return True
