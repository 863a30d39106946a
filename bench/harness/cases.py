"""What is measured: every case as data.

A case is one program run in one way on one server. Its `mode` is its name in the results; `word`
is what the program is told. Cases of one `group` do comparable work: the best rival and the floor
of a case are looked for in its group.
"""
from dataclasses import dataclass

OWN = "pgreactor"
FLOOR = "floor"
# What the harness measures of OpenSSL itself (pbkdf2.py), to compare a first SCRAM login with.
OPENSSL = "openssl"
RIVALS = ("libpq", "libpqxx", "asyncpg", "pgx4", "tokio-postgres")
SERVERS = ("postgres", "canned")
# Answers in memory, for counts alone.
MEMORY = "memory"
K = 1000

# workload: (what it does, what one operation is)
WORKLOADS = {
    "W1": ("sequential round trips on one connection: SELECT $1::int4", "query"),
    "W2": ("single-row selects by key on one connection, 64 in flight", "query"),
    "W3": ("single-row selects by key, 256 tasks on 20 connections", "query"),
    "W4": ("bulk read of 1,000,000 rows: int8, float8, timestamptz, text", "row"),
    "W5": ("bulk write of such rows, by COPY and by INSERT", "row"),
    "W6": ("connect over TCP with SCRAM-SHA-256, close", "connect"),
    "W7": ("read of 10,000 rows of 50 int4", "row"),
}
# The operator layer's, each by DBOperator and by a held statement.
OPERATIONS = {
    "O1": ("a row by its uuid", "query"),
    "O2": ("an insert of one row", "query"),
}


@dataclass(frozen=True)
class Row:
    """A line of the table; gives a case per peer and server."""

    workload: str
    mode: str
    peers: str
    n: tuple  # operations: reduced, full
    word: str = ""  # as the mode, when empty
    depth: int = 1
    servers: tuple = SERVERS
    lengths: tuple = ()  # two N, whose difference gives counts per operation; empty: not counted
    group: str = ""  # as the mode, when empty
    transport: str = "local"  # or tcp, tls
    placement: str = ""  # same: client and server on one core; split: on one core each
    only_full: bool = False
    optional: bool = False  # a program may not offer it, our own included
    repeat: int = 1  # runs whose sums make one sample, where a run must be short


@dataclass(frozen=True)
class Case:
    """One program, run in one way on one server. Its key in the results is `key`."""

    workload: str
    server: str
    peer: str
    mode: str
    word: str
    n: int
    depth: int
    lengths: tuple
    instructions: bool
    group: str
    transport: str
    placement: str
    optional: bool
    repeat: int

    @property
    def key(self):
        return (self.workload, self.server, self.peer, self.mode)

    def __str__(self):
        return f"{self.workload} {self.peer} {self.mode} on {self.server}"


EVERY = "floor libpq libpqxx asyncpg pgx4 tokio-postgres pgreactor"
PIPELINED = "floor libpq tokio-postgres pgreactor"
BATCHED = "floor libpq pgx4 pgreactor"
POSTGRES, CANNED = ("postgres",), ("canned",)
LONG = (200 * K, 200 * K)

