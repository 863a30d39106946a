"""The command line."""
import argparse
import os
from dataclasses import dataclass

from harness.cases import FLOOR, OPENSSL, OPERATIONS, OWN, RIVALS, SERVERS, WORKLOADS
from harness.failures import BadArguments

USAGE = """bench/run [W1...W7, O1, O2] [--rivals NAME,NAME|all|none] [--server postgres|canned|both]
          [--json FILE] [--html FILE] [--full] [--rounds N] [--compare OLD.json]

Measures this library beside floors and rivals and prints a table per workload. Without a server in
DATABASE_URL a private one is started and removed.

  W1...O2    the workloads, all by default; bench/README.md says what they are
  --rivals   which of libpq, libpqxx, asyncpg, pgx4, tokio-postgres (all); those that are not there
             are installed where that is allowed, else named
  --server   PostgreSQL, the server of canned answers, or both (default)
  --json     writes the results: an array of {workload, server, peer, mode, figure, value, unit}
  --html     writes a page with plots
  --full     larger counts, five rounds, more depths and transports
  --rounds   how often every case is timed (3)
  --compare  says what moved beyond the noise since the results in OLD.json

bench/run micro [FILTER] [--iterations N] [--json FILE]   what single parts of the client cost; of
those whose name matches the regular expression

bench/harness.py readme FILE.json [--check]   rewrites the table in README.md, or checks it

The exit status is 1 when answers were wrong or this library's own program failed."""


@dataclass
class Settings:
    workloads: tuple
    rivals: tuple
    servers: tuple
    json: str
    html: str
    full: bool
    rounds: int
    compare: str
    programs: str

    @property
    def peers(self):
        return (FLOOR, OWN, OPENSSL, *self.rivals)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise BadArguments(message)


def names(text, known, what):
    """A comma list of known names, in the order of `known`."""
    given = [name for name in text.split(",") if name]
    for name in given:
        if name not in known:
            raise BadArguments(f"no {what} {name!r}; there is: {', '.join(known)}")
    return tuple(name for name in known if name in given)


def writable(path, option):
    """Checks a path before an hour of measuring ends with a complaint about it."""
    if path:
        folder = os.path.dirname(os.path.abspath(path))
        if os.path.isdir(path) or not os.path.isdir(folder) or not os.access(folder, os.W_OK):
            raise BadArguments(f"{option} {path}: not a file in a folder that can be written to")


def parse(words):
    """Settings; raises BadArguments with one line."""
    parser = Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("workloads", nargs="*")
    parser.add_argument("--rivals", default="all")
    parser.add_argument("--server", default="both")
    for option in ("--json", "--html", "--compare", "--programs"):
        parser.add_argument(option, default="")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--rounds", default="")
    given = parser.parse_intermixed_args(words)
    full_rounds = 5 if given.full else 3
    try:
        rounds = int(given.rounds or full_rounds)
    except ValueError:
        rounds = 0
    if not 1 <= rounds <= 1000:
        raise BadArguments(f"--rounds {given.rounds}: not a number from 1 to 1000")
    rivals = {"all": ",".join(RIVALS), "none": ""}.get(given.rivals, given.rivals)
    servers = {"both": ",".join(SERVERS)}.get(given.server, given.server)
    every = (*WORKLOADS, *OPERATIONS)
    writable(given.json, "--json")
    writable(given.html, "--html")
    return Settings(
        workloads=names(",".join(given.workloads), every, "workload") or every,
        rivals=names(rivals, RIVALS, "rival"),
        servers=names(servers, SERVERS, "server") or SERVERS,
        json=given.json,
        html=given.html,
        full=given.full,
        rounds=rounds,
        compare=given.compare,
        programs=given.programs,
    )