TABLE = (
    Row("W1", "query", EVERY, (5 * K, 20 * K), lengths=(500, 2500)),
    Row("W1", "query-same", EVERY, (5 * K, 20 * K), "query", servers=POSTGRES, placement="same"),
    Row("W1", "query-split", EVERY, (5 * K, 20 * K), "query", servers=POSTGRES, placement="split"),
    Row("W1", "spin-split", "floor pgreactor", (5 * K, 20 * K), "spin", servers=POSTGRES,
        placement="split", group="query-split"),
    Row("W1", "query-tcp", EVERY, (5 * K, 20 * K), "query", servers=POSTGRES,
        transport="tcp", only_full=True),
    Row("W2", "each", PIPELINED, (50 * K, 200 * K), depth=64, lengths=(6400, 32000)),
    Row("W2", "batch", BATCHED, (50 * K, 200 * K), depth=64, lengths=(6400, 32000)),
    Row("W2", "each-1", "libpqxx asyncpg pgx4 pgreactor", (5 * K, 20 * K), "each",
        lengths=(500, 2500)),
    Row("W2", "each-16", PIPELINED, LONG, "each", depth=16, only_full=True),
    Row("W2", "each-256", PIPELINED, LONG, "each", depth=256, only_full=True),
    Row("W2", "batch-16", BATCHED, LONG, "batch", depth=16, only_full=True),
    Row("W2", "batch-256", BATCHED, LONG, "batch", depth=256, only_full=True),
    Row("W2", "each-tcp", PIPELINED, LONG, "each", depth=64, servers=POSTGRES, transport="tcp",
        only_full=True),
    Row("W3", "pipe", PIPELINED, (60 * K, 200 * K), depth=256, lengths=(5120, 25600)),
    Row("W3", "pool", "libpq libpqxx tokio-postgres pgx4", (40 * K, 200 * K), depth=256,
        lengths=(5120, 25600)),
    Row("W3", "pool", "asyncpg", (10 * K, 50 * K), depth=256, lengths=(5120, 10240)),
    Row("W3", "pipe-tcp", PIPELINED, LONG, "pipe", depth=256, servers=POSTGRES, transport="tcp",
        only_full=True),
    Row("W3", "pipe-64", OWN, (60 * K, 200 * K), "pipe", depth=64, servers=CANNED,
        lengths=(5120, 25600)),
    Row("W3", "pipe-10000", OWN, (60 * K, 200 * K), "pipe", depth=10000, servers=CANNED,
        lengths=(20000, 60000)),
    Row("W3", "pipe1", OWN, (60 * K, 200 * K), depth=256, servers=CANNED, lengths=(5120, 25600),
        optional=True),
    Row("W3", "pipe100", OWN, (60 * K, 200 * K), depth=256, servers=CANNED, lengths=(5120, 25600),
        optional=True),
    Row("W4", "stream", "floor tokio-postgres pgx4 pgreactor", (1, 3), group="rows",
        lengths=(1, 2)),
    Row("W4", "recv", FLOOR, (1, 3), group="rows", lengths=(1, 2)),
    Row("W4", "single", "libpq", (1, 3), group="rows", lengths=(1, 2)),
    Row("W4", "whole", "libpq libpqxx asyncpg pgreactor", (1, 3), group="rows", lengths=(1, 2)),
    Row("W4", "stream", "asyncpg", (1, 3), servers=POSTGRES, group="rows", lengths=(1, 2)),
    Row("W4", "stream", "libpqxx", (1, 3), servers=POSTGRES, group="copy", lengths=(1, 2)),
    Row("W4", "copy", "libpq tokio-postgres", (1, 3), servers=POSTGRES, lengths=(1, 2)),
    Row("W5", "copy", EVERY, (200 * K, 1000 * K), lengths=(1000, 51000)),
    Row("W5", "insert", "libpq pgx4 pgreactor", (20 * K, 100 * K), depth=1000,
        lengths=(1000, 6000)),
    Row("W5", "insert", "tokio-postgres", (20 * K, 100 * K), depth=256, lengths=(1000, 6000)),
    Row("W5", "insert", "asyncpg", (20 * K, 100 * K), lengths=(1000, 6000)),
    Row("W5", "insert", "libpqxx", (5 * K, 100 * K), lengths=(500, 2500)),
    Row("W6", "connect", EVERY, (20, 100), servers=POSTGRES, transport="tcp", lengths=(5, 15)),
    Row("W6", "connect-tls", "libpq libpqxx asyncpg pgx4 pgreactor", (20, 100), "connect",
        servers=POSTGRES, transport="tls", lengths=(5, 15)),
    Row("W6", "connect-first", OWN, (1, 1), "connect", servers=POSTGRES, transport="tcp",
        group="first", repeat=10),
    Row("W6", "pbkdf2", OPENSSL, (20, 100), servers=POSTGRES, transport="tcp", group="first"),
    Row("W6", "idle-100", OWN, (100, 100), "idle", servers=CANNED, optional=True),
    Row("W6", "idle-1000", OWN, (1000, 1000), "idle", servers=CANNED, optional=True),
    Row("W7", "stream", "floor tokio-postgres pgx4 pgreactor", (10, 20), group="rows",
        lengths=(1, 3)),
    Row("W7", "single", "libpq", (10, 20), group="rows", lengths=(1, 3)),
    Row("W7", "recv", FLOOR, (10, 20), group="rows", lengths=(1, 3)),
    Row("W7", "whole", "libpq libpqxx asyncpg pgreactor", (10, 20), group="rows", lengths=(1, 3)),
)

# Peers whose calls and instructions cannot be counted, and why.
UNCOUNTED = {
    "pgx4": "Go calls the kernel without the C library, and valgrind does not run it well",
    OPENSSL: "only its time is of interest",
}
# A million rows of these under valgrind take minutes.
SLOW_UNDER_VALGRIND = {("W4", "asyncpg"), ("W4", "libpqxx")}


def case_of(row, peer, server, full):
    instructions = (
        server == "canned"
        and bool(row.lengths)
        and row.workload != "W6"
        and (full or (row.workload, peer) not in SLOW_UNDER_VALGRIND)
    )
    return Case(
        workload=row.workload,
        server=server,
        peer=peer,
        mode=row.mode,
        word=row.word or row.mode,
        n=row.n[1 if full else 0],
        depth=row.depth,
        lengths=() if peer in UNCOUNTED else row.lengths,
        instructions=instructions and peer not in UNCOUNTED,
        group=row.group or row.mode,
        transport=row.transport,
        placement=row.placement,
        optional=row.optional,
        repeat=row.repeat,
    )


def operator_cases(workloads):
    """The cases of the operator layer among these workloads (O1, O2)."""
    return [
        case_of(Row(workload, mode, OWN, (1, 1), servers=(MEMORY,)), OWN, MEMORY, False)
        for workload in OPERATIONS
        if workload in workloads
        for mode in ("held", "operator")
    ]


def select(workloads, peers, servers, full):
    """The cases of these workloads (W1 ...), peers and servers, in the order of the table.

    Peers of one row follow each other, so that what is compared is measured close in time.
    """
    return [
        case_of(row, peer, server, full)
        for workload in WORKLOADS
        if workload in workloads
        for server in SERVERS
        if server in servers
        for row in TABLE
        if row.workload == workload and server in row.servers and (full or not row.only_full)
        for peer in row.peers.split()
        if peer in peers
    ]
